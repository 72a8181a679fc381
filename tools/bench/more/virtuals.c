// SPDX-License-Identifier: Apache-2.0
// Calls through tables of functions: what objects with virtual methods do.
#include "../kernels/kernel.h"

enum { OBJECTS = 1000 };
struct shape;
struct methods {
    uint32_t (*area)(const struct shape*);
    void (*grow)(struct shape*, uint32_t);
};
struct shape {
    const struct methods* methods;
    uint32_t a, b;
};
static uint32_t area_of_box(const struct shape* s) { return s->a * s->b; }
static void grow_box(struct shape* s, uint32_t by) { s->a += by; }
static uint32_t area_of_triangle(const struct shape* s) { return s->a * s->b / 2; }
static void grow_triangle(struct shape* s, uint32_t by) {
    s->b += by;
    s->a ^= by;
}
static uint32_t area_of_circle(const struct shape* s) { return s->a * s->a * 3; }
static void grow_circle(struct shape* s, uint32_t by) { s->a = (s->a + by) & 1023; }
static const struct methods kinds[] = {
    {area_of_box, grow_box}, {area_of_triangle, grow_triangle}, {area_of_circle, grow_circle}};

int main(int argc, char** argv) {
    static struct shape shapes[OBJECTS];
    long rounds = kernel_arg(argc, argv, 10000);
    uint32_t s = 7, sum = 0;
    for (uint32_t i = 0; i < OBJECTS; i++) shapes[i] = (struct shape){&kinds[rng_next(&s) % 3], i, i / 2};
    for (long round = 0; round < rounds; round++) {
        for (int i = 0; i < OBJECTS; i++) {
            sum += shapes[i].methods->area(&shapes[i]);
            shapes[i].methods->grow(&shapes[i], (uint32_t)round & 7);
        }
    }
    printf("virtuals %ld %08x\n", rounds, sum);
}
