// SPDX-License-Identifier: Apache-2.0
// A switch-dispatched bytecode VM running a prime-counting program: br_table + branches.
#include "kernel.h"
enum { PUSH, LD, ST, ADD, SUB, MUL, MOD, LT, EQ, JZ, JMP, INC, DUP, POP, HALT };
// count = 0; for (i = 2; i < N; i++) { p = 1; for (d = 2; d*d <= i; d++) if (i % d == 0) { p = 0; break; } count += p;
// }
enum { I, D, P, C };
static int32_t prog[] = {
    /* 0*/ PUSH, 0, ST,   C,       PUSH, 2,   ST, I,
    /* 8*/ LD,   I, PUSH, 0 /*N*/, LT,   JZ,  60,
    /*15*/ PUSH, 1, ST,   P,       PUSH, 2,   ST, D,
    /*23*/ LD,   I, LD,   D,       DUP,  MUL, LT, JZ,  34, JMP, 49,
    /*34*/ LD,   I, LD,   D,       MOD,  JZ,  45, INC, D,  JMP, 23,
    /*45*/ PUSH, 0, ST,   P,
    /*49*/ LD,   C, LD,   P,       ADD,  ST,  C,  INC, I,  JMP, 8,
    /*60*/ HALT};
__attribute__((noinline)) static int32_t run(const int32_t* code, uint64_t* steps) {
    int32_t st[64], var[8] = {0}, *sp = st;
    uint64_t n = 0;
    for (const int32_t* pc = code;;) {
        n++;
        switch (*pc++) {
            case PUSH:
                *sp++ = *pc++;
                break;
            case LD:
                *sp++ = var[*pc++];
                break;
            case ST:
                var[*pc++] = *--sp;
                break;
            case ADD:
                sp--;
                sp[-1] += sp[0];
                break;
            case SUB:
                sp--;
                sp[-1] -= sp[0];
                break;
            case MUL:
                sp--;
                sp[-1] *= sp[0];
                break;
            case MOD:
                sp--;
                sp[-1] %= sp[0];
                break;
            case LT:
                sp--;
                sp[-1] = sp[-1] < sp[0];
                break;
            case EQ:
                sp--;
                sp[-1] = sp[-1] == sp[0];
                break;
            case JZ: {
                int32_t t = *pc++;
                if (!*--sp) pc = code + t;
                break;
            }
            case JMP:
                pc = code + *pc;
                break;
            case INC:
                var[*pc++]++;
                break;
            case DUP:
                *sp = sp[-1];
                sp++;
                break;
            case POP:
                sp--;
                break;
            case HALT:
                *steps = n;
                return var[C];
        }
    }
}
int main(int argc, char** argv) {
    long n = kernel_arg(argc, argv, 180000);
    prog[11] = (int32_t)n;
    uint64_t steps = 0;
    int32_t c = run(prog, &steps);
    printf("bcvm %ld primes=%d steps=%llu\n", n, c, (unsigned long long)steps);
}
