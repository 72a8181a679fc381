# SPDX-License-Identifier: Apache-2.0
"""Programs of stock clang and wasi-libc, compared with the same programs compiled natively.

run.py WALI_RUN FOLDER: the folder holds NAME.wasm and NAME.native for each NAME.c beside this file.
"""
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
WALI_RUN, FOLDER = os.path.abspath(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1)).resolve()


def run(words, stdin, env=None, **options):
    if isinstance(stdin, bytes):
        options["input"] = stdin
    else:
        options["stdin"] = stdin
    done = subprocess.run(words, capture_output=True, env=env, timeout=60, **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Same(unittest.TestCase):
    """Natively and under wali-run: the same status, output and errors."""
    maxDiff = None

    def same(self, name, args=(), stdin=b"", env=None, options=()):
        results = []
        native = [str(FOLDER / f"{name}.native"), *args]
        wasm = [WALI_RUN, *options, *(f"--env={k}={v}" for k, v in (env or {}).items()), "--argv0", native[0],
                str(FOLDER / f"{name}.wasm"), *args]
        for words, environment in ((native, env or {}), (wasm, None)):
            source = stdin() if callable(stdin) else stdin
            results.append(run(words, source, environment))
            if callable(stdin):
                source.close()
        self.assertEqual(results[1], results[0])
        return results[0]

    def test_arguments_and_environment(self):
        self.same("args_env")
        self.same("args_env", ["", "a b", "-x", "--help", "ü" * 1000, "\x01"], env={"A": "1", "B": "two words=x\ny"})
        self.same("args_env", ["x"] * 200, env={f"V{i}": "v" * i for i in range(300)})

    def test_environment_is_not_inherited(self):
        os.environ["WASI_TEST_SECRET"] = "seen"
        status, stdout, _ = run([WALI_RUN, str(FOLDER / "args_env.wasm")], b"")
        self.assertEqual((status, "env <" in stdout), (1, False), stdout)
        _, stdout, _ = run([WALI_RUN, "--env=WASI_TEST_SECRET", str(FOLDER / "args_env.wasm")], b"")
        self.assertIn("env <WASI_TEST_SECRET=seen>\n", stdout)

    def test_environment_file(self):
        with tempfile.NamedTemporaryFile() as f:
            f.write(b"A=file\nB=b\n")
            f.flush()
            _, stdout, _ = run([WALI_RUN, "-v=0", f"--env-file={f.name}", "--stack-size=262144", "--env", "A=option",
                                str(FOLDER / "args_env.wasm")], b"")
        self.assertIn("env <A=option>\nenv <B=b>\nA=option\n", stdout)

    def test_standard_streams(self):
        text = b"first line\n 42 then more text\nlast"
        self.same("stdio", stdin=text)
        self.same("stdio")
        with tempfile.NamedTemporaryFile() as f:
            f.write(text)
            f.flush()
            status, stdout, _ = self.same("stdio", stdin=lambda: open(f.name, "rb"))
            self.assertIn("before the start -1", stdout)
        self.same("stdio", stdin=lambda: open("/dev/null", "rb"))

    def test_closed_streams(self):
        for name in ("stdio", "terminal"):
            for closed in (0, 2):
                results = [run(words, subprocess.DEVNULL, {}, preexec_fn=lambda: os.close(closed))
                           for words in ([FOLDER / f"{name}.native"], [WALI_RUN, FOLDER / f"{name}.wasm"])]
                self.assertEqual(results[1], results[0])

    def test_scattered_transfers(self):
        data = bytes(range(97, 123)) * 20000
        status, stdout, _ = self.same("transfer", stdin=data)
        self.assertEqual((status, stdout), (0, data.decode()))

    def test_clocks(self):
        self.same("time")

    def test_random(self):
        self.same("random")

    def test_terminal(self):
        self.same("terminal")
        controller, terminal = pty.openpty()
        try:
            status, stdout, _ = self.same("terminal", stdin=lambda: os.fdopen(os.dup(terminal), "rb"))
            self.assertIn("0 isatty 1\n1 isatty 0\n", stdout)
        finally:
            os.close(controller)
            os.close(terminal)


class Own(unittest.TestCase):
    """What has no native counterpart."""
    maxDiff = None

    def test_hostile_arguments(self):
        status, stdout, stderr = run([WALI_RUN, str(FOLDER / "raw.wasm")], b"12345")
        self.assertEqual((stdout, stderr, status), ((HERE / "raw.txt").read_text(), "", 0))

    def test_a_call_that_is_not_provided_is_in_the_log(self):
        _, _, stderr = run([WALI_RUN, "--log=wasi=warn", str(FOLDER / "raw.wasm")], b"")
        self.assertIn("wali-run: warn: wasi: fd_sync: not supported\n", stderr)

    def test_unstable(self):
        with tempfile.TemporaryFile() as f:
            f.write(b"0123456789")
            f.flush()
            self.assertEqual(run([WALI_RUN, str(FOLDER / "unstable.wasm")], f), (0, "", ""))


if __name__ == "__main__":
    if not any(FOLDER.glob("*.wasm")):
        print("skipped: no clang-22 with wasi-libc to build the programs")
        sys.exit(77)
    unittest.main()
