// SPDX-License-Identifier: Apache-2.0
// The calls that sweep_table.py writes down, and how one is made with arguments that are good.
#pragma once

#include "../guest/guest.h"
#include "../guest/guest_signal.h"

enum { ARGUMENTS = 6, ROOM = 4096 };
struct sweep_call {
    const char* name;
    i64 (*run)(const i64*);
    const char* roles;  // a letter for each argument: see sweep_table.py
    i64 values[ARGUMENTS];
};

// What pointers point to: one area each, and 8 more for the longest array.
static u8 scratch[ARGUMENTS + 8][ROOM] __attribute__((aligned(64)));
static char file_name[] = "file";

// Descriptors of several kinds: a call that comes to its pointers for one may not for another.
enum { KINDS = 6 };
static i32 descriptors[KINDS];
static const char* const kind_names[] = {"file", "pipe", "socket", "epoll", "terminal", "folder"};
static inline void open_descriptors(void) {
    i32 ends[2];
    descriptors[0] = (i32)sys_open(file_name, O_CREAT | O_RDWR, 0600);
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

static inline void good_arguments(const struct sweep_call* c, i32 fd, i64 bytes, i64 arguments[ARGUMENTS]) {
    for (usize i = 0; i < ARGUMENTS; ++i) arguments[i] = 0;
    for (usize i = 0; c->roles[i]; ++i) {
        switch (c->roles[i]) {
            case 'f': arguments[i] = fd; break;
            case 'd': arguments[i] = AT_FDCWD; break;
            case 's': arguments[i] = (i64)(usize)file_name; break;
            case 'p': arguments[i] = (i64)(usize)scratch[i]; break;
            case 'n': arguments[i] = bytes; break;
            case 'z': arguments[i] = 8; break;
            default: arguments[i] = c->values[i];
        }
    }
}

static void interrupted(int signal) { (void)signal; }
// Without a timeout, some wait for ever.
static inline void limit_waiting(int on) {
    struct {
        struct timeval_t interval, value;
    } timer = {{0, on ? 30000 : 0}, {0, on ? 30000 : 0}};
    sys_setitimer(0, &timer, 0);
}
static inline void survive_waiting(void) { set_handler(SIGALRM, interrupted, 0, 0); }

static inline i64 make_call(const struct sweep_call* c, const i64 arguments[ARGUMENTS]) {
    sys_lseek(descriptors[0], 0, 0);
    limit_waiting(1);
    const i64 result = c->run(arguments);
    limit_waiting(0);
    return result;
}
