// SPDX-License-Identifier: Apache-2.0
// What programs know from glibc and musl lacks, or does otherwise.
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <execinfo.h>
#include <fcntl.h>
#include <fmtmsg.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

__BEGIN_DECLS
extern int declared __P((int));
__END_DECLS

static void show(const char* what, long result) {
    printf("%s: %ld %d\n", what, result, result < 0 ? errno : 0);
}

static void own_name(void) { fputs("<own>", stderr); }

static void errors(void) {
    program_invocation_name = "prog";
    error(0, 0, "plain %d", 1);
    error(0, ENOENT, "with a number");
    error_at_line(0, 0, "file.c", 7, "at a line");
    error_at_line(0, EPERM, 0, 0, "at none");
    error_one_per_line = 1;
    error_at_line(0, 0, "file.c", 7, "shown");
    error_at_line(0, 0, "file.c", 7, "not shown");
    error_at_line(0, 0, "file.c", 8, "shown");
    error_print_progname = own_name;
    error(0, 0, "with its own name");
    error_print_progname = 0;
    printf("%u\n", error_message_count);
    fflush(stdout);
    if (fork() == 0) error(3, EINVAL, "the end");
    int status;
    wait(&status);
    printf("%d\n", WEXITSTATUS(status));
}

static void messages(void) {
    printf("%d %d\n", addseverity(7, "ODD") == MM_OK, addseverity(MM_ERROR, "X") == MM_NOTOK);
    fmtmsg(MM_PRINT, "lib:part", 7, "text", MM_NULLACT, MM_NULLTAG);
    printf("%d\n", addseverity(7, "VERY ODD") == MM_OK);
    fmtmsg(MM_PRINT, "lib:part", 7, "text", MM_NULLACT, MM_NULLTAG);
    fmtmsg(MM_PRINT, "lib:part", MM_WARNING, "text", MM_NULLACT, MM_NULLTAG);
    printf("%d %d\n", addseverity(7, 0) == MM_OK, addseverity(7, 0) == MM_NOTOK);
}

static void scheduling(void) {
    struct sched_param parameter = {.sched_priority = 0};
    show("policy", sched_getscheduler(0));
    show("parameter", sched_getparam(0, &parameter));
    show("priority", parameter.sched_priority);
    show("batch", sched_setscheduler(0, SCHED_BATCH, &parameter));
    show("policy", sched_getscheduler(getpid()));
    show("set", sched_setparam(0, &parameter));
    parameter.sched_priority = 5;
    show("not for this policy", sched_setparam(0, &parameter));
    show("nobody", sched_getscheduler(-1));
}

extern void __clear_cache(void*, void*);

static void nothing(int number) {}

static void waiting(void) {
    struct sigaction action = {.sa_handler = nothing};
    struct timespec moment = {0, 1000000}, minute = {60, 0};
    sigset_t set;
    siginfo_t info;
    int number = 0;
    sigaction(SIGALRM, &action, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, 0);
    show("in time", sigtimedwait(&set, &info, &moment));
    ualarm(50000, 50000);
    show("interrupted", sigtimedwait(&set, &info, &minute));
    show("interrupted", sigwaitinfo(&set, &info));
    ualarm(0, 0);
    raise(SIGUSR1);
    show("sigwait", sigwait(&set, &number));
    show("signal", number);
}

static void* lock_it(void* mutex) {
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
    pthread_mutex_lock(mutex);
    return 0;
}

static void cancelling(void) {
    static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, again = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
    pthread_t thread;
    void* result = 0;
    printf("%d %d\n", pthread_mutex_lock(&again), pthread_mutex_lock(&again));
    pthread_mutex_lock(&held);
    pthread_create(&thread, 0, lock_it, &held);
    usleep(20000);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("%d\n", result == PTHREAD_CANCELED);
}

static void calls(void) {
    char buffer[8];
    symlink("target", "link");
    show("readlink", readlink("link", buffer, 0));
    show("readlinkat", readlinkat(AT_FDCWD, "link", buffer, 0));
    show("readlink", readlink("link", buffer, 8));
    show("epoll_create", epoll_create(0));
    show("renameat2", renameat2(AT_FDCWD, "link", AT_FDCWD, "other", RENAME_NOREPLACE));
    int first = dup(0);
    dup(0);
    show("close_range", close_range(first, ~0U, 0));
    show("close", close(first));
    dup2(0, 200);
    closefrom(100);
    show("close", close(200));
    show("tgkill", tgkill(getpid(), gettid(), 0));
    show("again", TEMP_FAILURE_RETRY(close(-1)));
    printf("%o %o %o\n", ACCESSPERMS, ALLPERMS, DEFFILEMODE);
    int counts[3] = {0};
    for (int i = 0; i < 3000; i++) counts[arc4random_uniform(3)]++;
    printf("%d %d\n", counts[0] && counts[1] && counts[2], counts[0] + counts[1] + counts[2]);
    printf("%d\n", backtrace((void**)buffer, 0));
    __clear_cache(buffer, buffer + 8);
}

static int by_number(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }

static void lists(void) {
    struct item {
        int number;
        TAILQ_ENTRY(item) link;
    } items[3] = {{1}, {2}, {3}}, *at;
    TAILQ_HEAD(, item) head = TAILQ_HEAD_INITIALIZER(head);
    for (int i = 0; i < 3; i++) TAILQ_INSERT_HEAD(&head, &items[i], link);
    TAILQ_FOREACH(at, &head, link) printf("%d ", at->number);
    comparison_fn_t compare = by_number;
    int numbers[] = {3, 1, 2};
    qsort(numbers, 3, sizeof *numbers, compare);
    printf("%d%d%d\n", numbers[0], numbers[1], numbers[2]);
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    dup2(1, 2);
    errors();
    messages();
    scheduling();
    waiting();
    cancelling();
    calls();
    lists();
    return 0;
}
