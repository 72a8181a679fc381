// SPDX-License-Identifier: Apache-2.0
// setjmp and longjmp: values, copies, live operands, depth, signal handlers, masks, the C stack, many jumps.
#include "guest.h"
#include "guest_jump.h"
#include "guest_signal.h"

static jump_t target, other;

static void values(void) {
    volatile int round = 0;
    int v = set_jump(&target);
    show("setjmp", v);
    switch (round++) {
        case 0: jump(&target, 7);
        case 1: jump(&target, 0);  // arrives as 1
        case 2: jump(&target, -1);
        default: break;
    }
}

NOINLINE static void clobber(int depth) {
    volatile u8 stack[256];
    for (int i = 0; i < 256; ++i) stack[i] = (u8)depth;
    if (depth > 0) clobber(depth - 1);
    if (stack[depth & 255] != (u8)depth) print("stack damaged\n");
}
NOINLINE static void fall(int depth, int value) {
    volatile u8 stack[64];
    stack[0] = (u8)depth;
    if (depth == 0) jump(&target, value);
    fall(depth - 1, value);
    if (stack[0] != (u8)depth) print("stack damaged\n");
}
NOINLINE static usize stack_position(void) {
    volatile u8 here[16];
    volatile usize position = (usize)here;
    return position;
}
static void depth(void) {
    usize before = stack_position();
    volatile int kept = 42;
    int v = set_jump(&target);
    if (v == 0) {
        kept = 43;
        fall(100, 5);
    }
    show("from 100 frames", v);
    show("  local", kept);
    show("  C stack", stack_position() == before);
    clobber(20);
    volatile int again = 0;
    if (set_jump(&target) < 3) {
        ++again;
        fall(again * 10, again);
    }
    show("  again", again);
}

static void copies(void) {
    int v = set_jump(&target);
    if (v == 0) {
        memcpy(&other, &target, sizeof other);
        memset(&target, 0x5A, sizeof target);
        jump(&other, 9);
    }
    show("by a copy", v);
    if (v == 9) {
        memcpy(&target, &other, sizeof target);
        memset(&other, 0, sizeof other);
        jump(&target, 10);
    }
}

static void from_handler(int signal) { jump(&target, signal + 1000); }
static void from_nested_handler(int signal) {
    if (signal == SIGUSR1) raise_signal(SIGUSR2);
    jump(&target, signal);
}
static void report_mask(const char *what) {
    u64 mask = current_mask();
    print(what);
    print(mask & signal_bit(SIGUSR1) ? " USR1" : " -");
    print(mask & signal_bit(SIGUSR2) ? " USR2" : " -");
    print(mask & signal_bit(SIGHUP) ? " HUP\n" : " -\n");
}
static void handlers(void) {
    set_handler(SIGUSR1, from_handler, 0, signal_bit(SIGHUP));
    int v = set_jump_mask(&target, 1);
    if (v == 0) raise_signal(SIGUSR1);
    show("out of a handler", v);
    report_mask("  mask restored");
    v = set_jump_mask(&target, 0);
    if (v == 0) raise_signal(SIGUSR1);
    show("out of a handler", v);
    report_mask("  mask not saved");
    change_mask(SIG_SETMASK, 0);
    set_handler(SIGUSR1, from_nested_handler, 0, 0);
    set_handler(SIGUSR2, from_nested_handler, 0, 0);
    v = set_jump_mask(&target, 1);
    if (v == 0) raise_signal(SIGUSR1);
    show("out of two handlers", v);
    report_mask("  mask restored");
    // A mask saved while signals are blocked blocks them again.
    change_mask(SIG_BLOCK, signal_bit(SIGHUP));
    volatile int first = 1;
    v = set_jump_mask(&target, 1);
    if (first) {
        first = 0;
        change_mask(SIG_SETMASK, 0);
        jump(&target, 4);
    }
    report_mask("  saved while blocked");
    change_mask(SIG_SETMASK, 0);
}

static void many(void) {
    volatile int count = 0;
    usize before = stack_position();
    int v = set_jump(&target);
    if (count < 1000000) {
        ++count;
        if (count % 2) jump(&target, count);
        fall(3, count);
    }
    show("jumps", v);
    // Each out of a handler: host frames must not pile up either.
    set_handler(SIGUSR1, from_handler, 0, 0);
    count = 0;
    set_jump_mask(&target, 1);
    if (count < 20000) {
        ++count;
        raise_signal(SIGUSR1);
    }
    show("jumps out of handlers", count);
    show("  C stack", stack_position() == before);
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    values();
    depth();
    copies();
    show("operands", operands(-3, &target));
    show("operands", operands(70000, &target));
    handlers();
    many();
    return 0;
}
