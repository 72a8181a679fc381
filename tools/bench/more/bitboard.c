// SPDX-License-Identifier: Apache-2.0
// Moves on a board of 64 bits: i64 logic and shifts.
#include "../kernels/kernel.h"

int main(int argc, char** argv) {
    static const int directions[] = {1, 7, 8, 9};
    long boards = kernel_arg(argc, argv, 3000000);
    uint64_t random = 88172645463325252U;
    uint32_t moves = 0;
    for (long n = 0; n < boards; n++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t own = 0x0000001008000000U ^ (random & 0x00FF00FF3C3C0000U);
        uint64_t other = (0x0000000810000000U | random >> 3) & ~own;
        uint64_t empty = ~(own | other), inner = other & 0x7E7E7E7E7E7E7E7EU, found = 0;
        for (int d = 0; d < 4; d++) {
            uint64_t up = inner & own << directions[d], down = inner & own >> directions[d];
            for (int k = 0; k < 5; k++) {
                up |= inner & up << directions[d];
                down |= inner & down >> directions[d];
            }
            found |= empty & (up << directions[d] | down >> directions[d]);
        }
        moves += (uint32_t)__builtin_popcountll(found);
    }
    printf("bitboard %ld %u\n", boards, moves);
}
