/* SPDX-License-Identifier: Apache-2.0
 * Whatever the number of arguments, a call is wali_syscall, which is generated: see syscalls.cc. */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#define IPC_64 0

#include "wali_syscalls.h"

#define __WALI_INLINE static inline __attribute__((__always_inline__))

__WALI_INLINE long __syscall0(long n) { return wali_syscall(n, 0, 0, 0, 0, 0, 0); }
__WALI_INLINE long __syscall1(long n, long a) { return wali_syscall(n, a, 0, 0, 0, 0, 0); }
__WALI_INLINE long __syscall2(long n, long a, long b) { return wali_syscall(n, a, b, 0, 0, 0, 0); }
__WALI_INLINE long __syscall3(long n, long a, long b, long c) { return wali_syscall(n, a, b, c, 0, 0, 0); }
__WALI_INLINE long __syscall4(long n, long a, long b, long c, long d) { return wali_syscall(n, a, b, c, d, 0, 0); }
__WALI_INLINE long __syscall5(long n, long a, long b, long c, long d, long e) {
    return wali_syscall(n, a, b, c, d, e, 0);
}
__WALI_INLINE long __syscall6(long n, long a, long b, long c, long d, long e, long f) {
    return wali_syscall(n, a, b, c, d, e, f);
}

/* Cancellation points. musl asks by the program counter whether a signal came while a call was blocked. Here
 * __wali_cancel_point says so; it is cleared right behind the call, with nothing in between at which an engine would
 * run a signal handler. See pthread_cancel.c. */
extern hidden _Thread_local volatile int __wali_cancel_point;
hidden long __wali_cancel_enter(long n);       /* what __wali_cancel_point was, or -errno */
hidden long __wali_cancel_interrupted(long n); /* the result after EINTR, if it returns */

__WALI_INLINE long __syscall_cp(long n, long a, long b, long c, long d, long e, long f) {
    long before = __wali_cancel_enter(n);
    if (before < 0) return before;
    long result = wali_syscall(n, a, b, c, d, e, f);
    __wali_cancel_point = before;
    return result == -EINTR ? __wali_cancel_interrupted(n) : result;
}
