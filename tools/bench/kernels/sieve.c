// SPDX-License-Identifier: Apache-2.0
// Sieve of Eratosthenes over bytes: strided stores and a counting scan.
#include "kernel.h"
int main(int argc, char** argv) {
    int n = (int)kernel_arg(argc, argv, 4000000), rounds = 16;
    uint32_t c = 0;
    uint8_t* f = malloc(n + 1);
    for (int k = 0; k < rounds; k++) {
        memset(f, 1, n + 1);
        for (int i = 2; i * i <= n; i++)
            if (f[i])
                for (int j = i * i; j <= n; j += i) f[j] = 0;
        for (int i = 2; i <= n; i++) c += f[i];
    }
    printf("sieve %d x%d %u\n", n, rounds, c);
}
