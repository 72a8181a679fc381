// SPDX-License-Identifier: Apache-2.0
// Signals: handlers of both kinds, masks, alternate stacks, jumps out of handlers, waiting, queues, timers.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count, order[8];
static sigjmp_buf back;
static char other_stack[16384] __attribute__((aligned(16)));
static volatile int on_other_stack;

static void counts(int sig) {
    if (count < 8) order[count] = sig;
    count++;
}

static void tells(int sig, siginfo_t* info, void* context) {
    ucontext_t* saved = context;
    printf("signal SIGRTMIN%+d code %d own pid %d value %d usr2 was blocked %d\n", sig - SIGRTMIN, info->si_code,
           info->si_pid == getpid(), info->si_value.sival_int, sigismember(&saved->uc_sigmask, SIGUSR2));
}

static void looks_where(int sig) {
    char here;
    (void)sig;
    on_other_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
}

static void jumps(int sig) {
    siglongjmp(back, sig);
}

static void install(int sig, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    if (sigaction(sig, &action, 0) != 0) perror("sigaction");
}

static void basics(void) {
    struct sigaction old;
    install(SIGUSR1, counts, 0);
    raise(SIGUSR1);
    printf("raised: %d\n", (int)count);
    sigaction(SIGUSR1, 0, &old);
    printf("installed %d, is it the handler %d\n", old.sa_handler != SIG_DFL, old.sa_handler == counts);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    sigaction(SIGUSR1, 0, &old);
    printf("ignored: %d, says so %d\n", (int)count, old.sa_handler == SIG_IGN);
    install(SIGUSR1, counts, SA_RESETHAND);
    raise(SIGUSR1);
    sigaction(SIGUSR1, 0, &old);
    printf("reset: %d %d\n", (int)count, old.sa_handler == SIG_DFL);
    printf("invalid: %d %d\n", sigaction(SIGKILL, &old, 0), errno);
    printf("name: %s\n", strsignal(SIGTERM));
}

static void masks(void) {
    sigset_t set, old, pending;
    count = 0;
    install(SIGUSR1, counts, 0);
    install(SIGUSR2, counts, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    sigpending(&pending);
    printf("blocked: %d, pending %d %d\n", (int)count, sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
    printf("sigsuspend: %d %d, count %d\n", sigsuspend(&old), errno, (int)count);
    sigprocmask(SIG_SETMASK, &old, 0);
    printf("order: %d %d\n", (int)order[0], (int)order[1]);
}

static void with_information(void) {
    struct sigaction action = {.sa_sigaction = tells, .sa_flags = SA_SIGINFO};
    sigset_t set;
    sigemptyset(&action.sa_mask);
    sigaction(SIGRTMIN, &action, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, 0);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42});
    sigprocmask(SIG_UNBLOCK, &set, 0);
    kill(getpid(), SIGRTMIN);
}

static void alternate_stack(void) {
    stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack}, old;
    sigaltstack(&stack, &old);
    printf("no stack before: %d\n", (old.ss_flags & SS_DISABLE) != 0);
    install(SIGUSR1, looks_where, SA_ONSTACK);
    raise(SIGUSR1);
    printf("on the other stack: %d\n", on_other_stack);
    install(SIGUSR1, looks_where, 0);
    raise(SIGUSR1);
    printf("on the other stack: %d\n", on_other_stack);
}

static void jump_out(void) {
    sigset_t mask;
    install(SIGUSR1, jumps, 0);
    for (volatile int round = 0; round < 3; round++) {
        int value = sigsetjmp(back, 1);
        if (value == 0) {
            raise(SIGUSR1);
            printf("not reached\n");
        }
        sigprocmask(0, 0, &mask);
        printf("jumped with %d, still blocked %d\n", value, sigismember(&mask, SIGUSR1));
    }
}

static void interrupted(void) {
    struct itimerval soon = {.it_value = {0, 20000}}, never = {0};
    int fds[2];
    char c;
    count = 0;
    pipe(fds);
    install(SIGALRM, counts, 0);
    setitimer(ITIMER_REAL, &soon, 0);
    ssize_t n = read(fds[0], &c, 1);
    printf("read: %zd, errno %d, handlers %d\n", n, n < 0 ? errno : 0, (int)count);
    install(SIGALRM, counts, SA_RESTART);
    soon.it_interval.tv_usec = 5000;
    setitimer(ITIMER_REAL, &soon, 0);
    if (fork() == 0) {
        usleep(100000);
        _exit(write(fds[1], "x", 1) != 1);
    }
    n = read(fds[0], &c, 1);
    setitimer(ITIMER_REAL, &never, 0);
    printf("restarted read: %zd, several handlers %d\n", n, count > 3);
    wait(0);
}

static void timers(void) {
    sigset_t set;
    siginfo_t info;
    timer_t timer;
    struct timespec limit = {5, 0};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 7};
    struct itimerspec soon = {.it_value = {0, 10000000}};
    uint64_t expirations = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, 0);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) {
        printf("timer_create: %d\n", errno);
    } else {
        timer_settime(timer, 0, &soon, 0);
        int sig = sigtimedwait(&set, &info, &limit);
        printf("timer: %d value %d overrun %d\n", sig == SIGRTMIN + 1, info.si_value.sival_int,
               timer_getoverrun(timer));
        timer_delete(timer);
    }
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(fd, 0, &soon, 0);
    read(fd, &expirations, sizeof expirations);
    printf("timerfd: %d\n", (int)expirations);
    limit.tv_sec = 0;
    printf("nothing to wait for: %d %d\n", sigtimedwait(&set, 0, &limit), errno);
}

static void* waits(void* set) {
    int sig = 0;
    sigwait(set, &sig);
    return (void*)(long)sig;
}

static void in_threads(void) {
    sigset_t set;
    pthread_t thread;
    void* result;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, 0);
    pthread_create(&thread, 0, waits, &set);
    pthread_kill(thread, SIGUSR2);
    pthread_join(thread, &result);
    printf("thread got %ld\n", (long)result);
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    basics();
    masks();
    with_information();
    alternate_stack();
    jump_out();
    interrupted();
    timers();
    in_threads();
    return 0;
}
