#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs of the SDK crash as native ones do: at NULL, and where their stack ends. And not before: what fits into a
native stack of 8 MiB fits.

usage: crashes.py WALI_RUN
"""
import signal

import case
from case import WALI_RUN, Case
from sdk import run

PRELUDE = """#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
"""
# Frames like those of programs that pass structures by value: the compiler makes copies of them on the stack.
DEEP = """
typedef struct { int kind, size; void* p; } value;
__attribute__((noinline)) value made(int n) { return (value){n, 2 * n, 0}; }
__attribute__((noinline)) value copy(value v) { v.size++; return v; }
__attribute__((noinline)) int same(value a, value b) { return a.kind == b.kind && a.size == b.size; }
__attribute__((noinline)) int deep(value a, value b, int left) {
    if (!same(copy(a), copy(b))) return -1;
    if (left == 0) return 0;
    return 1 + deep(copy(made(left)), copy(made(left)), left - 1) + same(copy(a), copy(b)) - 1;
}
__attribute__((noinline)) int endless(int n) { volatile char room[999]; room[n % 999] = n; return endless(n + 1) + room[n % 999]; }
"""


class Crashes(Case):
    def built(self, body, *words, declarations=""):
        self.file("x.c", PRELUDE + DEEP + declarations + "int main(int argc, char** argv) {" + body + "}")
        self.cc("-w", "-O1", "-pthread", *words, "x.c", "-o", "x")

    def dies(self, by, said):
        done = run([WALI_RUN, "x"], cwd=self.dir)
        self.assertEqual(done.returncode, -by, done.stderr)
        self.assertRegex(done.stderr.splitlines()[0], said)

    def test_null(self):
        for access in ("return *(volatile int*)0;", "*(volatile int*)0 = 1; return 0;",
                       "return ((volatile char*)0)[65535];", 'return strcmp((char*)argv[argc], "x");'):
            self.built(access)
            self.dies(signal.SIGSEGV, r"trap: memory access fault: NULL pointer \(address 0x\w+\) in ")

    def test_null_is_not_memory_to_the_kernel(self):
        self.built('int r = pipe((int*)0); printf("%d %d ", r, errno == EFAULT);'
                   'r = write(1, 0, 1); printf("%d %d\\n", r, errno == EFAULT); return 0;')
        self.assertEqual(self.outcome("x"), (0, "-1 1 -1 1\n", ""))

    def test_a_handler_sees_null(self):
        self.built("struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO}; sigaction(SIGSEGV, &act, 0);"
                   "((volatile int*)0)[25] = 1; return 0;",
                   declarations='void handler(int s, siginfo_t* i, void* c) { printf("%d %d %p\\n", s, i->si_code == SEGV_MAPERR,'
                                "i->si_addr); fflush(stdout); _exit(3); }")
        self.assertEqual(self.outcome("x"), (3, "11 1 0x64\n", ""))

    def test_what_fits_into_eight_mebibytes(self):
        self.built('printf("%d\\n", deep(made(1), made(1), atoi(argv[1]))); return 0;')
        native = run(["clang-22", "-w", "-O1", "-pthread", "x.c", "-o", "native"], cwd=self.dir)
        self.assertEqual(native.returncode, 0, native.stderr)
        # A compiler that keeps structures in memory gets that far in eight mebibytes.
        deep = (0, "100000\n", "")
        done = run([self.dir / "native", "100000"])
        self.assertEqual((done.returncode, done.stdout, done.stderr), deep)
        self.assertEqual(self.outcome("x", "100000"), deep)

    def test_the_stack_of_the_first_thread_ends(self):
        for words in ([], ["-Wl,-z,stack-size=65536"], ["-Wl,--max-memory=67108864"]):
            self.built("return endless(argc);", *words)
            self.dies(signal.SIGSEGV, "trap: .*C stack overflow.* in endless")

    def test_what_is_asked_for_is_there(self):
        touch = "__attribute__((noinline)) int touch(volatile char* p, int n) { while (n--) p[n] = 1; return p[5]; }"
        body = "volatile char room[%d]; return touch(room, sizeof room);"
        self.built(body % 60000, "-Wl,-z,stack-size=65536", declarations=touch)
        self.assertEqual(self.outcome("x")[0], 1)
        self.built(body % 70000, "-Wl,-z,stack-size=65536", declarations=touch)
        self.dies(signal.SIGSEGV, "C stack overflow")

    def test_the_stack_of_a_thread_ends(self):
        self.built("pthread_t t; pthread_create(&t, 0, body, 0); pthread_join(t, 0); return 0;",
                   declarations="void* body(void* a) { endless(1); return 0; }")
        self.dies(signal.SIGSEGV, "trap: .*C stack overflow.* in endless")

    def test_a_handler_on_a_stack_of_its_own_survives_it(self):
        self.built("stack_t s = {.ss_sp = malloc(65536), .ss_size = 65536}; sigaltstack(&s, 0);"
                   "struct sigaction act = {.sa_handler = handler, .sa_flags = SA_ONSTACK}; sigaction(SIGSEGV, &act, 0);"
                   "return endless(argc);",
                   declarations='void handler(int s) { char text[1000]; snprintf(text, 1000, "handled %d\\n", s);'
                                "write(1, text, strlen(text)); _exit(4); }")
        self.assertEqual(self.outcome("x"), (4, "handled 11\n", ""))

    def test_where_a_stack_is(self):
        self.built("pthread_attr_t a; void* low; size_t size; char here; pthread_getattr_np(pthread_self(), &a);"
                   "pthread_attr_getstack(&a, &low, &size); *(volatile char*)low = 1;"
                   'printf("%zu %d\\n", size, &here > (char*)low && &here < (char*)low + size); return 0;',
                   "-Wl,-z,stack-size=262144")
        self.assertEqual(self.outcome("x"), (0, "262144 1\n", ""))


if __name__ == "__main__":
    case.main()
