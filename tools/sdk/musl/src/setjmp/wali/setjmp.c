/* SPDX-License-Identifier: Apache-2.0
 * For callers that have not seen <setjmp.h>. longjmp is a function like any other. setjmp cannot be one, its caller
 * would have to be the frame that is returned to; but programs that only look whether it exists can be linked. */
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>

_Noreturn static int needs_header(void* env) {
    fputs("setjmp was called without <setjmp.h>\n", stderr);
    abort();
}

int plain_setjmp(void*) __asm__("setjmp") __attribute__((__alias__("needs_header")));
int plain__setjmp(void*) __asm__("_setjmp") __attribute__((__alias__("needs_header")));

int plain_sigsetjmp(void*, int) __asm__("sigsetjmp");
int plain_sigsetjmp(void* env, int save) {
    return needs_header(env);
}

_Noreturn void plain_longjmp(jmp_buf, int) __asm__("longjmp");
_Noreturn void plain_longjmp(jmp_buf env, int value) {
    longjmp(env, value);
}

_Noreturn void plain__longjmp(jmp_buf, int) __asm__("_longjmp");
_Noreturn void plain__longjmp(jmp_buf env, int value) {
    longjmp(env, value);
}
