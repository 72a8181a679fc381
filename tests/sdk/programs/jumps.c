// SPDX-License-Identifier: Apache-2.0
// setjmp and longjmp: repeated, nested, over several frames, with values kept, with and without the mask.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf outer, inner, copy;

static void dives(int depth, jmp_buf where, int value) {
    volatile char frame[100];
    memset((char*)frame, depth, sizeof frame);
    if (depth == 0) longjmp(where, value);
    dives(depth - 1, where, value);
    printf("not reached %d\n", frame[5]);
}

static int loops(int rounds) {
    volatile int sum = 0;
    int value = setjmp(outer);
    sum += value;
    if (value < rounds) longjmp(outer, value + 1);
    return sum;
}

static void nested(void) {
    int first = setjmp(outer);
    if (first == 0) {
        int second = setjmp(inner);
        if (second == 0) dives(10, inner, 7);
        printf("inner %d\n", second);
        dives(20, outer, second + 1);
    }
    printf("outer %d\n", first);
}

static void zero_becomes_one(void) {
    int value = setjmp(outer);
    if (value == 0) longjmp(outer, 0);
    printf("zero became %d\n", value);
}

static void copied(void) {
    volatile int round = 0;
    switch (setjmp(outer)) {
        case 0:
            memcpy(copy, outer, sizeof copy);
            memset(outer, 0, sizeof outer);
            dives(3, copy, 5);
            break;
        case 5:
            round++;
            if (round < 3) longjmp(copy, 5);
            printf("copied, %d rounds\n", round);
    }
}

static int in_expression(int a) {
    return a + setjmp(outer) * 10;
}

static void masks(void) {
    sigjmp_buf with;
    sigset_t set, now;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (int save = 0; save < 2; save++) {
        sigprocmask(SIG_UNBLOCK, &set, 0);
        if (sigsetjmp(with, save) == 0) {
            sigprocmask(SIG_BLOCK, &set, 0);
            siglongjmp(with, 1);
        }
        sigprocmask(SIG_BLOCK, 0, &now);
        printf("saved %d: blocked %d\n", save, sigismember(&now, SIGUSR1));
    }
}

int main(void) {
    printf("loops %d\n", loops(10));
    nested();
    zero_becomes_one();
    copied();
    printf("expression %d\n", in_expression(3));
    masks();
    return 0;
}
