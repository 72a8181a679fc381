// SPDX-License-Identifier: Apache-2.0
// What a program finds out about itself in another way as a guest than natively; children.
#pragma once

#include "guest.h"

#ifdef __wasm__
static inline void print_environment(void) {
    char path[1000], text[4096];
    if (!wali_envfile(path, sizeof path)) return;
    i32 fd = (i32)sys_open(path, O_RDONLY, 0);
    i64 n = sys_read(fd, text, sizeof text);
    for (i64 i = 0; i < n; ++i) out_char(text[i]);
    sys_close(fd);
}
static inline i32 fork_by_vfork(void) { return (i32)sys_vfork(); }
#else
static inline void print_environment(void) {
    extern char** environ;
    for (char** v = environ; *v; ++v) {
        print(*v);
        out_char('\n');
    }
}
// As a function call, vfork cannot be made natively: the child would return on the parent's stack.
static inline i32 fork_by_vfork(void) { return (i32)sys_fork(); }
#endif

// Runs `what` in a child and waits, so that its output comes in order and its changes are lost.
static inline void in_child(void (*what)(void)) {
    out_flush();
    i64 pid = sys_fork();
    if (pid == 0) {
        what();
        out_flush();
        sys_exit_group(0);
    }
    i32 status = -1;
    sys_wait4(pid, &status, 0, 0);
    show("child", status);
}
