// SPDX-License-Identifier: Apache-2.0
// A hash table with lists: pointers that are followed.
#include "../kernels/kernel.h"

enum { BITS = 14 };
struct entry {
    uint32_t key, value;
    struct entry* next;
};
static struct entry* buckets[1 << BITS];

static struct entry** place_of(uint32_t key) {
    struct entry** p = &buckets[key * 2654435761U >> (32 - BITS)];
    while (*p != NULL && (*p)->key != key) p = &(*p)->next;
    return p;
}

int main(int argc, char** argv) {
    long rounds = kernel_arg(argc, argv, 6000000);
    uint32_t s = 12345, sum = 0;
    for (long n = 0; n < rounds; n++) {
        uint32_t key = rng_next(&s) % 40000;
        struct entry** place = place_of(key);
        if (*place == NULL) {
            *place = malloc(sizeof **place);
            **place = (struct entry){key, 0, NULL};
        }
        (*place)->value += (uint32_t)n;
        struct entry* other = *place_of(key ^ 5);
        if (other != NULL) sum += other->value;
    }
    printf("table %ld %08x\n", rounds, sum);
}
