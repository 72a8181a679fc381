// SPDX-License-Identifier: Apache-2.0
// Fast Fourier transform: f64, strides of every size.
#include "../kernels/kernel.h"

enum { N = 4096 };
static double re[N], im[N], cosines[N / 2], sines[N / 2];

static void swap(double* a, double* b) {
    double t = *a;
    *a = *b;
    *b = t;
}
static void transform(void) {
    for (int i = 1, k = 0; i < N; i++) {
        int bit = N >> 1;
        for (; k & bit; bit >>= 1) k ^= bit;
        k ^= bit;
        if (i < k) {
            swap(&re[i], &re[k]);
            swap(&im[i], &im[k]);
        }
    }
    for (int length = 2; length <= N; length <<= 1) {
        for (int first = 0; first < N; first += length) {
            for (int k = 0; k < length / 2; k++) {
                int low = first + k, high = low + length / 2;
                double c = cosines[k * (N / length)], s = -sines[k * (N / length)];
                double x = re[high] * c - im[high] * s, y = re[high] * s + im[high] * c;
                re[high] = re[low] - x;
                im[high] = im[low] - y;
                re[low] += x;
                im[low] += y;
            }
        }
    }
}

int main(int argc, char** argv) {
    long rounds = kernel_arg(argc, argv, 800);
    // Of 2 pi / N.
    double c = 1, s = 0, step_c = 0.99999882345170188, step_s = 0.0015339801862847655, sum = 0;
    for (int i = 0; i < N / 2; i++) {
        cosines[i] = c;
        sines[i] = s;
        double next = c * step_c - s * step_s;
        s = c * step_s + s * step_c;
        c = next;
    }
    for (int i = 0; i < N; i++) re[i] = i % 17;
    for (long n = 0; n < rounds; n++) {
        transform();
        for (int i = 0; i < N; i++) {
            re[i] /= 64;
            im[i] /= 64;
        }
    }
    for (int i = 0; i < N; i++) sum += re[i] * re[i] + im[i] * im[i];
    printf("fourier %ld %.9e\n", rounds, sum);
}
