// SPDX-License-Identifier: Apache-2.0
// SHA-256 of a generated buffer: rotates, adds, xors, unrolled by the compiler.
#include "kernel.h"
static uint32_t K[64], H[8];
static uint32_t ror(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}
// Constants from their definition (fractional parts of roots of primes), in integer arithmetic.
static uint32_t frac_root(uint32_t p, int cube) {
    uint64_t lo = 0, hi = (uint64_t)20 << 32;  // root * 2^32
    while (hi - lo > 1) {
        uint64_t m = (lo + hi) / 2;
        unsigned __int128 s = (unsigned __int128)m * m;
        int ge =
            cube ? (unsigned __int128)(s >> 32) * m > ((unsigned __int128)p << 64) : s > ((unsigned __int128)p << 64);
        if (ge)
            hi = m;
        else
            lo = m;
    }
    return (uint32_t)lo;
}
static void consts(void) {
    int n = 0;
    for (uint32_t p = 2; n < 64; p++) {
        int prime = 1;
        for (uint32_t d = 2; d * d <= p; d++)
            if (p % d == 0) prime = 0;
        if (!prime) continue;
        K[n] = frac_root(p, 1);
        if (n < 8) H[n] = frac_root(p, 0);
        n++;
    }
}
static void block(const uint8_t* d) {
    uint32_t w[64], a = H[0], b = H[1], c = H[2], e = H[4], f = H[5], g = H[6], h = H[7], dd = H[3];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)d[4 * i] << 24 | d[4 * i + 1] << 16 | d[4 * i + 2] << 8 | d[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (ror(x, 7) ^ ror(x, 18) ^ x >> 3) + (ror(y, 17) ^ ror(y, 19) ^ y >> 10);
    }
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = h + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
        uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = dd + t1;
        dd = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    H[0] += a;
    H[1] += b;
    H[2] += c;
    H[3] += dd;
    H[4] += e;
    H[5] += f;
    H[6] += g;
    H[7] += h;
}
int main(int argc, char** argv) {
    long mb = kernel_arg(argc, argv, 16);
    uint8_t* buf = malloc(1 << 20);
    uint32_t s = 12345;
    for (int i = 0; i < 1 << 20; i++) buf[i] = (uint8_t)rng_next(&s);
    consts();
    for (long m = 0; m < mb; m++)
        for (int i = 0; i < 1 << 20; i += 64) block(buf + i);
    printf("sha256 %ld MiB (unpadded) ", mb);
    for (int i = 0; i < 8; i++) printf("%08x", H[i]);
    printf("\n");
}
