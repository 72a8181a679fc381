# SPDX-License-Identifier: Apache-2.0
"""What each option does to a run."""
import os
import shutil
import subprocess
import unittest

import cli_case
from cli_case import CliCase, main
from wasm_bytes import DROP, END, I32, I32_ADD, I64, VOID, Module, call, i32, local, op, pages

WASI = "wasi_snapshot_preview1"
LOOP_FOREVER = op("loop", VOID) + op("br", 0) + END + END
MEMORY_GROW = op("memory.grow", 0)


def minimal():
    m = Module()
    m.func([], [], END, export="_start")
    return m.bytes()


def endless():
    m = Module()
    m.func([], [], LOOP_FOREVER, export="_start")
    return m.bytes()


class About(CliCase):
    def test_help(self):
        self.run_cli("--help").gives(0, "")
        self.assertTrue(self.stdout.startswith("Usage: wali-run [OPTIONS] MODULE [ARGS…]\n"))
        self.assertLess(len(self.stdout.splitlines()), 41)
        self.run_cli("-h", "absent.wasm").gives(0, "")

    def test_version(self):
        self.run_cli("--version").gives(0, "")
        self.assertRegex(self.stdout, r"\Awali-run \d+\.\d+\.\d+\n")
        for line in (r"compiler: (clang|gcc) \d+", r"machine:  \w+", r"dispatch: (tail|loop), \d pinned",
                     r"features: .*threads", r"fmt:      \d+\.\d+\.\d+"):
            self.assertRegex(self.stdout, line)

    def test_list_syscalls(self):
        self.run_cli("--list-syscalls").gives(0, "")
        self.assertRegex(self.stdout, r"(?m)^ +0 read +desc +direct ")
        self.assertRegex(self.stdout, r"\d+ of \d+ system calls provided; the others answer ENOSYS\n\Z")

    def test_a_full_disk_is_noticed(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([cli_case.WALI_RUN, "--help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (125, b"wali-run: cannot write to standard output\n"))

    def test_usage_errors(self):
        self.run_cli("--envfile=x", "m").refused(125, "unknown option '--envfile': did you mean '--env-file'?")
        self.run_cli("--env-file").refused(125, "--env-file needs an argument: FILE")
        self.file("m", minimal())
        self.run_cli("--env-file=absent", "m").refused(125, "m: --env-file absent: No such file or directory")
        self.run_cli("--cwd=absent", "m").refused(125, "m: --cwd absent: No such file or directory")


class Limits(CliCase):
    def test_timeout_ends_a_busy_loop(self):
        self.run_cli("--timeout=0.1", self.file("x.wasm", endless())).refused(
            125, "x.wasm: not finished after 0.1 s (--timeout)")

    def test_timeout_ends_a_blocked_call(self):
        m = Module()
        m.memory = pages(1)
        m.data = [(0, b"\x10\0\0\0\x01\0\0\0")]
        read = m.import_func(WASI, "fd_read", [I32, I32, I32, I32], [I32])
        m.func([], [], i32(0) + i32(0) + i32(1) + i32(8) + call(read) + DROP + END, export="_start")
        ours, theirs = os.pipe()
        try:
            self.run_cli("--timeout", "0.1", self.file("x.wasm", m.bytes()), stdin=ours).gives(125)
        finally:
            os.close(ours)
            os.close(theirs)

    def test_a_run_within_its_time_is_not_disturbed(self):
        self.run_cli("--timeout=1000", self.file("x.wasm", minimal())).gives(0, "", "")

    def test_max_memory(self):
        m = Module()
        m.memory = pages(1)
        m.func([I32], [I32], local(0) + MEMORY_GROW + END, export="grow")
        self.file("x.wasm", m.bytes())
        self.run_cli("--invoke=grow", "x.wasm", "16").gives(0, "", "1\n")
        self.run_cli("--max-memory=1M", "--invoke=grow", "x.wasm", "15").gives(0, "", "1\n")
        self.run_cli("--max-memory=1M", "--invoke=grow", "x.wasm", "16").gives(0, "", "-1\n")
        m.memory = pages(100)
        self.run_cli("--max-memory=1M", self.file("y.wasm", m.bytes())).gives(125, stdout="")
        self.assertRegex(self.stderr, r"\Awali-run: y\.wasm: [^\n]*memory[^\n]*\n\Z")

    def test_stack_size(self):
        m = Module()
        # down(n) = n == 0 ? 0 : 1 + down(n - 1)
        body = local(0) + op("i32.eqz") + op("if", bytes([I32])) + i32(0) + op("else") + i32(1) + local(0) + i32(1) + op("i32.sub") + call(0)
        body += I32_ADD + END
        m.func([I32], [I32], body + END, export="down")
        self.file("x.wasm", m.bytes())
        self.run_cli("--invoke=down", "x.wasm", "10000").gives(0, "", "10000\n")
        self.run_cli("--stack-size=64K", "--invoke=down", "x.wasm", "10000").gives(-11, stdout="")
        self.assertIn("trap: call stack exhausted", self.stderr)
        self.run_cli("--stack-size=64M", "--invoke=down", "x.wasm", "100000").gives(0, "", "100000\n")


    def test_a_host_that_refuses_memory(self):
        self.file("x.wasm", minimal())
        self.run_cli("--stack-size=1000000G", "x.wasm").refused(
            125, "x.wasm: the system refuses a stack of 1073741824000000 bytes")


class Features(CliCase):
    def test_a_disabled_feature_is_refused(self):
        m = Module()
        m.memory = pages(1, 1, shared=True)
        m.func([], [], op("atomic.fence", 0) + END, export="_start")
        self.file("x.wasm", m.bytes())
        self.run_cli("x.wasm").gives(0, "", "")
        self.run_cli("--disable-threads", "x.wasm").gives(126, stdout="")
        self.assertRegex(self.stderr, r"\Awali-run: x\.wasm: [^\n]+\n\Z")


class Check(CliCase):
    def test_a_runnable_module(self):
        m = Module()
        m.memory = pages(1, 1, shared=True)
        m.import_func(WASI, "proc_exit", [I32])
        m.func([], [], op("atomic.fence", 0) + END, export="_start")
        self.run_cli("--check", self.file("x.wasm", m.bytes())).gives(0, "", (
            "x.wasm: valid\n"
            "kind:     WASI preview 1\n"
            "entry:    _start\n"
            "features: threads\n"
            "imports:  1\n"
            "    wasi_snapshot_preview1.proc_exit func (i32) -> (): provided\n"))

    def test_nothing_runs(self):
        m = Module()
        m.start = m.func([], [], LOOP_FOREVER)
        self.run_cli("--check", self.file("x.wasm", m.bytes())).gives(0, "", (
            "x.wasm: valid\nkind:     plain WebAssembly\nentry:    none (call an export with --invoke)\n"
            "features: only the core\nimports:  none\n"))

    def test_a_missing_import(self):
        m = Module()
        m.import_func("env", "gone", [], [I64])
        m.func([], [], END, export="_start")
        self.file("x.wasm", m.bytes())
        self.run_cli("--check", "x.wasm").gives(126, "wali-run: x.wasm: cannot run: 1 import is not provided\n")
        self.assertIn("    env.gone func () -> (i64): NOT PROVIDED\n", self.stdout)
        self.run_cli("--check", "--unknown-imports=trap", "x.wasm").gives(0, "")

    def test_wali_imports(self):
        m = Module()
        m.import_func("wali", "SYS_getpid", [], [I64])
        m.import_func("wali", "SYS_nosuchcall", [], [I64])
        m.func([], [], END, export="_start")
        self.file("x.wasm", m.bytes())
        self.run_cli("--check", "x.wasm").gives(0, "")
        self.assertIn("kind:     WALI (imports Linux system calls)\n", self.stdout)
        self.assertIn("    wali.SYS_getpid func () -> (i64): provided\n", self.stdout)
        self.assertIn("    wali.SYS_nosuchcall func () -> (i64): NOT PROVIDED\n", self.stdout)
        self.run_cli("--check", "--unknown-imports=refuse", "x.wasm").gives(126)

    def test_an_invalid_module(self):
        m = Module()
        m.func([], [I32], END, export="_start")
        self.run_cli("--check", self.file("x.wasm", m.bytes())).gives(126, stdout="")
        self.assertRegex(self.stderr, r"\Awali-run: x\.wasm: type mismatch[^\n]*\n\Z")


class Logging(CliCase):
    def test_levels_and_areas(self):
        self.file("x.wasm", minimal())
        self.run_cli("x.wasm").gives(0, "", "")
        self.run_cli("-v=0", "x.wasm").gives(0, "", "")
        for words, env in ((["-v"], {}), (["--log=load=info"], {}), ([], {"WALI_LOG": "info"}), (["-v=5"], {})):
            self.run_cli(*words, "x.wasm", env=env).gives(0, stdout="")
            self.assertRegex(self.stderr, r"(?m)^wali-run: info: load: x\.wasm: \d+ bytes, 0 imports$")
        self.run_cli("--log=link=info", "x.wasm").gives(0, "", "")
        self.run_cli("-v=0", "x.wasm", env={"WALI_LOG": "info"}).gives(0, "", "")

    def test_wrong_specs(self):
        self.run_cli("--log=loud", "m").refused(125, "--log: 'loud' is not a level: error, warn, info, debug, trace")
        self.run_cli("m", env={"WALI_LOG": "x=info"}).refused(
            125, "WALI_LOG: 'x' is not an area: load, link, syscall, signal, thread, memory, shim, wasi")


class OwnVariables(CliCase):
    def test_options_from_the_environment(self):
        self.file("x.wasm", endless())
        self.run_cli("x.wasm", env={"WALI_RUN_OPTS": "--timeout=0.1"}).gives(125)
        self.run_cli("x.wasm", env={"WALI_RUN_OPTS": "--argv0='a"}).refused(125, "WALI_RUN_OPTS: a quote is not closed")
        self.run_cli("x.wasm", env={"WALI_RUN_OPTS": "y.wasm"}).refused(125, "WALI_RUN_OPTS: 'y.wasm' is not an option")

    @unittest.skipUnless(os.getuid() == 0, "needs root to make a set-uid copy")
    def test_a_set_uid_program_takes_none(self):
        if os.statvfs(self.dir).f_flag & os.ST_NOSUID:
            self.skipTest("the folder for temporary files is mounted nosuid")
        program = self.dir / "wali-run"
        shutil.copy(cli_case.WALI_RUN, program)
        os.chmod(self.dir, 0o755)
        os.chown(program, 54321, 54321)
        os.chmod(program, 0o4755)
        os.chmod(self.dir / self.file("x.wasm", minimal()), 0o644)
        env = {"WALI_RUN_OPTS": "--no-such-option", "WALI_LOG": "no-such-level"}
        self.run_cli("x.wasm", env=env).gives(125)
        self.run_cli("x.wasm", env=env, program=program).gives(0, "", "")


if __name__ == "__main__":
    main()
