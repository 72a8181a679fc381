// SPDX-License-Identifier: Apache-2.0
// Clocks, sleeping and interval timers.
#include "guest.h"

static i64 nanoseconds(struct timespec_t t) { return t.sec * 1000000000 + t.nsec; }

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    struct timespec_t a, b, none = {0, 0}, bad = {0, -1}, little = {0, 2000000};
    show("monotonic", sys_clock_gettime(1, &a));
    show("clock_nanosleep", sys_clock_nanosleep(1, 0, &little, 0));
    sys_clock_gettime(1, &b);
    show("  slept", nanoseconds(b) - nanoseconds(a) >= 2000000);
    show("until past", sys_clock_nanosleep(1, 1, &a, &b));
    show("clock_nanosleep bad", sys_clock_nanosleep(99, 0, &little, 0));
    show("clock_nanosleep bad time", sys_clock_nanosleep(1, 0, &bad, 0));
    show("nanosleep", sys_nanosleep(&none, 0));
    show("nanosleep bad", sys_nanosleep(&bad, 0));
    show("nanosleep null", sys_nanosleep(0, 0));
    show("clock_gettime bad", sys_clock_gettime(99, &a));
    show("clock_gettime null", sys_clock_gettime(0, 0));
    show("clock_getres", sys_clock_getres(1, &a));
    show("  nanoseconds", a.nsec);
    show("clock_getres null", sys_clock_getres(1, 0));
    show("clock_settime bad", sys_clock_settime(1, &a));
    struct timeval_t now;
    i32 zone[2];
    show("gettimeofday", sys_gettimeofday(&now, zone));
    sys_clock_gettime(0, &a);
    show("  same second or next", a.sec - now.sec <= 1);
    show("gettimeofday nothing", sys_gettimeofday(0, 0));
    i64 seconds;
    i64 t = sys_time(&seconds);
    show("time", t == seconds);
    show("  same second or next", t - now.sec <= 1);
    i64 cpu[4];
    show("times", sys_times(cpu) > 0);
    struct timeval_t timer[2] = {{0, 0}, {1000, 0}}, old[2];
    show("setitimer", sys_setitimer(0, timer, old));
    show("  old", old[1].sec);
    show("getitimer", sys_getitimer(0, old));
    show("  running", old[1].sec >= 999 - 1);
    show("alarm", sys_alarm(0) >= 999);
    show("setitimer bad", sys_setitimer(9, timer, 0));
    timer[1].usec = 9999999;
    show("setitimer bad time", sys_setitimer(0, timer, 0));
    show("alarm", sys_alarm(50));
    show("alarm again", sys_alarm(0));
    u8 adjustment[208];
    memset(adjustment, 0, sizeof adjustment);
    show_ok("adjtimex", sys_adjtimex(adjustment));
    show_ok("clock_adjtime", sys_clock_adjtime(0, adjustment));
    show("clock_adjtime bad", sys_clock_adjtime(99, adjustment));
    return 0;
}
