// SPDX-License-Identifier: Apache-2.0
// Calls through pointers of another type. The same calls, under strict rules: hostile/attack_mistyped.c.
#include "guest_mistyped.h"

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (usize i = 0; i < sizeof mistyped_calls / sizeof *mistyped_calls; ++i) {
        show(mistyped_calls[i].name, mistyped_calls[i].call());
    }
    return 0;
}
