// SPDX-License-Identifier: Apache-2.0
// Threads for the test programs: the least a libc would do. A thread runs fn(tid, argument) and ends with sys_exit.
#pragma once

#include "guest.h"

enum { FUTEX_WAIT = 128, FUTEX_WAKE = 129, STACK_BYTES = 16384 };

struct thread_t {
    void* stack_top;  // read by thread_entry
    void (*fn)(int tid, void* argument);
    void* argument;
    volatile u32 done;  // becomes 1 and is woken when the thread is about to end
    int tid;
};

static inline void wake(volatile u32* word, int count) { sys_futex(word, FUTEX_WAKE, count, 0, 0, 0); }
static inline void wait_for(volatile u32* word, u32 value) {
    for (u32 now = __atomic_load_n(word, 5); now != value; now = __atomic_load_n(word, 5)) {
        sys_futex(word, FUTEX_WAIT, now, 0, 0, 0);
    }
}
void thread_main(int tid, struct thread_t* self) {
    self->fn(tid, self->argument);
    __atomic_store_n(&self->done, 1, 5);
    wake(&self->done, 1 << 30);
    for (;;) sys_exit(0);
}

#ifdef __wasm__
IMPORT("__wasm_thread_spawn") int spawn_import(void (*entry)(int, struct thread_t*), struct thread_t*);
void thread_entry(int tid, struct thread_t* self);
__asm__(
    ".globaltype __stack_pointer, i32\n"
    ".functype thread_main (i32, i32) -> ()\n"
    ".globl thread_entry\n"
    ".type thread_entry,@function\n"
    "thread_entry:\n"
    ".functype thread_entry (i32, i32) -> ()\n"
    "local.get 1\n"
    "i32.load 0\n"
    "global.set __stack_pointer\n"
    "local.get 0\n"
    "local.get 1\n"
    "call thread_main\n"
    "end_function\n");
// The tid, or negative.
static inline int spawn(struct thread_t* t) {
    u8* stack = (u8*)(usize)sys_mmap(0, STACK_BYTES, 3, 0x22, -1, 0);
    t->stack_top = stack + STACK_BYTES;
    t->done = 0;
    return spawn_import(thread_entry, t);
}
#else
extern int pthread_create(unsigned long*, const void*, void* (*)(void*), void*);
static volatile u32 native_tid;
static void* native_entry(void* self) {
    int tid = (int)sys_gettid();
    __atomic_store_n(&native_tid, (u32)tid, 5);
    thread_main(tid, self);
    return 0;
}
static inline int spawn(struct thread_t* t) {
    unsigned long handle;
    t->done = 0;
    __atomic_store_n(&native_tid, 0, 5);
    int error = pthread_create(&handle, 0, native_entry, t);
    if (error) return -error;
    while (!__atomic_load_n(&native_tid, 5)) sys_sched_yield();
    return (int)native_tid;
}
#endif
static inline int start(struct thread_t* t, void (*fn)(int, void*), void* argument) {
    t->fn = fn;
    t->argument = argument;
    t->tid = spawn(t);
    return t->tid;
}
// Waits until the thread is gone for the kernel too: it takes no more signals, and its status counts no more.
static inline void join(struct thread_t* t) {
    wait_for(&t->done, 1);
    while (sys_tkill(t->tid, 0) == 0) sys_sched_yield();
#ifdef __wasm__
    sys_munmap((u8*)t->stack_top - STACK_BYTES, STACK_BYTES);
#endif
}
