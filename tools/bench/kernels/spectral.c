// SPDX-License-Identifier: Apache-2.0
// Spectral norm of the infinite matrix A(i,j)=1/((i+j)(i+j+1)/2+i+1).
#include "kernel.h"

#include <math.h>
static inline double a(int i, int j) {
    int s = i + j;
    return 1.0 / (double)(s * (s + 1) / 2 + i + 1);
}
static void mul_av(int n, const double* v, double* o) {
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < n; j++) s += a(i, j) * v[j];
        o[i] = s;
    }
}
static void mul_atv(int n, const double* v, double* o) {
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < n; j++) s += a(j, i) * v[j];
        o[i] = s;
    }
}
int main(int argc, char** argv) {
    int n = (int)kernel_arg(argc, argv, 1300);
    double *u = malloc(n * 8), *v = malloc(n * 8), *t = malloc(n * 8);
    for (int i = 0; i < n; i++) u[i] = 1;
    for (int k = 0; k < 10; k++) {
        mul_av(n, u, t);
        mul_atv(n, t, v);
        mul_av(n, v, t);
        mul_atv(n, t, u);
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    printf("spectral %d %.9f\n", n, sqrt(uv / vv));
}
