/* SPDX-License-Identifier: Apache-2.0
 * Jumps are made by the engine: each call is an import. The labels keep these functions apart from those of the same
 * name in the library, which serve programs that do not include this header.
 * With __WALI_SJLJ_EXCEPTIONS__ the compiler makes them of WebAssembly exceptions, and goes by the plain names. */
typedef unsigned long __jmp_buf[26];

#ifdef __WALI_SJLJ_EXCEPTIONS__
#define __WALI_JUMP(name)
#else
#define __WALI_JUMP(name) __asm__("__wali_" #name) __attribute__((__import_module__("wali"), __import_name__(#name)))
#endif
