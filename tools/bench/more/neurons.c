// SPDX-License-Identifier: Apache-2.0
// Two layers of a neural network: f32, sums of products.
#include "../kernels/kernel.h"

enum { N = 64 };
static float first[N][N], second[N][N], input[N], hidden[N];

static float weighted(const float* weights, const float* values) {
    float sum = 0;
    for (int i = 0; i < N; i++) sum += weights[i] * values[i];
    return sum;
}

int main(int argc, char** argv) {
    long rounds = kernel_arg(argc, argv, 20000);
    uint32_t s = 2;
    for (int i = 0; i < N; i++) {
        input[i] = (float)i / N;
        for (int k = 0; k < N; k++) {
            first[i][k] = (float)((int)(rng_next(&s) % 2001) - 1000) / 4000;
            second[i][k] = (float)((int)(rng_next(&s) % 2001) - 1000) / 4000;
        }
    }
    for (long n = 0; n < rounds; n++) {
        for (int i = 0; i < N; i++) {
            float sum = weighted(first[i], input);
            hidden[i] = sum > 0 ? sum : sum / 8;
        }
        for (int i = 0; i < N; i++) {
            float sum = weighted(second[i], hidden);
            input[i] = sum / (1 + (sum < 0 ? -sum : sum)) * 0.875F + 0.0625F;
        }
    }
    float sum = 0;
    for (int i = 0; i < N; i++) sum += input[i];
    printf("neurons %ld %.6f\n", rounds, sum);
}
