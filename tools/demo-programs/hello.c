// SPDX-License-Identifier: Apache-2.0
// An ordinary C program for WASI: compiled by a stock clang against Debian's wasi-libc, nothing of ours in it.
#include <stdio.h>

int main(int argc, char** argv) {
    printf("Hello from WebAssembly, with a C library: 1/3 = %.6f\n", 1.0 / 3.0);
    for (int i = 1; i < argc; ++i) printf("  argument %d is '%s'\n", i, argv[i]);
    return 0;
}
