// SPDX-License-Identifier: Apache-2.0
// What crossing the boundary to the kernel costs: prints, for each sort of call, the nanoseconds of the batch at the
// lower quartile (disturbance only adds): of processor time where all happens in one thread, else of the clock. The same
// source is built natively and with the SDK. A fork copies the process, so it prints its size too; with an argument, it
// takes that many KiB first.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 9 };

static clockid_t time_source;
static double now(void) {
    struct timespec t;
    clock_gettime(time_source, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void* a, const void* b) {
    double x = *(const double*)a, y = *(const double*)b;
    return (x > y) - (x < y);
}

static void measure(const char* name, void (*once)(void), int count, clockid_t by) {
    time_source = by;
    double batch[BATCHES];
    for (int i = 0; i < BATCHES; ++i) {
        double start = now();
        for (int n = 0; n < count; ++n) once();
        batch[i] = (now() - start) / count;
    }
    qsort(batch, BATCHES, sizeof batch[0], ascending);
    printf("%s\t%.1f\n", name, batch[BATCHES / 4]);
    fflush(stdout);
}

static int zero, null;
static char byte;
static volatile sig_atomic_t handled;

static void parent(void) {
    getppid();
}
static void read_byte(void) {
    if (read(zero, &byte, 1) != 1) abort();
}
static void write_byte(void) {
    if (write(null, &byte, 1) != 1) abort();
}
static void on_signal(int signal) {
    (void)signal;
    handled = 1;
}
static void deliver(void) {
    handled = 0;
    kill(getpid(), SIGUSR1);
    while (!handled) sched_yield();
}
static void* at_once(void* argument) {
    return argument;
}
static void thread(void) {
    pthread_t id;
    if (pthread_create(&id, NULL, at_once, NULL) != 0) abort();
    pthread_join(id, NULL);
}
static void process(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0 || waitpid(child, NULL, 0) != child) abort();
}
static void spawned(void) {
    char* arguments[] = {"true", NULL};
    char* environment[] = {NULL};
    pid_t child;
    if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environment) != 0) abort();
    if (waitpid(child, NULL, 0) != child) abort();
}

// Private memory that this process, an engine included, has touched.
static int size_in_kib(void) {
    char line[256];
    int kib = 0;
    FILE* status = fopen("/proc/self/status", "r");
    if (status == NULL) abort();
    while (fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "RssAnon: %d", &kib) == 1) break;
    }
    fclose(status);
    return kib;
}
static void grow_to(int kib) {
    while (size_in_kib() < kib) memset(malloc(16 << 10), 1, 16 << 10);
}

int main(int argc, char** argv) {
    zero = open("/dev/zero", O_RDONLY);
    null = open("/dev/null", O_WRONLY);
    signal(SIGUSR1, on_signal);
    measure("getppid", parent, 100000, CLOCK_PROCESS_CPUTIME_ID);
    measure("read 1 byte", read_byte, 100000, CLOCK_PROCESS_CPUTIME_ID);
    measure("write 1 byte", write_byte, 100000, CLOCK_PROCESS_CPUTIME_ID);
    measure("signal to handler", deliver, 10000, CLOCK_PROCESS_CPUTIME_ID);
    if (argc > 1) grow_to(atoi(argv[1]));
    measure("fork, exit and wait", process, 100, CLOCK_MONOTONIC);
    printf("size\t%d\n", size_in_kib());
    measure("posix_spawn of true, and wait", spawned, 30, CLOCK_MONOTONIC);
    // Last: libc forks a program that has had threads with more care.
    measure("thread create and join", thread, 300, CLOCK_MONOTONIC);
    return 0;
}
