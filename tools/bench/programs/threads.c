// SPDX-License-Identifier: Apache-2.0
// How threads share the work: prints the nanoseconds that one thread and two threads take for the same work, for
// counting with atomics and for handing a mutex to and fro. The same source is built natively and with the SDK.
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// Runs `body` in `count` threads and returns the nanoseconds until all have ended.
static double run(int count, void* (*body)(void*), void* argument) {
    pthread_t threads[8];
    double start = now();
    for (int i = 0; i < count; ++i) pthread_create(&threads[i], NULL, body, argument);
    for (int i = 0; i < count; ++i) pthread_join(threads[i], NULL);
    return now() - start;
}

static _Atomic uint32_t result;
static void* hash(void* argument) {
    uint32_t h = 1;
    for (long n = *(long*)argument; n > 0; --n) {
        h ^= h << 13;
        h ^= h >> 17;
        h ^= h << 5;
    }
    result ^= h;
    return NULL;
}

static _Atomic uint64_t counter;
static void* count_up(void* argument) {
    for (long n = *(long*)argument; n > 0; --n) atomic_fetch_add(&counter, 1);
    return NULL;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static _Atomic int players;
static int turn;
static void* play(void* argument) {
    int me = atomic_fetch_add(&players, 1) & 1;
    pthread_mutex_lock(&mutex);
    for (long n = *(long*)argument; n > 0; --n) {
        while (turn != me) pthread_cond_wait(&changed, &mutex);
        turn = !me;
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void) {
    long whole = 200000000, half = whole / 2, counts = 5000000, turns = 20000;
    printf("parallel work, 1 thread\t%.0f\n", run(1, hash, &whole));
    printf("parallel work, 2 threads\t%.0f\n", run(2, hash, &half));
    printf("atomic counter, 2 threads\t%.2f\n", run(2, count_up, &counts) / (double)counts);
    printf("mutex to and fro\t%.1f\n", run(2, play, &turns) / (double)turns);
    return counter == 2 * (uint64_t)counts ? 0 : 1;
}
