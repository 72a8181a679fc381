// SPDX-License-Identifier: Apache-2.0
// memory.copy / memory.fill of mixed sizes, from a few bytes to 64 KiB.
#include "kernel.h"
int main(int argc, char** argv) {
    long n = kernel_arg(argc, argv, 8000000);
    uint8_t *a = malloc(1 << 20), *b = malloc(1 << 20);
    uint32_t s = 31, h = 0;
    for (int i = 0; i < 1 << 20; i++) a[i] = (uint8_t)rng_next(&s);
    for (long i = 0; i < n; i++) {
        uint32_t r = rng_next(&s), len = (r & 127) + 8;
        if ((i & 255) == 0) len = 65536 - (r & 4095);
        uint32_t p = (r >> 7) & 0x7ffff, q = (r >> 11) & 0x7ffff;
        switch (r >> 30) {
            case 0:
                memcpy(b + p, a + q, len);
                break;
            case 1:
                memmove(b + p, b + q, len);
                break;
            case 2:
                memset(b + q, (int)r, len);
                break;
            default:
                memcpy(a + q, b + p, len);
                break;
        }
        h += b[p] ^ a[q + len - 1];
    }
    printf("memops %ld %08x\n", n, h);
}
