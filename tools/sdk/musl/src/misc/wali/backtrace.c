/* SPDX-License-Identifier: Apache-2.0 */
#include <execinfo.h>
#include <stdlib.h>

int backtrace(void** frames, int size) {
    return 0;
}

char** backtrace_symbols(void* const* frames, int size) {
    return malloc(sizeof(char*)); /* freed by the caller */
}

void backtrace_symbols_fd(void* const* frames, int size, int fd) {
}
