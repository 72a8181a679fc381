/* SPDX-License-Identifier: Apache-2.0
 * How threads end. musl leaves it to the kernel to unlock the thread list once the stack is not in use any more
 * (CLONE_CHILD_CLEARTID). A WebAssembly function keeps what it needs outside of memory, so the thread can do that
 * itself: behind the store, or the unmapping, nothing here touches its stack or thread-local storage. */
#include "pthread_impl.h"
#include "atomic.h"
#include "syscall.h"

_Noreturn void __wali_exit_thread(volatile int* state) {
    a_store(&__thread_list_lock, 0);
    __wake(&__thread_list_lock, 1, 0);
    /* The memory may be another's by now; a word that is woken for nothing is looked at again. */
    if (state) __wake(state, 1, 1);
    for (;;) __syscall(SYS_exit, 0);
}

void __unmapself(void* base, size_t size) {
    __syscall(SYS_munmap, base, size);
    __wali_exit_thread(0);
}
