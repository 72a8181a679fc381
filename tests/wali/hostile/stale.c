// SPDX-License-Identifier: Apache-2.0
// For builds that fill memory with a pattern before they use it (-Dpoison=true): every call with good pointers. Whatever
// of the pattern comes back was the runtime's.
#include "../guest/guest.h"
#include "../guest/guest_signal.h"

struct sweep_call {
    const char* name;
    i64 (*run)(const i64*);
    const char* roles;
    i64 values[6];
};
#include "sweep_table.h"

enum { ARGUMENTS = 6, ROOM = 4096, KINDS = 6 };
static const u32 PATTERN = 0xAAAAAAAA;
static u8 scratch[ARGUMENTS][ROOM] __attribute__((aligned(64)));
static char name[] = "file";
static i32 descriptors[KINDS];

static void open_descriptors(void) {
    i32 ends[2];
    descriptors[0] = (i32)sys_open("file", O_CREAT | O_RDWR, 0600);
    sys_write(descriptors[0], "some bytes", 10);
    sys_pipe2(ends, O_NONBLOCK);
    descriptors[1] = ends[0];
    sys_write(ends[1], "some bytes", 10);
    sys_socketpair(1, 1 | O_NONBLOCK, 0, ends);
    descriptors[2] = ends[0];
    sys_write(ends[1], "some bytes", 10);
    descriptors[3] = (i32)sys_epoll_create1(0);
    descriptors[4] = (i32)sys_open("/dev/ptmx", O_RDWR | O_NONBLOCK | 0400, 0);
    descriptors[5] = (i32)sys_open(".", O_RDONLY | O_DIRECTORY, 0);
}

static void interrupted(int signal) {
    (void)signal;
}
static void limit_waiting(int on) {
    struct {
        struct timeval_t interval, value;
    } timer = {{0, on ? 30000 : 0}, {0, on ? 30000 : 0}};
    sys_setitimer(0, &timer, 0);
}

static int found;
static void look(const struct sweep_call* c, i64 result) {
    for (usize i = 0; i < ARGUMENTS; ++i) {
        for (usize at = 0; at < ROOM; at += 4) {
            if (*(u32*)(scratch[i] + at) != PATTERN) continue;
            ++found;
            print(c->name);
            print(" (");
            print_number(result);
            print("): argument ");
            print_number((i64)i);
            print(" at ");
            print_number((i64)at);
            out_char('\n');
            break;
        }
    }
}

static void make(const struct sweep_call* c, i32 fd, i64 bytes) {
    i64 a[ARGUMENTS] = {0};
    memset(scratch, 0, sizeof scratch);
    for (usize i = 0; c->roles[i]; ++i) {
        switch (c->roles[i]) {
            case 'f':
                a[i] = fd;
                break;
            case 'd':
                a[i] = AT_FDCWD;
                break;
            case 's':
                a[i] = (i64)(usize)name;
                break;
            case 'p':
                a[i] = (i64)(usize)scratch[i];
                break;
            case 'n':
                a[i] = bytes;
                break;
            case 'z':
                a[i] = 8;
                break;
            default:
                a[i] = c->values[i];
        }
    }
    // Lengths that a call takes by address.
    for (usize i = 1; c->roles[i] && c->roles[i - 1]; ++i) {
        if (c->roles[i] == 'p' && c->roles[i - 1] == 'p') *(u32*)scratch[i] = (u32)bytes;
    }
    sys_lseek(descriptors[0], 0, 0);
    limit_waiting(1);
    i64 result = c->run(a);
    limit_waiting(0);
    look(c, result);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    static const i64 lengths[] = {1, 8, 200, 4000};
    set_handler(SIGALRM, interrupted, 0, 0);
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
