// SPDX-License-Identifier: Apache-2.0
// Edit distance of two strings: a table row by row, minima, bytes.
#include "../kernels/kernel.h"

enum { LENGTH = 1200 };

int main(int argc, char** argv) {
    static char a[LENGTH], b[LENGTH];
    static int row[LENGTH + 1];
    long pairs = kernel_arg(argc, argv, 30);
    uint32_t s = 9;
    int sum = 0;
    for (long n = 0; n < pairs; n++) {
        for (int i = 0; i < LENGTH; i++) {
            a[i] = (char)('a' + rng_next(&s) % 6);
            b[i] = (char)('a' + rng_next(&s) % 6);
        }
        for (int k = 0; k <= LENGTH; k++) row[k] = k;
        for (int i = 1; i <= LENGTH; i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int k = 1; k <= LENGTH; k++) {
                int best = diagonal + (a[i - 1] != b[k - 1]);
                diagonal = row[k];
                if (row[k] + 1 < best) best = row[k] + 1;
                if (row[k - 1] + 1 < best) best = row[k - 1] + 1;
                row[k] = best;
            }
        }
        sum += row[LENGTH];
    }
    printf("distance %ld %d\n", pairs, sum);
}
