// SPDX-License-Identifier: Apache-2.0
// Not an attack but the same question: with --strict-calls, every call through a pointer of another type ends in a trap;
// without, each works (that they do so rightly is guest/mistyped.c's business).
#include "attack.h"
#include "../guest/guest_mistyped.h"

static const struct mistyped *chosen;
static int make_it(void) {
    chosen->call();
    return REACHED;
}

// Threads may begin in functions of any type, too.
static volatile u32 begun;
static struct timespec_t tick = {0, 1000000};
static int begins(void *entry) {
    begun = 0;
    spawn_import((void (*)(int, struct thread_t *))entry, (struct thread_t *)77);
    for (int i = 0; i < 2000 && !begun; ++i) sys_nanosleep(&tick, 0);
    return begun ? REACHED : CONTAINED;
}
static void of_none(void) { begun = 1; }
static int with_result(int tid, int argument) { return (int)(begun = tid > 0 && argument == 77); }
static i64 of_wide(i64 tid, i64 argument) { return begun = tid > 0 && argument == 77; }
static void of_four(int tid, int argument, i64 third, int fourth) {
    begun = tid > 0 && argument == 77 && third == 0 && fourth == 0;
}
static int entry_of_none(void) { return begins((void *)of_none); }
static int entry_with_result(void) { return begins((void *)with_result); }
static int entry_of_wide(void) { return begins((void *)of_wide); }
static int entry_of_four(void) { return begins((void *)of_four); }
static const struct attack entries[] = {
    {"entry of none", entry_of_none, 1},
    {"entry with a result", entry_with_result, 1},
    {"entry of wide", entry_of_wide, 1},
    {"entry of four", entry_of_four, 1},
};

// Nobody relies on these: floating point and references are passed in other places.
NOINLINE static double real(double x) { return x; }
static int real_as_integer(void) { return THROUGH(int (*)(int), real)(1) == 1 ? REACHED : REACHED; }
static int integer_as_real(void) { return THROUGH(double (*)(double), one)(1) == 1 ? REACHED : REACHED; }
static const struct attack never[] = {
    {"real as an integer", real_as_integer, 1},
    {"integer as a real", integer_as_real, 1},
};

int guest_main(int argc, char **argv) {
    (void)argv;
    for (usize i = 0; i < sizeof mistyped_calls / sizeof *mistyped_calls; ++i) {
        chosen = &mistyped_calls[i];
        struct attack a = {chosen->name, make_it, 1};
        run_attack(&a);
    }
    RUN(entries);
    if (argc == 1) RUN(never);
    return 0;
}
