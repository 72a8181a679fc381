/* SPDX-License-Identifier: Apache-2.0
 * The two uses that the library makes of clone: a thread, which is __wasm_thread_spawn, and posix_spawn's child, which
 * shares the memory of its parent until it executes; that is a fork here. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <unistd.h>
#include "pthread_impl.h"
#include "syscall.h"

__attribute__((__import_module__("wali"), __import_name__("__wasm_thread_spawn"))) int __wasm_thread_spawn(
    void (*)(int, void*), void*);

/* thread_entry.s reads the first two. */
struct thread_start {
    void *stack, *tls;
    int (*func)(void*);
    void* arg;
    pthread_t self;
};

void __wasm_thread_start_libc(int, void*);
hidden void* __wali_tls_of(pthread_t);

/* What thread_entry.s calls, on the new thread and its stack. */
hidden void __wali_thread_main(int tid, struct thread_start* start) {
    __set_thread_area(start->self);
    start->self->tid = tid;
    start->func(start->arg);
    __wali_exit_thread(0);
}

static int new_thread(int (*func)(void*), void* stack, void* arg, int* tid, pthread_t self) {
    uintptr_t top = (uintptr_t)stack - sizeof(struct thread_start) & -16;
    struct thread_start* start = (void*)top;
    *start = (struct thread_start){start, __wali_tls_of(self), func, arg, self};
    int r = __wasm_thread_spawn(__wasm_thread_start_libc, start);
    if (r < 0) return -EAGAIN;
    /* The creator holds the thread list, so the new thread cannot have ended. */
    *tid = r;
    return r;
}

static int in_child(int r, int (*func)(void*), void* arg) {
    if (r) return r;
    __pthread_self()->tid = __syscall(SYS_gettid);
    _exit(func(arg));
}

int __clone(int (*func)(void*), void* stack, int flags, void* arg, ...) {
    va_list ap;
    if (flags == (CLONE_VM | CLONE_VFORK | SIGCHLD) || flags == SIGCHLD) return in_child(__syscall(SYS_fork), func, arg);
    va_start(ap, arg);
    int* tid = va_arg(ap, int*);
    void* tls = va_arg(ap, void*);
    int* child_tid = va_arg(ap, int*);
    va_end(ap);
    if (flags & CLONE_THREAD) return new_thread(func, stack, arg, tid, tls);
    return in_child(__syscall(SYS_clone, flags, 0, tid, child_tid, 0), func, arg);
}
