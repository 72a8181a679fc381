// SPDX-License-Identifier: Apache-2.0
// Random calls with random arguments and structures, each series in a forked child; in every second one a thread changes the
// structures meanwhile. A series may end in any way that is the guest's own; hostile.py judges.
//
//   random_calls FIRST COUNT        the series of these numbers; a series depends on its number and the table alone
#include "../wali/guest/guest_thread.h"
#include "../wali/hostile/sweep_call.h"
#include "random_table.h"

enum { SERIES = 150, PATIENCE_TICKS = 600, PAGE = 4096, AREAS = 6, CALLS = sizeof sweep_calls / sizeof *sweep_calls };

static u64 state;
static u32 draw(u32 below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (u32)(state >> 33) % below;
}

// Never the number of a signal that only a fault should raise: a guest that sends itself one looks like a crash.
static i64 without_fault_signals(i64 value) {
    switch (value) {
        case 3: case 4: case 5: case 6: case 7: case 8: case 9: case 11: case 19: case 31: return 12;
        default: return value;
    }
}
static i64 word(void) {
    static const i64 edges[] = {-1, 0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 4096, 65536, 10, 12, 14};
    switch (draw(4)) {
        case 0: return without_fault_signals(draw(64));
        case 1: return (i64)1 << (12 + draw(50));
        case 2: return edges[draw(sizeof edges / sizeof *edges)];
        default: return (i64)draw(0x7FFFFFFF);
    }
}

// ---- where pointers point to

static u8 areas[AREAS][PAGE] __attribute__((aligned(PAGE)));
static u64 pages;  // writable, inaccessible, constant, nothing
static u32 address(void) {
    switch (draw(12)) {
        case 0: return 0;
        case 1: return (u32)pages + PAGE - draw(16);
        case 2: return (u32)pages + PAGE + draw(PAGE);
        case 3: return (u32)pages + 2 * PAGE + draw(PAGE);
        case 4: return 0xFFFFFFF0 + draw(16);
        case 5: return (u32)draw(0x7FFFFFFF);
        default: return (u32)(usize)areas[draw(AREAS)] + 8 * draw(16);
    }
}
static void fill_areas(void) {
    for (int n = 0; n < 40; ++n) {
        u8* at = areas[draw(AREAS)] + 4 * draw(64);
        i64 value = draw(2) ? (i64)address() : word();
        memcpy(at, &value, draw(2) ? 4 : 8);
    }
}
static volatile u32 flips_stop;
static void flip(int tid, void* argument) {
    (void)tid, (void)argument;
    for (u64 n = state | 1; !flips_stop; n = n * 6364136223846793005u + 1) {
        u32* at = (u32*)(usize)(areas[(n >> 20) % AREAS] + 4 * ((n >> 30) % 64));
        __atomic_store_n(at, (u32)without_fault_signals((i64)(n >> 40 & 0xFF)), __ATOMIC_RELAXED);
    }
}

// ---- one call

static i32 others[4];
static void open_others(void) {
    i32 ends[2];
    sys_pipe2(ends, O_NONBLOCK);
    others[0] = ends[1];
    others[1] = (i32)sys_socket(2, 2 | O_NONBLOCK, 0);
    others[2] = (i32)sys_memfd_create("memory", 0);
    others[3] = (i32)sys_dup(descriptors[2]);
}
static i32 descriptor(void) {
    // 0 to 2 stay: what the runtime says must be heard.
    if (draw(8) == 0) return (i32)(3 + draw(1021));
    const u32 which = draw(KINDS + 4);
    return which < KINDS ? descriptors[which] : others[which - KINDS];
}
static const char* const paths[] = {"file", "folder", "link", ".", "", "/proc/self/fd/3", "/proc/self/maps", "/proc/self/mem",
                                    "/dev/null", "/proc/self/exe", "none/none", "/dev/ptmx", "/proc/self/ns/user"};

static void call(const struct sweep_call* c) {
    i64 a[ARGUMENTS];
    for (usize i = 0; i < ARGUMENTS; ++i) a[i] = word();
    for (usize i = 0; c->roles[i]; ++i) {
        switch (c->roles[i]) {
            case 'f': a[i] = descriptor(); break;
            case 'd': a[i] = draw(2) ? AT_FDCWD : descriptor(); break;
            case 's': a[i] = draw(4) ? (i64)(usize)paths[draw(sizeof paths / sizeof *paths)] : (i64)address(); break;
            case 'p': a[i] = address(); break;
            case 'n': a[i] = draw(3) ? draw(64) : word(); break;
            case 'z': a[i] = draw(3) ? 8 << draw(6) : word(); break;
            case 'k': a[i] = draw(2) ? sys_getpid() : 99999; break;  // nobody else is sent a signal
            default: a[i] = draw(2) ? word() : c->values[i];
        }
    }
    c->run(a);
}

static void series(u32 number) {
    static struct thread_t flipper;
    state = number * 0x9E3779B97F4A7C15u + 1;
    pages = (u64)sys_mmap(0, 4 * PAGE, 3, 0x22, -1, 0);
    sys_mprotect(pages + PAGE, PAGE, 0);
    sys_mprotect(pages + 2 * PAGE, PAGE, 1);
    sys_munmap(pages + 3 * PAGE, PAGE);
    survive_waiting();
    open_descriptors();
    open_others();
    if (number % 2) start(&flipper, flip, 0);
    for (int n = 0; n < SERIES; ++n) {
        limit_waiting(1);  // what waits is woken; a series that has blocked the signal comes late
        fill_areas();
        call(&sweep_calls[draw(CALLS)]);
    }
    sys_exit_group(0);
}

static u32 number_of(const char* digits) {
    u32 n = 0;
    while (*digits) n = n * 10 + (u32)(*digits++ - '0');
    return n;
}
int guest_main(int argc, char** argv) {
    u32 first = argc > 1 ? number_of(argv[1]) : 0, count = argc > 2 ? number_of(argv[2]) : 1;
    int late = 0;
    for (u32 number = first; number < first + count; ++number) {
        i32 status = 0;
        sys_write(2, "attack: ", 8);
        out_flush();
        print("series ");
        print_number(number);
        sys_write(2, out_buffer, out_used);
        sys_write(2, "\n", 1);
        u32 kept = (u32)out_used;
        out_used = 0;
        i32 pid = (i32)sys_fork();
        if (pid == 0) {
            sys_setsid();
            series(number);
        }
        out_used = kept;
        struct timespec_t tick = {0, 5000000};
        int ticks = 0;
        while (sys_wait4(pid, &status, 1, 0) == 0) {
            if (++ticks == PATIENCE_TICKS) sys_kill(pid, SIGKILL);
            sys_nanosleep(&tick, 0);
        }
        late += ticks >= PATIENCE_TICKS;
        int signal = status & 0x7F;
        print(signal >= 3 && signal <= 11 && signal != SIGKILL && signal != SIGUSR1 ? ": signal\n" : ": contained\n");
    }
    if (late) {
        print("late");
        print_number(late);
        print(" of them: contained\n");
    }
    return 0;
}
