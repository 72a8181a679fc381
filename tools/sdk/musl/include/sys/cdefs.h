/* SPDX-License-Identifier: Apache-2.0
 * What BSD's and glibc's headers define for declarations, and programs have come to use. */
#ifndef _SYS_CDEFS_H
#define _SYS_CDEFS_H
#include <features.h>

#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS   }
#define __THROW       throw()
#define __NTH(fct)    fct throw()
#else
#define __BEGIN_DECLS
#define __END_DECLS
#define __THROW    __attribute__((__nothrow__))
#define __NTH(fct) __attribute__((__nothrow__)) fct
#endif
#define __P(arguments)     arguments
#define __PMT(arguments)   arguments
#define __CONCAT(x, y)     x##y
#define __STRING(x)        #x
#define __ptr_t            void*
#define __nonnull(numbers) __attribute__((__nonnull__ numbers))
#define __wur
#define __glibc_likely(condition)   __builtin_expect(!!(condition), 1)
#define __glibc_unlikely(condition) __builtin_expect(!!(condition), 0)

#endif
