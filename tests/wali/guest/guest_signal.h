// SPDX-License-Identifier: Apache-2.0
// Signals for the test programs, on the raw calls.
#pragma once

#include "guest.h"

enum {
    SIGHUP = 1,
    SIGINT = 2,
    SIGILL = 4,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGSEGV = 11,
    SIGUSR2 = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGRT = 40,
    SIG_BLOCK = 0,
    SIG_UNBLOCK = 1,
    SIG_SETMASK = 2,
};
#define SA_NOCLDSTOP 1u
#define SA_NOCLDWAIT 2u
#define SA_SIGINFO   4u
#define SA_ONSTACK   0x08000000u
#define SA_RESTART   0x10000000u
#define SA_NODEFER   0x40000000u
#define SA_RESETHAND 0x80000000u
#define SIG_DEFAULT  ((void (*)(int))0)
#ifdef __wasm__
#define SIG_IGNORE ((void (*)(int)) - 2)
#else
#define SIG_IGNORE ((void (*)(int))1)
#endif

static inline u64 signal_bit(int signal) { return 1ULL << (signal - 1); }

#ifdef __wasm__
enum { MASK_IN_CONTEXT = 280 };  // offset in struct ucontext
struct stack_t {
    u32 base;
    i32 flags;
    u32 bytes;
};
struct __attribute__((packed)) action_t {
    usize handler;
    u64 flags;
    usize restorer;
    u64 mask;
};
#else
enum { MASK_IN_CONTEXT = 296 };
struct stack_t {
    u64 base;
    i32 flags;
    u64 bytes;
};
struct action_t {
    usize handler;
    u64 flags;
    usize restorer;
    u64 mask;
};
void restore(void);
__asm__("restore: mov $15, %rax; syscall");
#endif

static inline i64 set_handler(int signal, void (*handler)(int), u32 flags, u64 mask) {
    struct action_t action = {(usize)handler, flags, 0, mask};
#ifndef __wasm__
    action.flags |= 0x04000000;
    action.restorer = (usize)restore;
#endif
    return sys_rt_sigaction(signal, &action, 0, 8);
}

struct info_t {  // the fields that are alike
    i32 signal, error, code, pad;
    i32 pid, uid;
    i32 value, tail[25];
};
typedef void (*info_handler)(int, struct info_t*, void*);
static inline i64 set_info_handler(int signal, info_handler handler, u32 flags, u64 mask) {
    return set_handler(signal, (void (*)(int))(void*)handler, flags | SA_SIGINFO, mask);
}

static inline u64 current_mask(void) {
    u64 mask = 0;
    sys_rt_sigprocmask(SIG_BLOCK, 0, &mask, 8);
    return mask;
}
static inline void change_mask(int how, u64 mask) { sys_rt_sigprocmask(how, &mask, 0, 8); }
static inline void raise_signal(int signal) { sys_tkill((i32)sys_gettid(), signal); }
