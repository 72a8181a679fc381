/* SPDX-License-Identifier: Apache-2.0
 * syscall(2) by its address, or declared by the caller: the arguments are as wide as the caller has stored them, which
 * is guessed to be what the call takes. <unistd.h> makes other calls: see bits/arguments.h. */
#include <stdarg.h>
#include "wali_arguments.h"

long __wali_syscall(long, long, long, long, long, long, long);

long syscall(long n, ...) {
    long a[6] = {0};
    va_list ap;
    va_start(ap, n);
    if (n >= 0 && n < (long)(sizeof wali_arguments / sizeof *wali_arguments)) {
        for (int i = 0; ap && i < wali_arguments[n].count; i++)
            a[i] = wali_arguments[n].wide >> i & 1 ? va_arg(ap, long) : va_arg(ap, int);
    }
    va_end(ap);
    return __wali_syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
}
