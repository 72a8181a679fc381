// SPDX-License-Identifier: Apache-2.0
// Structures with pointers inside, in every call that takes one, while a second thread keeps changing them: what is
// looked at must be what is used. Nothing has to come out of it but that the runtime is still there, under
// AddressSanitizer too.
#pragma once

#include "attack.h"

enum { FLIP_WORDS = 64, FLIP_ROUNDS = 300 };
static u32 flipping[FLIP_WORDS] __attribute__((aligned(16)));
static u8 flipper_stack[16384] __attribute__((aligned(16)));
static volatile u32 flips_stop;

// What a word may be: a good address, one at the end of memory, beyond, odd, and lengths small and large.
static u32 flip_value(u32 n) {
    u32 end = (u32)__builtin_wasm_memory_size(0) << 16;
    u32 good = (u32)(usize)flipping;
    const u32 values[] = {good, good + 64,  0, end - 4,    end - 1, end,  0xFFFFFFF0, 0x80000000, good + 1, 1,
                          2,    0xFFFFFFFF, 8, 0x7FFFFFFF, 16,      1024, 0,          4096,       24,       1 << 20};
    return values[n % (sizeof values / sizeof *values)];
}
static void flip_words(int tid, void* argument) {
    (void)tid, (void)argument;
    for (u32 n = 1; !flips_stop; n = n * 1664525 + 1013904223) {
        __atomic_store_n(&flipping[(n >> 8) % FLIP_WORDS], flip_value(n >> 16), __ATOMIC_RELAXED);
    }
}

static void use_vectors(i32 in, i32 out, i32 file) {
    sys_writev(out, flipping, 8);
    sys_readv(in, flipping, 8);
    sys_preadv(file, flipping, 4, 0, 0);
    sys_pwritev2(file, flipping, 4, 0, 0, 0);
    sys_vmsplice(out, flipping, 4, 2);
}
static void use_messages(i32 in, i32 out) {
    struct timespec_t none = {0, 0};
    sys_sendmsg(out, flipping, 0x40);
    sys_recvmsg(in, flipping, 0x40);
    sys_sendmmsg(out, flipping, 4, 0x40);
    sys_recvmmsg(in, flipping, 4, 0x40, &none);
    sys_setsockopt(out, 1, 26, flipping, 8);
    sys_getsockname(in, flipping, flipping + 1);
}
static void use_others(i32 file) {
    struct timespec_t none = {0, 0};
    sys_execve("/nonexistent", flipping, flipping + 16);
    sys_pselect6(0, 0, 0, 0, &none, flipping);
    sys_futex_waitv(flipping, 2, 0, &none, 1);
    sys_rt_sigaction(SIGUSR2, flipping, flipping + 16, 8);
    sys_sigaltstack(flipping, flipping + 4);
    sys_timer_create(0, flipping, flipping + 32);
    sys_openat2(AT_FDCWD, "none", flipping, 24);
    sys_rt_tgsigqueueinfo(sys_getpid(), sys_gettid(), 0, flipping);
    sys_epoll_ctl(file, 1, file, flipping);
    sys_poll(flipping, 4, 0);
    sys_set_robust_list(flipping, 24);
}
static int structures_while_flipping(void) {
    static struct thread_t flipper;
    // Nothing ever arrives at [0], or the guest would write over itself.
    i32 pipe[2], empty[2], sockets[2], deaf[2];
    sys_pipe2(pipe, O_NONBLOCK);
    sys_pipe2(empty, O_NONBLOCK);
    sys_socketpair(1, 1 | O_NONBLOCK, 0, sockets);
    sys_socketpair(1, 1 | O_NONBLOCK, 0, deaf);
    i32 file = (i32)sys_open("flips", O_CREAT | O_RDWR, 0600);
    flipper.stack_top = flipper_stack + sizeof flipper_stack;
    flipper.fn = flip_words;
    if (spawn_import(thread_entry, &flipper) < 0) return REACHED;
    for (int i = 0; i < FLIP_ROUNDS; ++i) {
        use_vectors(empty[0], pipe[1], file);
        use_messages(deaf[0], sockets[1]);
        use_others(file);
        sys_ftruncate(file, 0);
    }
    flips_stop = 1;
    return CONTAINED;
}
