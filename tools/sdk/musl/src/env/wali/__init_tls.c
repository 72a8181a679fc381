/* SPDX-License-Identifier: Apache-2.0
 * Thread-local storage. The linker knows its size and has an image of it in the module; __wasm_init_tls copies that
 * image to an address and makes it the calling thread's. What a thread gets, from low to high addresses:
 *   struct pthread, padding, thread-local storage
 * The first thread's storage is part of the module's data, where the start function has put it. */
#include <string.h>
#include "pthread_impl.h"
#include "libc.h"
#include "syscall.h"

volatile int __thread_list_lock;

static struct pthread first;
static int no_thread_list_lock;

int __init_tp(void* p) {
    pthread_t td = p;
    td->self = td;
    __set_thread_area(td);
    libc.can_do_threads = 1;
    td->detach_state = DT_JOINABLE;
    /* Threads unlock the list themselves: see __wali_exit_thread. */
    td->tid = __syscall(SYS_set_tid_address, &no_thread_list_lock);
    td->locale = &libc.global_locale;
    td->robust_list.head = &td->robust_list.head;
    td->next = td->prev = td;
    return 0;
}

static size_t tls_align(void) {
    size_t align = __builtin_wasm_tls_align();
    return align < 16 ? 16 : align;
}

/* Where the storage of a thread begins. */
hidden void* __wali_tls_of(pthread_t td) {
    uintptr_t end = (uintptr_t)(td + 1);
    return (void*)(end + (-end & (tls_align() - 1)));
}

void* __copy_tls(unsigned char* mem) {
    mem += -(uintptr_t)mem & (tls_align() - 1);
    return memset(mem, 0, sizeof(struct pthread));
}

void __init_tls(size_t* aux) {
    libc.tls_align = tls_align();
    libc.tls_size = sizeof(struct pthread) + __builtin_wasm_tls_size() + 2 * libc.tls_align;
    libc.tls_size += -libc.tls_size & (libc.tls_align - 1);
    __init_tp(&first);
}
