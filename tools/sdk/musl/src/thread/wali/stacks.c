/* SPDX-License-Identifier: Apache-2.0
 * Stacks of threads that have been joined, kept for those that begin: mapping one costs more than the thread. */
#include <stdint.h>
#include <sys/mman.h>
#include "pthread_impl.h"

enum { KEPT = 8, LARGEST = 1 << 20 };

/* Address, size and guard; whoever puts 0 in the place of one owns it. No lock: fork may copy this at any time. */
static uint64_t kept[KEPT];

static uint64_t kind(size_t size, size_t guard) { return (uint64_t)size / PAGE_SIZE << 16 | guard / PAGE_SIZE; }

static int replace(uint64_t* place, uint64_t old, uint64_t new) {
    return __atomic_compare_exchange_n(place, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

unsigned char* __wali_take_stack(size_t size, size_t guard) {
    for (int i = 0; i < KEPT; i++) {
        uint64_t stack = __atomic_load_n(&kept[i], __ATOMIC_RELAXED);
        if (stack && (uint32_t)stack == kind(size, guard) && replace(&kept[i], stack, 0))
            return (unsigned char*)(uintptr_t)(stack >> 32);
    }
    return 0;
}

void __wali_keep_stack(unsigned char* map, size_t size, size_t guard) {
    uint64_t stack = (uint64_t)(uintptr_t)map << 32 | kind(size, guard);
    for (int i = 0; i < KEPT && size <= LARGEST; i++) {
        if (!__atomic_load_n(&kept[i], __ATOMIC_RELAXED) && replace(&kept[i], 0, stack)) return;
    }
    __munmap(map, size);
}
