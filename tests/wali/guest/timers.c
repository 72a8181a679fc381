// SPDX-License-Identifier: Apache-2.0
// POSIX timers, notifications of message queues, and waiting for one of several futexes.
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

struct event_t {  // sigval is a pointer wide
    usize value;
    i32 signal, notify, thread;
    u8 tail[64];
};
struct itimerspec_t {
    struct timespec_t interval, value;
};
static volatile int handled;
static struct info_t last;
static void keep(int signal, struct info_t *info, void *context) {
    (void)signal;
    (void)context;
    last = *info;
    ++handled;
}
static void wait_handled(int count) {
    struct timespec_t moment = {0, 1000000};
    while (handled < count) sys_nanosleep(&moment, 0);
}

static void timers(void) {
    struct event_t event = {77, SIGUSR1, 0, 0, {0}};
    struct itimerspec_t once = {{0, 0}, {0, 1000000}}, none = {{0, 0}, {0, 0}}, old;
    i32 id = -1;
    set_info_handler(SIGUSR1, keep, 0, 0);
    set_info_handler(SIGALRM, keep, 0, 0);
    show("create", sys_timer_create(1, &event, &id));
    show("set", sys_timer_settime(id, 0, &once, 0));
    wait_handled(1);
    show("  signal", last.signal);
    show("  code", last.code);
    show("  value", last.value);
    show("overrun", sys_timer_getoverrun(id));
    struct itimerspec_t often = {{0, 100000}, {0, 100000}};
    show("often", sys_timer_settime(id, 0, &often, 0));
    wait_handled(10);
    show("stop", sys_timer_settime(id, 0, &none, &old));
    show("  interval", old.interval.nsec);
    show("get", sys_timer_gettime(id, &old));
    show("  left", old.value.sec + old.value.nsec);
    show("delete", sys_timer_delete(id));
    show("again", sys_timer_delete(id));
    show("default event", sys_timer_create(0, 0, &id));
    handled = 0;
    sys_timer_settime(id, 0, &once, 0);
    wait_handled(1);
    show("  signal", last.signal);
    show("  value", last.value == id);
    sys_timer_delete(id);
    event.notify = 4;  // SIGEV_THREAD_ID
    event.thread = (i32)sys_gettid();
    show("to this thread", sys_timer_create(1, &event, &id));
    handled = 0;
    sys_timer_settime(id, 0, &once, 0);
    wait_handled(1);
    sys_timer_delete(id);
    event.thread = 1;
    show("to another process", sys_timer_create(1, &event, &id));
    event.notify = 99;
    show("bad notify", sys_timer_create(1, &event, &id));
    event.notify = 0;
    event.signal = 65;
    show("bad signal", sys_timer_create(1, &event, &id));
    show("bad clock", sys_timer_create(999, 0, &id));
    show("bad event", sys_timer_create(1, (void *)0x7FFFFFF0, &id));
    show("bad id", sys_timer_gettime(12345, &old));
}

static void queue_events(void) {
    struct event_t event = {5, SIGUSR1, 0, 0, {0}};
    char name[] = "wali-timers-0000000000";
    i64 pid = sys_getpid();
    for (usize i = 0; i < 9; ++i, pid /= 10) name[13 + i] = (char)('0' + pid % 10);
    i32 fd = (i32)sys_mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, 0);
    show_ok("mq_open", fd);
    show("notify", sys_mq_notify(fd, &event));
    show("busy", sys_mq_notify(fd, &event));
    handled = 0;
    sys_mq_timedsend(fd, "x", 1, 0, 0);
    wait_handled(1);
    show("  code", last.code);
    show("  value", last.value);
    show("none", sys_mq_notify(fd, 0));
    event.signal = 99;
    show("bad signal", sys_mq_notify(fd, &event));
    sys_close(fd);
    sys_mq_unlink(name);
}

struct waitv_t {
    u64 value, address;
    u32 flags, reserved;
};
static u32 words[2];
static void wake_second(int tid, void *argument) {
    (void)tid;
    (void)argument;
    while (sys_futex(&words[1], FUTEX_WAKE, 1, 0, 0, 0) == 0) sys_sched_yield();
}
static void futexes(void) {
    struct waitv_t waits[2] = {{0, (usize)&words[0], 130, 0}, {0, (usize)&words[1], 130, 0}};
    struct timespec_t past = {1, 0};
    static struct thread_t waker;
    start(&waker, wake_second, 0);
    show("one of two", sys_futex_waitv(waits, 2, 0, 0, 1));
    join(&waker);
    show("time out", sys_futex_waitv(waits, 2, 0, &past, 1));
    waits[1].value = 5;
    show("changed", sys_futex_waitv(waits, 2, 0, 0, 1));
    show("none", sys_futex_waitv(waits, 0, 0, 0, 1));
    show("too many", sys_futex_waitv(waits, 129, 0, 0, 1));
    show("flags", sys_futex_waitv(waits, 2, 1, 0, 1));
    waits[1].address = 0;
    show("null word", sys_futex_waitv(waits, 2, 0, 0, 1));
    waits[0].address = ~0ULL << 12;
    show("bad word", sys_futex_waitv(waits, 2, 0, 0, 1));
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    timers();
    queue_events();
    futexes();
    return 0;
}
