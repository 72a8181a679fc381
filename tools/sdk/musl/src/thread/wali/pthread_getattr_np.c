/* SPDX-License-Identifier: Apache-2.0
 * The first thread's stack is a part of the module that the linker has symbols for. It begins after what NULL points to
 * (crt1.c), which counts as its guard. */
#define _GNU_SOURCE
#include "pthread_impl.h"

extern char __stack_low[], __stack_high[];

enum { NULL_PAGE = 65536 };

int pthread_getattr_np(pthread_t t, pthread_attr_t* a) {
    *a = (pthread_attr_t){0};
    a->_a_detach = t->detach_state >= DT_DETACHED;
    a->_a_guardsize = t->guard_size;
    a->_a_stackaddr = t->stack ? (uintptr_t)t->stack : (uintptr_t)__stack_high;
    a->_a_stacksize = t->stack ? t->stack_size : (uintptr_t)__stack_high - (uintptr_t)__stack_low - NULL_PAGE;
    return 0;
}
