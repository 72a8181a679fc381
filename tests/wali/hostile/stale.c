// SPDX-License-Identifier: Apache-2.0
// For builds that fill memory with a pattern before they use it (-Dpoison=true): every call with good pointers. Whatever of
// the pattern comes back was the runtime's.
#include "sweep_call.h"
#include "sweep_table.h"

static const u32 PATTERN = 0xAAAAAAAA;

static int found;
static void tell(const struct sweep_call* c, i64 result) {
    ++found;
    print(c->name);
    print(" (");
    print_number(result);
    print(")");
}
static void look(const struct sweep_call* c, i64 result) {
    if ((u32)result == PATTERN || (u32)(result >> 32) == PATTERN) {
        tell(c, result);
        out_char('\n');
    }
    for (usize i = 0; i < ARGUMENTS; ++i) {
        for (usize at = 0; at < ROOM; at += 4) {
            if (*(u32*)(scratch[i] + at) != PATTERN) continue;
            tell(c, result);
            print(": argument ");
            print_number((i64)i);
            print(" at ");
            print_number((i64)at);
            out_char('\n');
            break;
        }
    }
}

static void make(const struct sweep_call* c, i32 fd, i64 bytes) {
    i64 arguments[ARGUMENTS];
    memset(scratch, 0, sizeof scratch);
    good_arguments(c, fd, bytes, arguments);
    // Lengths that a call takes by address.
    for (usize i = 1; c->roles[i] && c->roles[i - 1]; ++i) {
        if (c->roles[i] == 'p' && c->roles[i - 1] == 'p') *(u32*)scratch[i] = (u32)bytes;
    }
    look(c, make_call(c, arguments));
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    static const i64 lengths[] = {1, 8, 200, 4000};
    survive_waiting();
    for (usize n = 0; n < sizeof sweep_calls / sizeof *sweep_calls; ++n) {
        // What one call does to descriptors and limits must not keep the next from its work.
        i32 status = 0, pid = (i32)sys_fork();
        if (pid == 0) {
            open_descriptors();
            for (int kind = 0; kind < KINDS; ++kind) {
                for (int l = 0; l < 4; ++l) make(&sweep_calls[n], descriptors[kind], lengths[l]);
            }
            out_flush();
            sys_exit_group(found != 0);
        }
        sys_wait4(pid, &status, 0, 0);
        found += status == 0 ? 0 : 1;
    }
    print(found ? "stale bytes\n" : "nothing stale\n");
    out_flush();
    return found != 0;
}
