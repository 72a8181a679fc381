// SPDX-License-Identifier: Apache-2.0
// Rarer parts of POSIX threads: clean-up in all ways to end, destructors of keys, forks in threads, timed locks,
// priorities, names, affinity, stacks, named semaphores, and programs that fork while threads run.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_key_t first, second;
static int rounds;
static char order[64];

static void again(void* value) {
    if (rounds++ < 2) pthread_setspecific(first, value);
}

static void notes(void* text) {
    strcat(order, text);
}

static void* ends(void* how) {
    pthread_setspecific(first, "value");
    pthread_setspecific(second, "K");
    pthread_cleanup_push(notes, "A");
    pthread_cleanup_push(notes, "B");
    if (how == (void*)1) pthread_exit((void*)11);
    if (how == (void*)2) {
        pthread_cancel(pthread_self());
        pthread_testcancel();
    }
    pthread_cleanup_pop(1);
    pthread_cleanup_pop(0);
    return (void*)22;
}

static void ways_to_end(void) {
    pthread_t t;
    void* result;
    pthread_key_create(&first, again);
    pthread_key_create(&second, notes);
    for (uintptr_t how = 0; how < 3; how++) {
        rounds = 0, order[0] = 0;
        pthread_create(&t, 0, ends, (void*)how);
        pthread_join(t, &result);
        printf("%d: %s, %d, destroyed %d times\n", (int)how, order, (int)(intptr_t)result, rounds);
    }
    printf("%d\n", pthread_key_delete(second));
}

static void before(void) {
    strcat(order, "<");
}
static void in_parent(void) {
    strcat(order, "p");
}
static void in_child(void) {
    strcat(order, "c");
}

static void* forks(void* unused) {
    (void)unused;
    pid_t pid = fork();
    if (pid == 0) {
        // The only thread there is; it can make others.
        pthread_t t;
        void* result;
        int r = pthread_create(&t, 0, ends, (void*)1);
        r |= pthread_join(t, &result);
        exit(r == 0 && strcmp(order, "<cBA") == 0 ? 7 : 8);
    }
    int status;
    waitpid(pid, &status, 0);
    return (void*)(intptr_t)WEXITSTATUS(status);
}

static void forks_in_threads(void) {
    pthread_t t;
    void* result;
    order[0] = 0;
    pthread_atfork(before, in_parent, in_child);
    fflush(stdout);
    pthread_create(&t, 0, forks, 0);
    pthread_join(t, &result);
    printf("%s, child %d\n", order, (int)(intptr_t)result);
}

static void in_time(struct timespec* t, clockid_t clock) {
    clock_gettime(clock, t);
    t->tv_nsec += 2000000;
    if (t->tv_nsec >= 1000000000) t->tv_sec++, t->tv_nsec -= 1000000000;
}

static void timed(void) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    pthread_condattr_t attr;
    pthread_cond_t condition;
    struct timespec limit;
    sem_t semaphore;
    pthread_mutex_lock(&mutex);
    in_time(&limit, CLOCK_REALTIME);
    printf("%d", pthread_mutex_timedlock(&mutex, &limit));
    pthread_rwlock_rdlock(&lock);
    printf(" %d %d %d", pthread_rwlock_tryrdlock(&lock), pthread_rwlock_trywrlock(&lock), pthread_rwlock_timedwrlock(&lock, &limit));
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&condition, &attr);
    in_time(&limit, CLOCK_MONOTONIC);
    printf(" %d", pthread_cond_timedwait(&condition, &mutex, &limit));
    sem_init(&semaphore, 0, 1);
    in_time(&limit, CLOCK_REALTIME);
    sem_wait(&semaphore);
    printf(" %d", sem_timedwait(&semaphore, &limit));
    printf(" %d", errno);
    printf(" %d", sem_trywait(&semaphore));
    printf(" %d\n", errno);
}

static void* waits(void* barrier) {
    pthread_barrier_wait(barrier);
    return 0;
}

static void attributes(void) {
    pthread_attr_t attr;
    pthread_barrier_t barrier;
    pthread_t t;
    cpu_set_t cpus;
    struct sched_param priority;
    char name[16];
    void* stack;
    size_t size;
    int policy;
    pthread_barrier_init(&barrier, 0, 2);
    pthread_attr_init(&attr);
    printf("%d\n", pthread_attr_setstacksize(&attr, 1));
    pthread_attr_setstacksize(&attr, 300000);
    pthread_create(&t, &attr, waits, &barrier);
    printf("%d", pthread_setname_np(t, "fifteen letters"));
    printf(" %d", pthread_getname_np(t, name, sizeof name));
    printf(" %s %d\n", name, pthread_setname_np(t, "sixteen letters!"));
    pthread_getschedparam(t, &policy, &priority);
    printf("%d %d\n", policy == SCHED_OTHER, priority.sched_priority);
    pthread_getattr_np(t, &attr);
    pthread_attr_getstack(&attr, &stack, &size);
    printf("%d %d\n", stack != 0, size >= 290000);
    printf("%d %d\n", pthread_getaffinity_np(t, sizeof cpus, &cpus), CPU_COUNT(&cpus) > 0);
    printf("%d %d %d\n", pthread_equal(t, t) != 0, pthread_equal(t, pthread_self()), pthread_tryjoin_np(t, 0) == EBUSY);
    printf("%d\n", pthread_kill(t, 0));
    pthread_barrier_wait(&barrier);
    pthread_join(t, 0);
    pthread_getattr_np(pthread_self(), &attr);
    pthread_attr_getstack(&attr, &stack, &size);
    char here;
    printf("%d\n", &here >= (char*)stack && &here < (char*)stack + size);
}

static void named_semaphores(void) {
    char name[64];
    int value;
    snprintf(name, sizeof name, "/wali-sdk-%d", (int)getpid());
    sem_t* semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
    printf("%d %d\n", semaphore != SEM_FAILED, sem_open(name, O_CREAT | O_EXCL, 0600, 2) == SEM_FAILED && errno == EEXIST);
    fflush(stdout);
    if (fork() == 0) {
        sem_t* same = sem_open(name, 0);
        _exit(sem_post(same));
    }
    wait(0);
    sem_getvalue(semaphore, &value);
    printf("%d %d %d\n", value, sem_unlink(name), sem_close(semaphore));
}

static void* spins(void* stop) {
    while (!__atomic_load_n((int*)stop, __ATOMIC_SEQ_CST)) free(malloc(100));
    return 0;
}

static void forks_beside_threads(void) {
    pthread_t threads[3];
    int stop = 0, good = 0, status;
    fflush(stdout);
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], 0, spins, &stop);
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            free(malloc(100000));
            _exit(3);
        }
        waitpid(pid, &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 3;
    }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
    printf("%d children\n", good);
}

static void loading(void) {
    void* library = dlopen("libabsent.so.1", RTLD_NOW | RTLD_GLOBAL);
    const char* error = dlerror();
    printf("%d, says why %d, once %d\n", library == 0, error != 0 && strlen(error) > 5, dlerror() == 0);
    printf("%d %d\n", dlsym(RTLD_DEFAULT, "no_such_symbol") == 0, dlerror() != 0);
}

int main(void) {
    ways_to_end();
    forks_in_threads();
    timed();
    attributes();
    named_semaphores();
    forks_beside_threads();
    loading();
    return 0;
}
