// SPDX-License-Identifier: Apache-2.0
// Common helpers for the benchmark kernels: every kernel takes one optional
// size argument, prints one checksum line and times nothing itself.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline long kernel_arg(int argc, char** argv, long dflt) { return argc > 1 ? strtol(argv[1], NULL, 10) : dflt; }
static inline uint32_t rng_next(uint32_t* s) {  // xorshift32
    uint32_t x = *s;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *s = x;
}
