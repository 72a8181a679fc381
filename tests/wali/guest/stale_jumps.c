// SPDX-License-Identifier: Apache-2.0
// Jumps that must not happen: each ends its process cleanly. The parent prints how.
#include "guest.h"
#include "guest_jump.h"

static jump_t target;

NOINLINE static int returns_at_once(void) { return set_jump(&target); }
NOINLINE static int again(int depth) {
    volatile int kept = depth;
    if (depth > 0) return again(depth - 1) + kept;
    jump(&target, 1);
}

static void to_a_function_that_returned(void) {
    returns_at_once();
    again(3);
}
static void from_the_same_function_called_again(void) {
    // The same code at the same place of the stack is not the same activation.
    returns_at_once();
    jump_t old = target;
    returns_at_once();
    target = old;
    jump(&target, 1);
}
static void to_zeros(void) {
    memset(&target, 0, sizeof target);
    jump(&target, 1);
}
static void to_garbage(void) {
    for (unsigned i = 0; i < sizeof target; ++i) ((u8 *)&target)[i] = (u8)(i * 37 + 11);
    jump(&target, 1);
}
static void forged(unsigned word, u64 change) {
    if (set_jump(&target) != 0) print("arrived\n");
    target.words[word] += change;
    jump(&target, 1);
}
static void forged_activation(void) { forged(0, 1); }
static void forged_site(void) { forged(1, 1); }
static void forged_count(void) { forged(1, 1ULL << 32); }
static void forged_large_count(void) { forged(1, 0xFFFFFFFFULL << 32); }
static void outside_of_memory(void) { jump((jump_t *)0x7FFFFFF0, 1); }

static void in_child(const char *what, void (*attack)(void)) {
    out_flush();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        sys_close(2);
        attack();
        out_flush();
        sys_exit_group(0);
    }
    i32 status = 0;
    sys_wait4(pid, &status, 0, 0);
    show(what, status & 0x7F);
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    in_child("to a function that returned", to_a_function_that_returned);
    in_child("from the same function called again", from_the_same_function_called_again);
    in_child("to zeros", to_zeros);
    in_child("to garbage", to_garbage);
    in_child("forged activation", forged_activation);
    in_child("forged site", forged_site);
    in_child("forged operand count", forged_count);
    in_child("forged large operand count", forged_large_count);
    in_child("outside of memory", outside_of_memory);
    return 0;
}
