# SPDX-License-Identifier: Apache-2.0
"""What is MODULE, and what is said and returned when it cannot be run."""
import os
import subprocess
import unittest

import cli_case
from cli_case import CliCase, main
from wasm_bytes import (DROP, END, F32, F64, I32, I32_ADD, I64, UNREACHABLE, Module, call, i32, i64, local, pages)

WASI = "wasi_snapshot_preview1"


def exiting(status):
    m = Module()
    m.memory = pages(1)
    proc_exit = m.import_func(WASI, "proc_exit", [I32])
    m.func([], [], i32(status) + call(proc_exit) + END, export="_start")
    return m.bytes()


class NotAModule(CliCase):
    def test_nothing_given(self):
        self.run_cli().refused(125, "no module given (try --help)")

    def test_absent(self):
        self.run_cli("absent.wasm").refused(127, "absent.wasm: No such file or directory")
        self.file("plain", b"")
        self.run_cli("plain/x.wasm").refused(127, "plain/x.wasm: Not a directory")

    def test_directory(self):
        self.run_cli(".").refused(126, ".: is a directory")

    @unittest.skipIf(os.getuid() == 0, "root reads every file")
    def test_unreadable(self):
        os.chmod(self.dir / self.file("x.wasm", exiting(0)), 0)
        self.run_cli("x.wasm").refused(126, "x.wasm: Permission denied")

    def test_other_kinds_of_file(self):
        for content, reason in {
            b"": "empty file, not a WebAssembly module",
            b"\0asm\1": "truncated: only the start of a WebAssembly header",
            b"hello, world\n": "text, not a WebAssembly module",
            b"#!/bin/sh\n": "a script, not a WebAssembly module",
            b"\0aot\3\0\0\0rest": "a WAMR AOT file (machine code made by wamrc); run the .wasm it was made from",
            b"\0asm\x0d\0\1\0": "a WebAssembly component; only core modules run here",
        }.items():
            self.run_cli(self.file("x", content)).refused(126, "x: " + reason)

    def test_behind_a_first_line(self):
        name = self.file("x", b"#!/usr/bin/env wali-run\n" + exiting(3))
        self.run_cli(name).gives(3)
        with open(self.dir / name, "rb") as module:
            self.run_cli("-", stdin=module).gives(3)
        self.run_cli(self.file("x", b"#!" + b"x" * 300 + b"\n" + exiting(3))).refused(
            126, "x: a script, not a WebAssembly module")

    def test_broken_modules_are_one_line(self):
        whole = exiting(0)
        for size in (9, 20, len(whole) - 1):
            self.run_cli(self.file("x.wasm", whole[:size])).gives(126, stdout="")
            self.assertRegex(self.stderr, r"\Awali-run: x\.wasm: [^\n]*offset 0x[0-9a-f]+[^\n]*\n\Z")
        self.run_cli(self.file("x.wasm", whole[:4] + b"\2" + whole[5:])).gives(126, stdout="")
        self.assertRegex(self.stderr, r"\Awali-run: x\.wasm: [^\n]*version[^\n]*\n\Z")

    def test_control_characters_do_not_reach_the_terminal(self):
        self.run_cli("a\x1b[1m\nb").refused(127, "a\\x1b[1m\\x0ab: No such file or directory")

    def test_endless_device(self):
        self.run_cli("/dev/zero").refused(126, "/dev/zero: not a WebAssembly module")


class Sources(CliCase):
    def test_standard_input_and_pipes(self):
        self.run_cli("-", stdin=exiting(3)).gives(3, "", "")
        self.run_cli("-", stdin=b"").refused(126, "-: empty file, not a WebAssembly module")
        # More than a pipe holds at once.
        big = exiting(4) + b"\0" + b"\xa1\x8d\x06" + b"\4test" + bytes(100_000 - 4)
        self.run_cli("-", stdin=big).gives(4, "", "")
        self.run_cli("/dev/stdin", stdin=exiting(5)).gives(5, "", "")


