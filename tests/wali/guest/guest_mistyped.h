// SPDX-License-Identifier: Apache-2.0
// Calls through a pointer of another type, as C programs make them: more or fewer arguments than the function takes,
// wider or narrower ones, a result that is not there or that nobody wants. Each answers a number, the same on every
// machine whose calls work by registers.
#pragma once

#include "guest.h"
#include "guest_jump.h"
#include "guest_signal.h"

#define THROUGH(type, function) ((type)pointer_to((void (*)(void))(function)))
typedef void (*any_function)(void);
// Out of the optimizer's sight.
NOINLINE static any_function pointer_to(any_function f) {
    any_function volatile hidden = f;
    return hidden;
}

static i64 noted;
NOINLINE static int none(void) { return 7; }
NOINLINE static int one(int a) { return a * 3; }
NOINLINE static int first_of_three(int a, int b, int c) {
    noted = b == c;
    return a + 1;
}
NOINLINE static void note(int a) { noted = a; }
NOINLINE static int note_and_answer(int a) { return (int)(noted = a) + 1; }
NOINLINE static i64 wide(i64 a) { return a * 1000000; }
NOINLINE static int narrow(int a) { return a / 2; }
NOINLINE static i64 wide_result(int a) { return a + (5LL << 32); }
NOINLINE static int mixed(int a, i64 b, int c) { return (int)(a + b + c); }
NOINLINE static int without_rest(int n, ...) { return n == 0 ? 11 : 12; }

static i64 argument_too_many(void) { return THROUGH(int (*)(int, int), one)(4, 5); }
static i64 arguments_for_none(void) { return THROUGH(int (*)(int, i64, int), none)(1, 2, 3); }
static i64 many_too_many(void) {
    return THROUGH(int (*)(int, int, int, int, int, int, int, int, i64, i64), one)(2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
}
static i64 arguments_too_few(void) { return THROUGH(int (*)(int), first_of_three)(41); }
static i64 result_unwanted(void) {
    THROUGH(void (*)(int), note_and_answer)(13);
    return noted;
}
static i64 result_missing(void) {
    (void)THROUGH(int (*)(int), note)(14);
    return noted;
}
static i64 wider_argument(void) { return THROUGH(i64 (*)(int), wide)(15); }
static i64 narrower_argument(void) { return THROUGH(int (*)(i64), narrow)(32 + (9LL << 32)); }
static i64 wider_result(void) { return THROUGH(i64 (*)(int), one)(5); }
static i64 narrower_result(void) { return THROUGH(int (*)(int), wide_result)(6); }
static i64 all_wide(void) { return THROUGH(i64 (*)(i64, i64, i64), mixed)(1, 2, 3); }
static i64 all_narrow(void) { return THROUGH(int (*)(int, int, int), mixed)(4, 5, 6); }
static i64 rest_missing(void) { return THROUGH(int (*)(int), without_rest)(0); }

// The caller's frame must be whole afterwards, however often one is inside another.
NOINLINE static int descend(int depth);
static i64 again(int depth) {
    volatile int kept = depth;
    return depth == 0 ? 0 : THROUGH(int (*)(int, i64), descend)(depth - 1, ~0LL) + kept;
}
NOINLINE static int descend(int depth) { return (int)THROUGH(int (*)(i64), again)(depth | 1LL << 40); }
static i64 nested(void) { return again(200); }

static jump_t back;
NOINLINE static void jump_back(void) { jump(&back, 9); }
static i64 jump_over_it(void) {
    volatile int kept = 100;
    int r = set_jump(&back);
    if (r == 0) return THROUGH(int (*)(int, i64), jump_back)(1, 2);
    return r + kept;
}
NOINLINE static void fork_inside(void) {
    i32 pid = (i32)sys_fork(), status = 0;
    noted = 1;
    if (pid == 0) return;
    sys_wait4(pid, &status, 0, 0);
    noted = status >> 8;
}
static i64 fork_in_it(void) {
    i32 parent = (i32)sys_getpid();
    (void)THROUGH(i64 (*)(i64), fork_inside)(3);
    if ((i32)sys_getpid() != parent) sys_exit_group(23);
    return noted;
}

// Handlers, whatever their type, take what the kernel passes.
static volatile int handled;
static int handler_with_result(int signal) { return handled = signal; }
static void handler_without_parameter(void) { handled = 50; }
static i64 wide_handler(i64 signal) { return handled = (int)signal + 1; }
static void long_handler(int signal, struct info_t* info, void* context, i64 rest) {
    (void)info, (void)context, (void)rest;
    handled = signal + 2;
}
NOINLINE static i64 handle(void* handler, u32 flags) {
    handled = 0;
    set_handler(SIGUSR1, (void (*)(int))handler, flags, 0);
    raise_signal(SIGUSR1);
    return handled;
}
static i64 result_of_handler(void) { return handle((void*)handler_with_result, 0); }
static i64 handler_of_none(void) { return handle((void*)handler_without_parameter, 0); }
static i64 handler_of_wide(void) { return handle((void*)wide_handler, 0); }
static i64 handler_of_four(void) { return handle((void*)long_handler, SA_SIGINFO); }
static i64 info_handler_of_one(void) { return handle((void*)handler_with_result, SA_SIGINFO); }

static const struct mistyped {
    const char* name;
    i64 (*call)(void);
} mistyped_calls[] = {
    {"an argument too many", argument_too_many},
    {"arguments for none", arguments_for_none},
    {"many too many", many_too_many},
    {"arguments too few", arguments_too_few},
    {"result unwanted", result_unwanted},
    {"result missing", result_missing},
    {"wider argument", wider_argument},
    {"narrower argument", narrower_argument},
    {"wider result", wider_result},
    {"narrower result", narrower_result},
    {"all wide", all_wide},
    {"all narrow", all_narrow},
    {"rest missing", rest_missing},
    {"nested", nested},
    {"jump over it", jump_over_it},
    {"fork in it", fork_in_it},
    {"result of a handler", result_of_handler},
    {"handler of none", handler_of_none},
    {"handler of wide", handler_of_wide},
    {"handler of four", handler_of_four},
    {"info handler of one", info_handler_of_one},
};
