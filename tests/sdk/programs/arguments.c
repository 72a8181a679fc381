// SPDX-License-Identifier: Apache-2.0
// Functions that take whatever is passed: int, long, pointers, constants; by name and by address.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ulimit.h>
#include <unistd.h>

static volatile sig_atomic_t signals;
static void on_signal(int number) { signals += number; }

static void show(const char* what, long result) {
    printf("%s: %ld %d\n", what, result, result < 0 ? errno : 0);
}

static void by_name(void) {
    long descriptor = 1;
    short one = 1;
    unsigned char ten = 10;
    const char* const text = "written by a long\n";
    const volatile char* const other = text;
    int word = 5;
    enum { NUMBER = SYS_write } number = NUMBER;
    show("write", syscall(SYS_write, descriptor, text, strlen(text)));
    show("an enumeration", syscall(number, one, other, (size_t)18));
    show("a character", syscall(SYS_write, 1, &ten, 1L));
    show("tgkill", syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1));
    printf("signals %d\n", signals);
    show("lseek", syscall(SYS_lseek, open("/dev/zero", O_RDONLY), 0, SEEK_CUR));
    show("missing ones are not zero, but here", syscall(SYS_getpid) == getpid());
    show("futex", syscall(SYS_futex, &word, FUTEX_WAIT, 6, NULL, NULL, 0));
    show("futex, long", syscall(SYS_futex, &word, (long)FUTEX_WAKE, 1LL, 0, 0, 0UL));
    show("mmap of nothing", syscall(SYS_mmap, 0, 0, 0, 0x22, -1, 0));
    show("openat", syscall(SYS_openat, AT_FDCWD, "/nowhere", O_RDONLY, 0));
    show("no such call", syscall(100000, 1, 2, 3));
    show("a negative one", syscall(-1L));
    show("an expression", (long)(0 ? syscall(SYS_close, -1) : syscall(SYS_close, (char)-1)));
}

static void by_address(void) {
    long (*call)(long, ...) = syscall;
    show("getppid", call(SYS_getppid) == getppid());
    show("write", (call)(SYS_write, 1, "by address\n", (size_t)11));
    show("lseek", call(SYS_lseek, 1000, (off_t)5, SEEK_SET));
    show("in parentheses", (syscall)(SYS_dup, 1000));
}

static void others(void) {
    char name[32] = "", *target = name;
    struct rlimit limit;
    show("prctl", prctl(PR_SET_NAME, "a name"));
    show("prctl", prctl(PR_GET_NAME, target));
    puts(name);
    show("prctl", prctl(PR_SET_PDEATHSIG, (long)SIGTERM));
    int got = 0;
    show("prctl", prctl(PR_GET_PDEATHSIG, &got, 0, 0, 0));
    printf("%d\n", got == SIGTERM);
    show("ulimit", ulimit(UL_SETFSIZE, 1000));
    getrlimit(RLIMIT_FSIZE, &limit);
    printf("%lu %ld\n", (unsigned long)limit.rlim_cur, ulimit(UL_GETFSIZE));
    show("ulimit", ulimit(-1));
}

static void semaphores(void) {
    union semun {
        int value;
        struct semid_ds* status;
        unsigned short* all;
    } book = {3};
    struct semid_ds status;
    unsigned short values[2] = {8, 9};
    int id = semget(IPC_PRIVATE, 2, 0600);
    show("by the book", semctl(id, 0, SETVAL, book));
    show("a number", semctl(id, 1, SETVAL, 4));
    show("value", semctl(id, 0, GETVAL));
    show("value", semctl(id, 1, GETVAL, 0));
    show("a long", semctl(id, 1, SETVAL, 5L));
    show("value", semctl(id, 1, GETVAL));
    show("a pointer", semctl(id, 0, IPC_STAT, &status));
    printf("%d %o %d\n", (int)status.sem_nsems, status.sem_perm.mode & 0777, status.sem_ctime > 0);
    show("an array", semctl(id, 0, SETALL, values));
    show("value", semctl(id, 1, GETVAL));
    int (*call)(int, int, int, ...) = semctl;
    book.all = values;
    values[0] = values[1] = 0;
    show("by address", call(id, 0, GETALL, book));
    printf("%d %d\n", values[0], values[1]);
    show("remove", call(id, 0, IPC_RMID));
}

static void widths(void) {
    struct stat status = {.st_size = 5};
    struct timespec time = {7, 8};
    int64_t a = INT64_C(-9);
    uint64_t b = UINT64_C(18446744073709551615);
    intmax_t c = -10;
    struct rlimit limit = {11, RLIM_INFINITY};
    printf("%ld %ld %ld %ld %lu %ld %lu\n", a, time.tv_sec, (long)time.tv_nsec, status.st_size, b, INT64_MAX, limit.rlim_cur);
    printf("%" PRId64 " %" PRIu64 " %jd %" PRIdMAX " %" PRIxFAST64 " %lu\n", a, b, c, c, (uint_fast64_t)255, UINT64_MAX);
    int64_t read = 0;
    intmax_t largest = 0;
    printf("%d ", sscanf("-5 77", "%ld %jd", &read, &largest));
    printf("%ld %jd\n", read, largest);
}

int main(void) {
    setvbuf(stdout, 0, _IONBF, 0);
    signal(SIGUSR1, on_signal);
    by_name();
    by_address();
    others();
    semaphores();
    widths();
    return 0;
}
