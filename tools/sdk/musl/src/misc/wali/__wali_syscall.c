/* SPDX-License-Identifier: Apache-2.0
 * What syscall(2) comes to. A program that uses it imports every call. */
#include "syscall.h"

long __wali_syscall(long n, long a, long b, long c, long d, long e, long f) {
    return __syscall_ret(wali_syscall(n, a, b, c, d, e, f));
}
