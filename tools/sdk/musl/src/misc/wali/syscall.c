/* SPDX-License-Identifier: Apache-2.0
 * syscall(2). A program that uses it imports every call. */
#define _BSD_SOURCE
#include <stdarg.h>
#include <unistd.h>
#include "syscall.h"
#include "wali_syscalls_va.h"

#undef syscall

long syscall(long n, ...) {
    va_list ap;
    va_start(ap, n);
    long r = wali_syscall_va(n, ap);
    va_end(ap);
    return __syscall_ret(r);
}
