// SPDX-License-Identifier: Apache-2.0
// Memory: the allocator alone and under threads, mappings of all kinds, shared memory between processes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kPage = 4096 };

static unsigned next(unsigned* seed) {
    return *seed = *seed * 1664525u + 1013904223u;
}

static void fill(unsigned char* block, size_t size) {
    for (size_t i = 0; i < size; i++) block[i] = (unsigned char)(size * 31 + i);
}

static int intact(const unsigned char* block, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (block[i] != (unsigned char)(size * 31 + i)) return 0;
    return 1;
}

static void* churns(void* number) {
    unsigned char* blocks[64] = {0};
    size_t sizes[64] = {0}, bad = 0;
    unsigned seed = (unsigned)(uintptr_t)number;
    for (int round = 0; round < 600; round++) {
        unsigned slot = next(&seed) >> 26;
        size_t size = (next(&seed) >> 16) % (round % 60 == 0 ? 200000 : 500);
        bad += blocks[slot] != 0 && !intact(blocks[slot], sizes[slot]);
        if (round % 3 == 0) {
            unsigned char* larger = realloc(blocks[slot], size + 1);
            bad += blocks[slot] != 0 && sizes[slot] > 0 && size > 0 && larger[0] != (unsigned char)(sizes[slot] * 31);
            blocks[slot] = larger;
        } else {
            free(blocks[slot]);
            blocks[slot] = round % 3 == 1 ? malloc(size + 1) : calloc(1, size + 1);
            if (round % 3 == 2)
                for (size_t i = 0; i <= size; i++) bad += blocks[slot][i] != 0;
        }
        sizes[slot] = size;
        fill(blocks[slot], size);
    }
    for (int i = 0; i < 64; i++) free(blocks[i]);
    return (void*)bad;
}

static void allocator(void) {
    pthread_t threads[6];
    void* bad;
    uintptr_t all = (uintptr_t)churns((void*)99);
    for (uintptr_t i = 0; i < 6; i++) pthread_create(&threads[i], 0, churns, (void*)(i + 1));
    for (int i = 0; i < 6; i++) pthread_join(threads[i], &bad), all += (uintptr_t)bad;
    printf("damaged %d\n", (int)all);
    int aligned = 1;
    for (size_t a = 16; a <= 1 << 16; a *= 2) {
        void *p = 0, *q = aligned_alloc(a, a);
        aligned &= posix_memalign(&p, a, a + 3) == 0 && ((uintptr_t)p | (uintptr_t)q) % a == 0;
        free(p), free(q);
    }
    void* p = malloc(100);
    printf("%d %d %d\n", aligned, posix_memalign(&p, 3, 8), malloc_usable_size(p) >= 100);
    printf("%d %d\n", calloc(SIZE_MAX / 2, 4) == 0 && errno == ENOMEM, reallocarray(0, SIZE_MAX / 2, 4) == 0);
    printf("%d\n", malloc(0) != 0);
}

static void mappings(void) {
    char* p = mmap(0, 8 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("%d %d\n", (uintptr_t)p % kPage == 0, p[0] | p[8 * kPage - 1]);
    memset(p, 7, 8 * kPage);
    printf("%d", munmap(p + 2 * kPage, 2 * kPage));
    char* q = mmap(p + 2 * kPage, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf(" %d %d %d\n", q == p + 2 * kPage, q[0], p[0]);
    printf("%d\n", madvise(p, kPage, MADV_DONTNEED) == 0 && p[0] == 0 && p[kPage] == 7);
    p = mmap(0, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(p, "moved");
    p = mremap(p, kPage, 64 * kPage, MREMAP_MAYMOVE);
    printf("%s %d\n", p, p[64 * kPage - 1]);
    printf("%d %d\n", mprotect(p, kPage, PROT_READ), mprotect(p, kPage, PROT_READ | PROT_WRITE));
    printf("%d", mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    printf(" %d\n", errno);
    printf("%d", mmap(0, kPage, PROT_READ, MAP_SHARED, 99, 0) == MAP_FAILED);
    printf(" %d\n", errno);
    void* before = sbrk(0);
    printf("%d\n", before != (void*)-1);
}

static void files(void) {
    int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char text[16] = {0};
    ftruncate(fd, 3 * kPage);
    pwrite(fd, "in the file", 11, 2 * kPage);
    char* shared = mmap(0, 3 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char* private = mmap(0, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 2 * kPage);
    printf("%.11s %.11s\n", shared + 2 * kPage, private);
    memcpy(private, "private", 7);
    pread(fd, text, 11, 2 * kPage);
    printf("%s\n", text);
    memcpy(shared, "shared", 6);
    pread(fd, text, 6, 0);
    printf("%.6s %d\n", text, msync(shared, kPage, MS_SYNC));
    fflush(stdout);
    if (fork() == 0) {
        memcpy(shared, "child!", 6);
        memcpy(private, "CHILD", 5);
        _exit(0);
    }
    wait(0);
    printf("%.6s %.7s\n", shared, private);
    printf("%d %d\n", munmap(shared, 3 * kPage), munmap(private, kPage));
    close(fd);
    fd = memfd_create("memory", 0);
    printf("%zd %d\n", write(fd, "x", 1), ftruncate(fd, 100));
    close(fd);
}

struct area {
    sem_t semaphore;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_barrier_t barrier;
    int count, turn;
};

static void child_of_area(struct area* area) {
    sem_post(&area->semaphore);
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&area->mutex);
        area->count++;
        pthread_mutex_unlock(&area->mutex);
    }
    pthread_mutex_lock(&area->mutex);
    while (area->turn == 0) pthread_cond_wait(&area->changed, &area->mutex);
    pthread_mutex_unlock(&area->mutex);
    pthread_barrier_wait(&area->barrier);
    pthread_mutex_lock(&area->mutex);  // and dies with it
    _exit(area->turn);
}

static void between_processes(void) {
    char name[64];
    snprintf(name, sizeof name, "/wali-sdk-%d", (int)getpid());
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    ftruncate(fd, kPage);
    struct area* area = mmap(0, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("%d %d\n", shm_unlink(name), shm_open(name, O_RDWR, 0) == -1 && errno == ENOENT);
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_barrierattr_t barrier;
    pthread_mutexattr_init(&mutex), pthread_condattr_init(&condition), pthread_barrierattr_init(&barrier);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
    pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&area->mutex, &mutex);
    pthread_cond_init(&area->changed, &condition);
    pthread_barrier_init(&area->barrier, &barrier, 2);
    sem_init(&area->semaphore, 1, 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) child_of_area(area);
    sem_wait(&area->semaphore);
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&area->mutex);
        area->count++;
        pthread_mutex_unlock(&area->mutex);
    }
    pthread_mutex_lock(&area->mutex);
    area->turn = 5;
    pthread_cond_signal(&area->changed);
    pthread_mutex_unlock(&area->mutex);
    pthread_barrier_wait(&area->barrier);
    int status;
    waitpid(pid, &status, 0);
    printf("%d %d %d\n", area->count, WEXITSTATUS(status), pthread_mutex_lock(&area->mutex) == EOWNERDEAD);
    printf("%d %d\n", pthread_mutex_consistent(&area->mutex), pthread_mutex_unlock(&area->mutex));
}

int main(void) {
    allocator();
    mappings();
    files();
    between_processes();
    return 0;
}
