// SPDX-License-Identifier: Apache-2.0
// Doubly recursive Fibonacci: call/return cost.
#include "kernel.h"
__attribute__((noinline)) static uint32_t fib(uint32_t n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
int main(int argc, char** argv) {
    long n = kernel_arg(argc, argv, 38);
    printf("fib %ld = %u\n", n, fib((uint32_t)n));
}
