// SPDX-License-Identifier: Apache-2.0
// Dense f64 matrix product, i-k-j order, plus an i32 product.
#include "kernel.h"
int main(int argc, char** argv) {
    int n = (int)kernel_arg(argc, argv, 350);
    double *a = malloc(8 * n * n), *b = malloc(8 * n * n), *c = calloc(n * n, 8);
    int32_t *x = malloc(4 * n * n), *y = malloc(4 * n * n), *z = calloc(n * n, 4);
    uint32_t s = 7, h = 0;
    for (int i = 0; i < n * n; i++) {
        a[i] = (rng_next(&s) & 1023) / 64.0;
        b[i] = (rng_next(&s) & 1023) / 32.0;
        x[i] = rng_next(&s) & 255;
        y[i] = rng_next(&s) & 255;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            double v = a[i * n + k];
            for (int j = 0; j < n; j++) c[i * n + j] += v * b[k * n + j];
        }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int32_t v = 0;
            for (int k = 0; k < n; k++) v += x[i * n + k] * y[k * n + j];
            z[i * n + j] = v;
        }
    double t = 0;
    for (int i = 0; i < n * n; i++) {
        t += c[i];
        h = h * 31 + (uint32_t)z[i];
    }
    printf("matmul %d %.3f %08x\n", n, t, h);
}