class Imports(CliCase):
    def missing(self):
        m = Module()
        m.import_func("env", "one", [I32])
        m.import_func("env", "two", [], [I64])
        m.import_memory("env", "memory", 1)
        m.func([], [], END, export="_start")
        return self.file("x.wasm", m.bytes())

    def test_all_missing_imports_are_named_at_once(self):
        self.run_cli(self.missing()).gives(126, (
            "wali-run: x.wasm: 3 imports are not provided with the type they want:\n"
            "    env.one func (i32) -> ()\n"
            "    env.two func () -> (i64)\n"
            "    env.memory memory 1\n"), "")

    def test_an_import_of_another_type_is_refused(self):
        m = Module()
        m.import_func(WASI, "proc_exit", [I64])
        m.func([], [], END, export="_start")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(126, stdout="")
        self.assertIn(f"{WASI}.proc_exit", self.stderr)

    def test_unknown_imports_trap(self):
        m = Module()
        gone = m.import_func("env", "gone", [I32], [I32])
        proc_exit = m.import_func(WASI, "proc_exit", [I32])
        m.func([], [], i32(5) + call(proc_exit) + END, export="_start")
        m.func([], [], i32(5) + call(gone) + DROP + END, export="go")
        self.file("x.wasm", m.bytes())
        self.run_cli("--unknown-imports=trap", "x.wasm").gives(5, "", "")
        self.run_cli("--unknown-imports=trap", "--invoke=go", "x.wasm").gives(126, stdout="")
        self.assertIn("trap: call of a missing import: env.gone", self.stderr)
        self.run_cli("--unknown-imports=refuse", "x.wasm").gives(126, stdout="")
        # A memory cannot be made up.
        self.run_cli("--unknown-imports=trap", self.missing()).gives(126, stdout="")
        self.assertIn("env.memory", self.stderr)
        self.assertNotIn("env.one", self.stderr)

    def test_wali_and_wasi_at_once(self):
        m = Module()
        m.import_func("wali", "SYS_getpid", [], [I64])
        m.import_func(WASI, "proc_exit", [I32])
        m.func([], [], END, export="_start")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(126, stdout="")
        self.assertIn("both WALI and WASI", self.stderr)


class Entry(CliCase):
    def test_status_is_the_guests_own(self):
        for status in (0, 1, 42, 125, 255):
            self.run_cli(self.file("x.wasm", exiting(status))).gives(status, "", "")
        self.run_cli(self.file("x.wasm", exiting(256 + 7))).gives(7, "", "")

    def test_no_start(self):
        m = Module()
        m.func([], [], END, export="go")
        self.run_cli(self.file("x.wasm", m.bytes())).refused(
            126, "x.wasm: no exported function '_start'; name one with --invoke")

    def test_start_of_another_type(self):
        m = Module()
        m.func([I32], [], END, export="_start")
        self.run_cli(self.file("x.wasm", m.bytes())).refused(126, "x.wasm: '_start' has type (i32) -> (), not () -> ()")

    def test_a_reactor_is_initialised(self):
        m = Module()
        proc_exit = m.import_func(WASI, "proc_exit", [I32])
        m.func([], [], i32(9) + call(proc_exit) + END, export="_initialize")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(9, "", "")

    def test_the_start_function_may_exit(self):
        m = Module()
        proc_exit = m.import_func(WASI, "proc_exit", [I32])
        m.start = m.func([], [], i32(11) + call(proc_exit) + END)
        m.func([], [], END, export="_start")
        self.run_cli(self.file("x.wasm", m.bytes())).gives(11, "", "")

    def test_an_invalid_body_ends_the_run_when_it_is_called(self):
        m = Module()
        bad = m.func([], [], i64(0) + i32(0) + I32_ADD + DROP + END, called="bad")
        m.func([], [], END, export="_start")
        m.func([], [], call(bad) + END, export="go")
        self.file("x.wasm", m.bytes())
        self.run_cli("x.wasm").gives(0, "", "")
        self.run_cli("--invoke", "go", "x.wasm").gives(126, stdout="")
        self.assertIn("invalid function body", self.stderr)
        self.run_cli("--check", "x.wasm").gives(126, stdout="")
        self.assertRegex(self.stderr, r"\Awali-run: x\.wasm: type mismatch[^\n]*'bad'[^\n]*\n\Z")


class Invoke(CliCase):
    def setUp(self):
        super().setUp()
        m = Module()
        m.func([I32, I32], [I32], local(0) + local(1) + I32_ADD + END, export="add")
        m.func([I64, F32, F64], [F64, F32, I64], local(2) + local(1) + local(0) + END, export="swap")
        m.func([], [], END, export="nothing")
        m.func([], [], UNREACHABLE + END, export="trap")
        self.file("x.wasm", m.bytes())

    def test_results_are_printed_one_a_line(self):
        self.run_cli("--invoke=add", "x.wasm", "40", "2").gives(0, "", "42\n")
        self.run_cli("--invoke", "add", "x.wasm", "-1", "0xffffffff").gives(0, "", "-2\n")
        self.run_cli("--invoke", "swap", "x.wasm", "-9", "0.1", "1e300").gives(0, "", "1e+300\n0.1\n-9\n")
        self.run_cli("--invoke", "nothing", "x.wasm").gives(0, "", "")

    def test_wrong_use(self):
        self.run_cli("--invoke=add", "x.wasm", "1").refused(
            125, "x.wasm: --invoke add: (i32, i32) -> (i32) takes 2 arguments, 1 given")
        self.run_cli("--invoke=add", "x.wasm", "1", "x").refused(
            125, "x.wasm: --invoke add: 'x' is not a value of type i32")
        self.run_cli("--invoke=sub", "x.wasm").refused(126, "x.wasm: no exported function 'sub'")

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([cli_case.WALI_RUN, "--invoke=add", "x.wasm", "1", "2"], stdout=full,
                                  stderr=subprocess.PIPE, cwd=self.dir)
        self.assertEqual((done.returncode, done.stderr), (125, b"wali-run: x.wasm: cannot write the results\n"))


if __name__ == "__main__":
    main()
