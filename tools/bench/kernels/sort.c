// SPDX-License-Identifier: Apache-2.0
// Quicksort then heapsort of pseudo-random i32: data-dependent branches, loads/stores.
#include "kernel.h"
static void quick(int32_t* a, int lo, int hi) {
    while (hi - lo > 12) {
        int32_t p = a[(lo + hi) >> 1];
        int i = lo, j = hi;
        while (i <= j) {
            while (a[i] < p) i++;
            while (a[j] > p) j--;
            if (i <= j) {
                int32_t t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - lo < hi - i) {
            quick(a, lo, j);
            lo = i;
        } else {
            quick(a, i, hi);
            hi = j;
        }
    }
    for (int i = lo + 1; i <= hi; i++) {
        int32_t v = a[i];
        int j = i - 1;
        while (j >= lo && a[j] > v) {
            a[j + 1] = a[j];
            j--;
        }
        a[j + 1] = v;
    }
}
static void sift(int32_t* a, int i, int n) {
    int32_t v = a[i];
    for (int c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && a[c + 1] > a[c]) c++;
        if (a[c] <= v) break;
        a[i] = a[c];
    }
    a[i] = v;
}
static void heap(int32_t* a, int n) {
    for (int i = n / 2; i-- > 0;) sift(a, i, n);
    for (int e = n - 1; e > 0; e--) {
        int32_t t = a[0];
        a[0] = a[e];
        a[e] = t;
        sift(a, 0, e);
    }
}
int main(int argc, char** argv) {
    int n = (int)kernel_arg(argc, argv, 1000000);
    int32_t *a = malloc(4 * n), *b = malloc(4 * n);
    uint32_t s = 99, h = 0;
    for (int i = 0; i < n; i++) a[i] = b[i] = (int32_t)rng_next(&s);
    quick(a, 0, n - 1);
    heap(b, n);
    for (int i = 0; i < n; i++) {
        if (a[i] != b[i] || (i && a[i - 1] > a[i])) {
            printf("sort: WRONG\n");
            return 1;
        }
        h = h * 33 + (uint32_t)a[i];
    }
    printf("sort %d %08x\n", n, h);
}
