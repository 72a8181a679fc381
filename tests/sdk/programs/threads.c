// SPDX-License-Identifier: Apache-2.0
// POSIX threads: creation, every kind of lock, thread-specific data, once, cancellation, detached threads.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kThreads = 8, kRounds = 2000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static sem_t semaphore;
static long counter, spun, written, destroyed, initialised;
static int turn;
static _Thread_local int local = 7;
static _Thread_local char buffer[64] = "initial";

static void initialise(void) {
    initialised++;
}

static void destroy(void* value) {
    __atomic_add_fetch(&destroyed, (long)(intptr_t)value, __ATOMIC_SEQ_CST);
}

static void* worker(void* arg) {
    intptr_t number = (intptr_t)arg;
    pthread_once(&once, initialise);
    pthread_setspecific(key, (void*)(number + 1));
    if (local != 7 || strcmp(buffer, "initial") != 0) abort();
    local = (int)number;
    snprintf(buffer, sizeof buffer, "thread %d", (int)number);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < kRounds; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
        pthread_spin_lock(&spin);
        spun++;
        pthread_spin_unlock(&spin);
        if (i % 16 == 0) {
            pthread_rwlock_wrlock(&rwlock);
            written++;
        } else {
            pthread_rwlock_rdlock(&rwlock);
        }
        pthread_rwlock_unlock(&rwlock);
    }
    pthread_mutex_lock(&mutex);
    while (turn != number) pthread_cond_wait(&changed, &mutex);
    printf("turn of %s, local %d\n", buffer, local);
    turn++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    sem_post(&semaphore);
    return (void*)(number * 10);
}

static void crowd(void) {
    pthread_t threads[kThreads];
    void* result;
    long sum = 0;
    for (intptr_t i = 0; i < kThreads; i++) {
        int r = pthread_create(&threads[i], 0, worker, (void*)i);
        if (r != 0) printf("pthread_create: %s\n", strerror(r));
    }
    for (int i = 0; i < kThreads; i++) {
        pthread_join(threads[i], &result);
        sum += (intptr_t)result;
    }
    for (int i = 0; i < kThreads; i++) sem_wait(&semaphore);
    printf("results %ld counter %ld spun %ld written %ld destroyed %ld initialised %ld local %d\n", sum, counter, spun,
           written, destroyed, initialised, local);
}

static void* locks_and_dies(void* mutex_to_lock) {
    pthread_mutex_lock(mutex_to_lock);
    return 0;
}

static void kinds_of_mutex(void) {
    pthread_mutexattr_t attr;
    pthread_mutex_t m;
    pthread_t t;
    struct timespec soon;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&m, &attr);
    pthread_mutex_lock(&m);
    printf("error checking: %d\n", pthread_mutex_lock(&m));
    pthread_mutex_unlock(&m);
    printf("not the owner: %d\n", pthread_mutex_unlock(&m));
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m, &attr);
    pthread_mutex_lock(&m);
    printf("recursive: %d\n", pthread_mutex_lock(&m));
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_NORMAL);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&m, &attr);
    pthread_create(&t, 0, locks_and_dies, &m);
    pthread_join(t, 0);
    printf("robust: %s\n", pthread_mutex_lock(&m) == EOWNERDEAD ? "owner died" : "?");
    printf("consistent: %d\n", pthread_mutex_consistent(&m));
    pthread_mutex_unlock(&m);
    pthread_mutex_lock(&m);
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 1000000;
    if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
    printf("timed out: %d\n",
           pthread_mutex_trylock(&m) == EBUSY && pthread_cond_timedwait(&changed, &m, &soon) == ETIMEDOUT);
}

static void cleanup(void* text) {
    printf("cleanup: %s\n", (char*)text);
}

static void* reads_forever(void* fds) {
    char c;
    pthread_cleanup_push(cleanup, "in read");
    sem_post(&semaphore);
    for (;;) read(((int*)fds)[0], &c, 1);
    pthread_cleanup_pop(0);
    return 0;
}

static void* waits_forever(void* unused) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push((void (*)(void*))pthread_mutex_unlock, &mutex);
    sem_post(&semaphore);
    for (;;) pthread_cond_wait(&changed, &mutex);
    pthread_cleanup_pop(0);
    return unused;
}

static void* computes_forever(void* unused) {
    volatile unsigned long n = 0;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
    sem_post(&semaphore);
    for (;;) n++;
    return unused;
}

static void* cannot_be_cancelled(void* unused) {
    struct timespec a_moment = {0, 20000000};
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
    sem_post(&semaphore);
    while (nanosleep(&a_moment, &a_moment) != 0) continue;
    printf("not cancelled yet\n");
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, 0);
    pthread_testcancel();
    return unused;
}

static void cancel_one(const char* name, void* (*body)(void*), void* arg) {
    pthread_t t;
    void* result;
    pthread_create(&t, 0, body, arg);
    sem_wait(&semaphore);
    pthread_cancel(t);
    pthread_join(t, &result);
    printf("%s: %s\n", name, result == PTHREAD_CANCELED ? "cancelled" : "returned");
}

static void cancellation(void) {
    int fds[2];
    pipe(fds);
    cancel_one("blocked in read", reads_forever, fds);
    cancel_one("waiting for a condition", waits_forever, 0);
    printf("mutex is free: %d\n", pthread_mutex_trylock(&mutex));
    pthread_mutex_unlock(&mutex);
    cancel_one("asynchronous", computes_forever, 0);
    cancel_one("disabled", cannot_be_cancelled, 0);
}

static void* detached(void* unused) {
    sem_post(&semaphore);
    return unused;
}

static void many_detached(void) {
    pthread_attr_t attr;
    size_t size;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, 65536);
    pthread_attr_getstacksize(&attr, &size);
    printf("stack size %zu\n", size);
    for (int i = 0; i < 200; i++) {
        pthread_t t;
        while (pthread_create(&t, &attr, detached, 0) != 0) usleep(1000);
    }
    for (int i = 0; i < 200; i++) sem_wait(&semaphore);
    printf("200 detached threads\n");
}

int main(void) {
    pthread_key_create(&key, destroy);
    pthread_spin_init(&spin, 0);
    pthread_barrier_init(&barrier, 0, kThreads);
    sem_init(&semaphore, 0, 0);
    crowd();
    kinds_of_mutex();
    cancellation();
    many_detached();
    return 0;
}
