// SPDX-License-Identifier: Apache-2.0
// setjmp and longjmp: imports of the guest, libc's natively.
#pragma once

#include "guest.h"

#define NOINLINE __attribute__((noinline))

typedef struct {
    u64 words[43];  // 344 bytes: what libc has
} jump_t;

#ifdef __wasm__
#define TWICE __attribute__((returns_twice))
IMPORT("setjmp") TWICE int set_jump(jump_t*);
IMPORT("sigsetjmp") TWICE int set_jump_mask(jump_t*, int);
IMPORT("longjmp") _Noreturn void jump(jump_t*, int);

// Values of several types lie on the operand stack while setjmp is called, each time it returns.
i64 operands(int x, jump_t* at);
__asm__(
    ".functype set_jump (i32) -> (i32)\n"
    ".functype jump (i32, i32) -> ()\n"
    ".globl operands\n"
    ".type operands,@function\n"
    "operands:\n"
    ".functype operands (i32, i32) -> (i64)\n"
    ".local i32, i64\n"
    "local.get 0\n"
    "i64.extend_i32_s\n"
    "i64.const 1000000007\n"
    "i64.mul\n"
    "local.get 0\n"
    "f64.convert_i32_s\n"
    "f64.const 0.5\n"
    "f64.add\n"
    "local.get 1\n"
    "call set_jump\n"
    "local.tee 2\n"
    "f64.convert_i32_s\n"
    "f64.add\n"
    "i64.trunc_f64_s\n"
    "i64.add\n"
    "local.set 3\n"
    "local.get 2\n"
    "i32.const 3\n"
    "i32.lt_s\n"
    "if\n"
    "local.get 1\n"
    "local.get 2\n"
    "i32.const 1\n"
    "i32.add\n"
    "call jump\n"
    "unreachable\n"
    "end_if\n"
    "local.get 3\n"
    "end_function\n");
#else
extern int set_jump(jump_t*) __asm__("_setjmp") __attribute__((returns_twice));
extern int set_jump_mask(jump_t*, int) __asm__("__sigsetjmp") __attribute__((returns_twice));
extern _Noreturn void jump(jump_t*, int) __asm__("siglongjmp");

static inline i64 operands(int x, jump_t* at) {
    volatile int v = set_jump(at);
    if (v < 3) jump(at, v + 1);
    return x * 1000000007LL + (i64)(x + 0.5 + v);
}
#endif
