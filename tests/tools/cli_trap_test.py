# SPDX-License-Identifier: Apache-2.0
"""A trap that no guest handler takes: a report on stderr, then the death a native program would die."""
import signal

from cli_case import CliCase, main, no_core_file
from wasm_bytes import (DROP, END, I32, I32_DIV_S, I64, UNREACHABLE, Module, access, call, i32, i64, local, op, pages)

I32_LOAD, I32_ATOMIC_LOAD = access("i32.load"), access("i32.atomic.load")


def call_indirect(type_index):
    return op("call_indirect", type_index, 0)


class Traps(CliCase):
    def dies(self, code, by, reason, prepare=lambda m: None):
        m = Module()
        m.memory = pages(1)
        prepare(m)
        inner = m.func([], [], code + END, called="inner")
        m.func([], [], call(inner) + END, export="_start")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(-by, stdout="")
        first, *rest = self.stderr.splitlines()
        self.assertTrue(first.startswith(f"wali-run: x.wasm: trap: {reason}"), self.stderr)
        self.assertTrue(first.endswith(" in inner"), self.stderr)
        self.assertRegex(rest[0], r"^    #0   inner at 0x[0-9a-f]+$")
        self.assertRegex(rest[1], r"^    #1   _start at 0x[0-9a-f]+$")
        self.assertEqual(len(rest), 2)

    def test_unreachable(self):
        self.dies(UNREACHABLE, signal.SIGILL, "unreachable")

    def test_division(self):
        self.dies(i32(1) + i32(0) + I32_DIV_S + DROP, signal.SIGFPE, "integer divide by zero")
        self.dies(i32(-2**31) + i32(-1) + I32_DIV_S + DROP, signal.SIGFPE, "integer overflow")

    def test_memory(self):
        self.dies(i32(65536) + I32_LOAD + DROP, signal.SIGSEGV, "out of bounds memory access")
        self.dies(i32(-1) + I32_LOAD + DROP, signal.SIGSEGV, "out of bounds memory access")

    def test_unaligned_atomic(self):
        self.dies(i32(1) + I32_ATOMIC_LOAD + DROP, signal.SIGBUS, "unaligned atomic")

    def linux_program(self, code):
        """One that imports a system call."""
        m = Module()
        m.memory = pages(1, 1, shared=True)
        m.import_func("wali", "SYS_getpid", [], [I64])
        m.func([], [], code + END, export="_start")
        return self.file("x.wasm", m.bytes())

    def test_unaligned_atomic_of_a_linux_program(self):
        # Made as on x86, unless it is asked for otherwise.
        name = self.linux_program(i32(1) + I32_ATOMIC_LOAD + DROP)
        self.run_cli(name).gives(0, "", "")
        self.run_cli("--strict-atomics", name).gives(-signal.SIGBUS, stdout="")
        self.assertIn(": trap: unaligned atomic ", self.stderr)

    def test_unaligned_atomics_that_always_trap(self):
        # Waiting and notifying; and what lies beyond the end of the memory is not there.
        for code in (i32(1) + i32(0) + access("memory.atomic.notify"), i32(2) + i32(0) + i64(0) + access("memory.atomic.wait32")):
            self.run_cli(self.linux_program(code + DROP)).gives(-signal.SIGBUS, stdout="")
            self.assertIn(": trap: unaligned atomic ", self.stderr)
        for code in (i32(65533) + I32_ATOMIC_LOAD, i32(65535) + i32(1) + access("i32.atomic.rmw.add")):
            self.run_cli(self.linux_program(code + DROP)).gives(-signal.SIGSEGV, stdout="")
            self.assertIn(": trap: out of bounds memory access ", self.stderr)

    def test_indirect_calls(self):
        def table(m):
            m.table = 3
            m.type([], [])
            m.type([I32], [])
            m.active_element(0, [m.func([I32], [], END)])
        self.dies(i32(0) + call_indirect(0), signal.SIGSEGV, "indirect call type mismatch", table)
        self.dies(i32(1) + call_indirect(0), signal.SIGSEGV, "uninitialized element", table)
        self.dies(i32(9) + call_indirect(0), signal.SIGSEGV, "undefined element", table)

    def test_uncaught_exception(self):
        def tag(m):
            m.tag = m.type([], [])
        self.dies(op("throw", 0), signal.SIGABRT, "uncaught exception", tag)

    def test_runaway_recursion_is_cut_in_the_middle(self):
        m = Module()
        m.func([], [], call(0) + END, export="_start", called="again")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(-signal.SIGSEGV, stdout="")
        lines = self.stderr.splitlines()
        self.assertTrue(lines[0].startswith("wali-run: x.wasm: trap: call stack exhausted"), lines[0])
        self.assertRegex(self.stderr, r"    … \d+ more\n")
        self.assertLess(len(lines), 40)

    def test_in_the_start_function(self):
        m = Module()
        m.start = m.func([], [], UNREACHABLE + END)
        self.run_cli(self.file("x.wasm", m.bytes())).gives(-signal.SIGILL)

    def test_an_ignored_or_blocked_signal_kills_all_the_same(self):
        m = Module()
        m.func([], [], UNREACHABLE + END, export="_start")
        self.file("x.wasm", m.bytes())

        def ignore():
            no_core_file()
            signal.signal(signal.SIGILL, signal.SIG_IGN)

        def block():
            no_core_file()
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGILL])
        for prepare in (ignore, block):
            self.run_cli("x.wasm", preexec=prepare).gives(-signal.SIGILL, stdout="")
            self.assertIn("trap: unreachable", self.stderr)

    def test_names_cannot_talk_to_the_terminal(self):
        m = Module()
        m.func([], [], UNREACHABLE + END, export="_start", called="a\x1b[31m\nb")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(-signal.SIGILL)
        self.assertIn("in a\\x1b[31m\\x0ab\n", self.stderr)


if __name__ == "__main__":
    main()
