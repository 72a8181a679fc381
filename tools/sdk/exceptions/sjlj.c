// SPDX-License-Identifier: Apache-2.0
// What LLVM's -wasm-enable-sjlj makes of setjmp and longjmp: a call that remembers where, an exception that flies
// there, and a question of each frame that catches it. For <setjmp.h> with -mwali-sjlj=exceptions.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

// The compiler reads this from the exception.
struct thrown {
    void* env;
    int value;
};

// What is kept in jmp_buf.__jb.
struct place {
    void* frame;  // unique to an activation of the function that called setjmp
    uint32_t label;
    struct thrown thrown;
};
_Static_assert(sizeof(struct place) <= sizeof(__jmp_buf), "it does not fit a jmp_buf");

enum { C_LONGJMP = 1 };  // the tag's number, as the compiler's builtin counts them

void __wasm_setjmp(void* env, uint32_t label, void* frame) {
    struct place* place = env;
    place->frame = frame;
    place->label = label;
}

// 0: not a place in this frame, the exception flies on.
uint32_t __wasm_setjmp_test(void* env, void* frame) {
    struct place* place = env;
    return place->frame == frame ? place->label : 0;
}

_Noreturn void __wasm_longjmp(void* env, int value) {
    struct place* place = env;
    place->thrown = (struct thrown){env, value != 0 ? value : 1};
    __builtin_wasm_throw(C_LONGJMP, &place->thrown);
}

// sigsetjmp is this and setjmp; siglongjmp is the other.
void __wali_save_mask(sigjmp_buf env, int save) {
    env->__fl = save != 0;
    if (save) sigprocmask(SIG_SETMASK, 0, (sigset_t*)env->__ss);
}

_Noreturn void __wali_siglongjmp(sigjmp_buf env, int value) {
    if (env->__fl) sigprocmask(SIG_SETMASK, (sigset_t*)env->__ss, 0);
    __wasm_longjmp(env, value);
}
