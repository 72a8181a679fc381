// SPDX-License-Identifier: Apache-2.0
// Clocks and timers: sleeping, alarms, intervals, POSIX timers with signals and threads, timers as descriptors.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static sem_t fired;

static void counts(int sig) {
    (void)sig;
    count++;
}

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void clocks(void) {
    clockid_t all[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_BOOTTIME};
    struct timespec resolution;
    struct timeval day;
    for (int i = 0; i < 5; i++) {
        int r = clock_getres(all[i], &resolution);
        int64_t a = now(all[i]), b = now(all[i]);
        printf("%d %d %d\n", r, resolution.tv_sec == 0 && resolution.tv_nsec > 0, b >= a);
    }
    gettimeofday(&day, 0);
    printf("%d %d\n", labs((long)(day.tv_sec - time(0))) < 5, clock_gettime(99, &resolution) == -1 && errno == EINVAL);
    struct tms cpu;
    printf("%d %d %d\n", times(&cpu) != -1, clock() >= 0, (int)sysconf(_SC_CLK_TCK));
    clockid_t of_process;
    printf("%d %d\n", clock_getcpuclockid(getpid(), &of_process), now(of_process) > 0);
}

static void sleeping(void) {
    struct timespec short_time = {0, 3000000}, left = {9, 9}, until;
    int64_t begin = now(CLOCK_MONOTONIC);
    printf("%d", nanosleep(&short_time, &left));
    printf(" %d\n", now(CLOCK_MONOTONIC) - begin >= 3000000);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 3000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    printf("%d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0));
    printf(" %d\n", now(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000LL + until.tv_nsec);
    short_time.tv_nsec = 1000000000;
    printf("%d %d\n", nanosleep(&short_time, 0), errno);
    printf("%d\n", clock_nanosleep(CLOCK_REALTIME, 0, &short_time, 0));
}

static void intervals(void) {
    struct itimerval interval = {{0, 2000}, {0, 2000}}, old;
    struct timespec long_time = {100, 0}, left = {0, 0};
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = counts}, 0);
    sigaction(SIGVTALRM, &(struct sigaction){.sa_handler = counts}, 0);
    setitimer(ITIMER_REAL, &interval, 0);
    int r = nanosleep(&long_time, &left);
    printf("%d %d %d\n", r, errno, left.tv_sec >= 98);
    while (count < 3) pause();
    getitimer(ITIMER_REAL, &old);
    printf("%d\n", (int)old.it_interval.tv_usec);
    memset(&interval, 0, sizeof interval);
    setitimer(ITIMER_REAL, &interval, &old);
    printf("%d\n", old.it_value.tv_usec <= 2000);
    count = 0;
    interval.it_value.tv_usec = 1000;
    setitimer(ITIMER_VIRTUAL, &interval, 0);
    while (count == 0) continue;
    printf("virtual %d\n", (int)count);
    printf("%u", alarm(100));
    printf(" %d\n", alarm(0) > 90);
}

static void notified(union sigval value) {
    if (value.sival_int == 42) sem_post(&fired);
}

static void posix_timers(void) {
    timer_t timer;
    struct itimerspec soon = {{0, 2000000}, {0, 1000000}}, left, never = {{0, 0}, {0, 0}};
    struct sigevent in_thread = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified, .sigev_value.sival_int = 42};
    sem_init(&fired, 0, 0);
    printf("%d\n", timer_create(CLOCK_MONOTONIC, &in_thread, &timer));
    printf("%d\n", timer_settime(timer, 0, &soon, 0));
    for (int i = 0; i < 3; i++) sem_wait(&fired);
    timer_gettime(timer, &left);
    printf("fired in threads, interval %ld\n", (long)left.it_interval.tv_nsec);
    printf("%d %d\n", timer_settime(timer, 0, &never, 0), timer_delete(timer));
    struct sigevent silent = {.sigev_notify = SIGEV_NONE};
    printf("%d\n", timer_create(CLOCK_REALTIME, &silent, &timer));
    soon.it_value.tv_sec = 500;
    timer_settime(timer, 0, &soon, 0);
    timer_gettime(timer, &left);
    printf("%d %d\n", left.it_value.tv_sec >= 499, timer_delete(timer));
    printf("%d", timer_create(99, &silent, &timer));
    printf(" %d\n", errno);
    count = 0;
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = counts}, 0);
    struct sigevent by_signal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_create(CLOCK_MONOTONIC, &by_signal, &timer);
    soon = (struct itimerspec){{0, 1000000}, {0, 1000000}};
    timer_settime(timer, 0, &soon, 0);
    while (count < 5) pause();
    timer_delete(timer);
    printf("five signals\n");
}

static void descriptors(void) {
    struct itimerspec soon = {{0, 1000000}, {0, 1000000}}, left;
    uint64_t expired = 0;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    printf("%zd %d\n", read(fd, &expired, sizeof expired), errno);
    timerfd_settime(fd, 0, &soon, 0);
    struct pollfd polled = {fd, POLLIN, 0};
    printf("%d\n", poll(&polled, 1, 10000));
    printf("%zd %d\n", read(fd, &expired, sizeof expired), expired >= 1);
    timerfd_gettime(fd, &left);
    printf("%ld\n", (long)left.it_interval.tv_nsec);
    struct timespec limit = {0, 1000000};
    soon = (struct itimerspec){{0, 0}, {1000, 0}};
    timerfd_settime(fd, 0, &soon, 0);
    printf("%d\n", ppoll(&polled, 1, &limit, 0));
    close(fd);
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    clocks();
    sleeping();
    intervals();
    posix_timers();
    descriptors();
    return 0;
}
