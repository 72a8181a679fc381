/* SPDX-License-Identifier: Apache-2.0
 * Cancellation points of programs that never cancel a thread. */
#include "pthread_impl.h"
#include "syscall.h"

_Thread_local volatile int __wali_cancel_point;

static long enter(long n) {
    return 0;
}

static long interrupted(long n) {
    return -EINTR;
}

weak_alias(enter, __wali_cancel_enter);
weak_alias(interrupted, __wali_cancel_interrupted);
