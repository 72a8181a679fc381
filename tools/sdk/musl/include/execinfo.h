/* SPDX-License-Identifier: Apache-2.0
 * A WebAssembly function cannot see who has called it: traces are empty. wali-run prints one when a program crashes. */
#ifndef _EXECINFO_H
#define _EXECINFO_H
#ifdef __cplusplus
extern "C" {
#endif

int backtrace(void**, int);
char** backtrace_symbols(void* const*, int);
void backtrace_symbols_fd(void* const*, int, int);

#ifdef __cplusplus
}
#endif
#endif
