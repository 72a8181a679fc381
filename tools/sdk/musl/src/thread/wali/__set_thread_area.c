/* SPDX-License-Identifier: Apache-2.0 */
#include "pthread_impl.h"

_Thread_local uintptr_t __wali_thread_pointer;

int __set_thread_area(void* p) {
    __wali_thread_pointer = (uintptr_t)p;
    return 0;
}
