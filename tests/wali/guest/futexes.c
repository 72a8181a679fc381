// SPDX-License-Identifier: Apache-2.0
// The futex calls that have a number for each thing to do.
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { U32 = 2, PRIVATE = 128, RUNS_PAST = 0x7FFFF000 };
#define EVERYBODY (~0ULL >> 32)

static volatile u32 word, other, returned;
static i64 results[2];
static void wait_once(int tid, void* result) {
    (void)tid;
    *(i64*)result = sys_futex_wait(&word, 0, EVERYBODY, U32 | PRIVATE, 0, 0);
    __atomic_fetch_add(&returned, 1, 5);
}
struct wait {
    u64 value, address;
    u32 flags, reserved;
};
static u64 address(volatile u32* at) { return (u64)(usize)at; }

// Wakes until somebody has been woken. Where the call is not there, nobody waits.
static i64 until_woken(volatile u32* at) {
    struct timespec_t tick = {0, 1000000};
    for (;;) {
        i64 r = sys_futex_wake(at, EVERYBODY, 1, U32 | PRIVATE);
        if (r != 0) return r;
        sys_nanosleep(&tick, 0);
    }
}
static void woken(void) {
    static struct thread_t thread;
    start(&thread, wait_once, &results[0]);
    show("futex_wake", until_woken(&word));
    join(&thread);
    show("futex_wait", results[0]);
}
static void moved(void) {
    static struct thread_t thread;
    struct timespec_t tick = {0, 1000000};
    struct wait pair[2] = {{0, address(&word), U32 | PRIVATE, 0}, {0, address(&other), U32 | PRIVATE, 0}};
    i64 r;
    start(&thread, wait_once, &results[1]);
    while ((r = sys_futex_requeue(pair, 0, 0, 1)) == 0) sys_nanosleep(&tick, 0);
    show("futex_requeue", r);
    show("nobody there", sys_futex_wake(&word, EVERYBODY, 1, U32 | PRIVATE));
    show("moved", sys_futex_wake(&other, EVERYBODY, 1, U32 | PRIVATE));
    join(&thread);
    show("futex_wait", results[1]);
}

static void refused(void) {
    struct timespec_t soon = {0, 1000000};
    struct wait pair[2] = {{1, address(&word), U32 | PRIVATE, 0}, {0, address(&other), U32 | PRIVATE, 0}};
    show("futex_wait other value", sys_futex_wait(&word, 1, EVERYBODY, U32, 0, 0));
    show("futex_wait past", sys_futex_wait(&word, 0, EVERYBODY, U32, &soon, 1));
    show("futex_wait no mask", sys_futex_wait(&word, 0, 0, U32, 0, 0));
    show("futex_wait flags", sys_futex_wait(&word, 0, EVERYBODY, 64, 0, 0));
    show("futex_wait nowhere", sys_futex_wait(RUNS_PAST, 0, EVERYBODY, U32, 0, 0));
    show("futex_wait until nowhere", sys_futex_wait(&word, 0, EVERYBODY, U32, RUNS_PAST, 1));
    show("futex_wake nowhere", sys_futex_wake(RUNS_PAST, EVERYBODY, 1, U32));
    show("futex_wake odd", sys_futex_wake((usize)&word + 1, EVERYBODY, 1, U32));
    show("futex_requeue other value", sys_futex_requeue(pair, 0, 0, 1));
    show("futex_requeue null", sys_futex_requeue(0, 0, 0, 1));
    show("futex_requeue nowhere", sys_futex_requeue(RUNS_PAST, 0, 0, 1));
    pair[1].address = RUNS_PAST, pair[0].value = 0, pair[0].flags = pair[1].flags = U32;
    show("futex_requeue to nowhere", sys_futex_requeue(pair, 0, 0, 1));
}

// Whenever the first of the signals comes, a later one finds the thread waiting.
static volatile u32 signals;
static void handler(int signal) {
    (void)signal;
    ++signals;
}
static void third_changes_word(int signal) {
    (void)signal;
    if (++signals >= 3) word = 1;
}
static void interrupted(void (*by)(int), u32 flags) {
    struct {
        struct timeval_t interval, value;
    } timer = {{0, 20000}, {0, 20000}}, none = {{0, 0}, {0, 0}};
    word = signals = 0;
    set_handler(SIGALRM, by, flags, 0);
    sys_setitimer(0, &timer, 0);
    show("futex_wait interrupted", sys_futex_wait(&word, 0, EVERYBODY, U32 | PRIVATE, 0, 0));
    sys_setitimer(0, &none, 0);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    woken();
    moved();
    refused();
    interrupted(handler, 0);
    interrupted(third_changes_word, SA_RESTART);
    return 0;
}
