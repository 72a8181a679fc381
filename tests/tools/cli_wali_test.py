# SPDX-License-Identifier: Apache-2.0
"""The command line as a Linux program under WALI sees it: its arguments, variables, folder, children and death."""
import ctypes
import os
import resource
import shutil
import signal
import sys

from cli_case import CliCase, main, no_core_file


def has_memory_map():
    """Whether the kernel lets a process say where its arguments are (CONFIG_CHECKPOINT_RESTORE)."""
    size = ctypes.c_uint(0)
    return ctypes.CDLL(None).prctl(35, 15, ctypes.byref(size), 0, 0) == 0 and size.value > 0


class Wali(CliCase):
    @classmethod
    def setUpClass(cls):
        cls.build_guest()

    def setUp(self):
        super().setUp()
        shutil.copy(self.module, self.dir)

    def guest(self, *words, options=(), **more):
        return self.run_cli(*options, "g.wasm", *words, **more)

    def variables(self, *options, env=None):
        self.guest("env", options=options, env=env).gives(2, "")
        return dict(line.split("=", 1) for line in self.stdout.splitlines())

    def test_arguments(self):
        self.guest("args", "", "-v", "ä b").gives(5, "", "g.wasm\nargs\n\n-v\nä b\n")
        self.guest("args", options=["--argv0=name", "-v=0"]).gives(2, "", "name\nargs\n")

    def test_the_environment_is_the_hosts_unless_changed(self):
        inherited = self.variables(env={"CLI_TEST": "a=b"})
        self.assertEqual(inherited["CLI_TEST"], "a=b")
        self.assertEqual(inherited["PATH"], os.environ["PATH"])
        self.file("f", "CLI_TEST=file\nOTHER=x\n")
        changed = self.variables("--env-file=f", "--env", "OTHER=y", env={"CLI_TEST": "host"})
        self.assertEqual((changed["CLI_TEST"], changed["OTHER"]), ("file", "y"))
        self.assertEqual(self.variables("--clear-env"), {})
        self.assertEqual(self.variables("--clear-env", "--env=CLI_TEST", "--env=A=", env={"CLI_TEST": "v"}),
                         {"CLI_TEST": "v", "A": ""})

    def test_folder(self):
        (self.dir / "sub").mkdir()
        self.guest("cwd").gives(2, "", f"{self.dir}\n")
        self.file("f", "")
        self.guest("cwd", options=["--cwd=sub", "--env-file=f"]).gives(2, "", f"{self.dir}/sub\n")

    def test_missing_calls(self):
        self.guest("missing").gives(2, "", "ENOSYS\n")
        self.guest("missing", options=["--warn-missing", "--log=warn"]).gives(2, stdout="ENOSYS\n")
        self.assertEqual(self.stderr.count("nosuchcall"), 1, self.stderr)
        self.guest("missing", options=["--unknown-imports=trap"]).gives(126, stdout="")
        self.assertIn("trap: call of a missing import: wali.SYS_nosuchcall", self.stderr)
        self.guest("missing", options=["--unknown-imports=refuse"]).gives(126, stdout="")
        self.assertRegex(self.stderr, r"\Awali-run: g\.wasm: [^\n]*wali\.SYS_nosuchcall[^\n]*\n\Z")

    def test_a_wasm_child_gets_the_options_that_concern_it(self):
        # Its own argv[0], the environment the parent gives it, the limits and the log level of the parent.
        self.guest("exec", "g.wasm", "missing", options=["--unknown-imports=trap", "--argv0=x", "--timeout=100"])
        self.gives(126, stdout="")
        self.assertIn("wali-run: g.wasm: trap: call of a missing import", self.stderr)
        self.guest("exec", "g.wasm", "args", options=["--argv0=parent"]).gives(2, "", "g.wasm\nargs\n")
        self.guest("exec", "g.wasm", "env", options=["--clear-env", "--env=A=1"]).gives(2, "", "A=1\n")

    def test_a_wasm_child_logs_as_its_parent_does(self):
        loads = r"(?m)^wali-run: info: load: "
        self.guest("exec", "g.wasm", "args", options=["--log=load=info"]).gives(2)
        self.assertEqual(len(self.stderr.splitlines()), 2, self.stderr)
        self.assertRegex(self.stderr, loads)
        # Also with a native program between them.
        self.guest("exec", "/bin/sh", "-c", f"exec {sys.modules['cli_case'].WALI_RUN} g.wasm args", options=["--log=load=info"])
        self.gives(2)
        self.assertEqual(len(self.stderr.splitlines()), 2, self.stderr)
        # The default level leaves no trace in the environment.
        self.assertNotIn("WALI_LOG", self.variables("-v=0"))
        self.assertEqual(self.variables("-v=1")["WALI_LOG"], "warn")

    def test_options_of_the_environment_are_not_applied_twice(self):
        (self.dir / "sub").mkdir()
        shutil.copy(self.dir / "g.wasm", self.dir / "sub")
        self.guest("exec", "g.wasm", "cwd", env={"WALI_RUN_OPTS": "--cwd=sub"}).gives(2, "", f"{self.dir}/sub\n")

    def test_timeout_covers_what_the_guest_forks(self):
        # The parent ends at once; the pipes close when the child is gone too.
        self.guest("spin-in-child", options=["--timeout=0.3"]).gives(2, "wali-run: g.wasm: not finished after 0.3 s (--timeout)\n")

    def test_timeout_holds_for_who_is_stopped(self):
        over = "wali-run: g.wasm: not finished after 0.3 s (--timeout)\n"
        self.guest("stop", options=["--timeout=0.3"]).gives(125, over)
        self.guest("stop-in-child", options=["--timeout=0.3"]).gives(2, over)

    def test_who_watches_the_time_is_no_child_of_the_guest(self):
        self.guest("children", options=["--timeout=1000"]).gives(2, "", "ECHILD\n")
        self.guest("exec", "g.wasm", "children", options=["--timeout=1000"]).gives(2, "", "ECHILD\n")

    def shows(self, name, *words):
        """What the guest has printed of itself: its name, and its command line."""
        comm, empty, line = self.stdout.split("\n", 2)
        line = line.removesuffix("\n")
        if not has_memory_map():
            line = line.rstrip("|") + "|"
        self.assertEqual((comm, empty, line), (name, "", "".join(word + "|" for word in words)))

    def test_other_processes_see_the_guest(self):
        self.guest("look", "a b", "", "c", options=["-v=0"]).gives(5, "")
        self.shows("g.wasm", "g.wasm", "look", "a b", "", "c")
        self.guest("look", options=["--argv0=a name that is longer than the other"]).gives(2, "")
        self.shows("g.wasm", "a name that is longer than the other", "look")
        (self.dir / "g.wasm").rename(self.dir / "name-of-more-than-fifteen")
        self.run_cli("./name-of-more-than-fifteen", "look").gives(2, "")
        self.shows("name-of-more-th", "./name-of-more-than-fifteen", "look")

    def test_other_processes_see_the_guest_after_execve(self):
        self.guest("exec", "./g.wasm", "look", "x", options=["--timeout=1000"]).gives(3, "")
        self.shows("g.wasm", "./g.wasm", "look", "x")
        (self.dir / "script").write_text("#!g.wasm look\n", encoding="utf-8")
        (self.dir / "script").chmod(0o755)
        self.guest("exec", "./script", "y").gives(4, "")
        self.shows("script", "g.wasm", "look", "./script", "y")

    def test_no_file_may_grow(self):
        # What the runtime writes for itself neither fails nor ends the program.
        def no_files():
            no_core_file()
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        self.guest("env", env={"CLI_TEST": "here"}, preexec=no_files).gives(2, "")
        self.assertIn("CLI_TEST=here\n", self.stdout)
        line = f"exec {sys.modules['cli_case'].WALI_RUN} g.wasm divide 2>f"
        self.run_cli("-c", line, program="/bin/sh", preexec=no_files).gives(-signal.SIGFPE, "", "")

    def test_death(self):
        self.guest("kill").gives(-signal.SIGTERM, "", "")
        self.guest("divide").gives(-signal.SIGFPE, stdout="")
        self.assertTrue(self.stderr.startswith("wali-run: g.wasm: trap: integer divide by zero in "), self.stderr)

    def test_a_file_of_the_guest_on_descriptor_2_stays_its_own(self):
        self.guest("crash-with-file-on-stderr", "f").gives(-signal.SIGFPE, "", "")
        self.assertEqual((self.dir / "f").read_bytes(), b"")


if __name__ == "__main__":
    main()
