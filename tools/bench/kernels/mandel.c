// SPDX-License-Identifier: Apache-2.0
// Mandelbrot escape counts: a tight f64 loop with no memory traffic.
#include "kernel.h"
int main(int argc, char** argv) {
    int n = (int)kernel_arg(argc, argv, 1000);
    uint32_t sum = 0;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            double cr = 2.6 * x / n - 1.9, ci = 2.2 * y / n - 1.1, zr = 0, zi = 0;
            int k = 0;
            for (; k < 256; k++) {
                double r2 = zr * zr, i2 = zi * zi;
                if (r2 + i2 > 4.0) break;
                zi = 2 * zr * zi + ci;
                zr = r2 - i2 + cr;
            }
            sum = sum * 31 + k;
        }
    printf("mandel %d %08x\n", n, sum);
}
