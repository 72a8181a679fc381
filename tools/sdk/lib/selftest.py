# SPDX-License-Identifier: Apache-2.0
"""Whether an installed SDK does what it is for: the data model, a program in C and one in C++, linked; and run, if
there is a wali-run to run them."""
import subprocess
import tempfile

from base import SDK, die, say

PREPROCESSED = {"__SIZEOF_LONG__": "8", "__SIZEOF_POINTER__": "4", "__SIZEOF_SIZE_T__": "4", "__LONG_WIDTH__": "64",
                "__linux__": "1", "__unix__": "1", "__wasm32__": "1", "__SIZEOF_LONG_DOUBLE__": "16"}
GREETING = "hello from WALI"


def must(command, what, text=None):
    done = subprocess.run([str(c) for c in command], input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        print(done.stdout)
        die(f"self-test: {what} failed (above)")
    return done.stdout


def check_macros(compiler):
    text = must([compiler, "-E", "-dM", "-x", "c", "-"], "the preprocessor", "")
    macros = dict(line.split(" ", 2)[1:] for line in text.splitlines() if line.count(" ") > 1)
    for name, value in PREPROCESSED.items():
        if macros.get(name) != value:
            die(f"self-test: {compiler} -E has {name} {macros.get(name)}, not {value}")


def check_program(prefix, compiler, source, folder):
    program = f"{folder}/{source}.wasm"
    must([prefix / "bin" / compiler, "-O1", SDK / "selftest" / source, "-o", program], f"compiling {source}")
    done = subprocess.run([prefix / "bin/wali-exec", program], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode == 127:
        return False
    if done.returncode != 0 or done.stdout != GREETING + "\n":
        print(done.stdout + done.stderr)
        die(f"self-test: {source} ran with status {done.returncode} (its output is above)")
    return True


def check(prefix):
    with tempfile.TemporaryDirectory() as folder:
        for compiler in ("wali-cc", "wali-c++"):
            check_macros(prefix / "bin" / compiler)
        must([prefix / "bin/wali-cc", "-Wall", "-Werror", "-Wno-unused", SDK / "selftest/model.c", "-o",
              f"{folder}/model.wasm"], "the data model")
        ran = [check_program(prefix, compiler, source, folder)
               for compiler, source in (("wali-cc", "hello.c"), ("wali-c++", "hello.cc"))]
    say("self-test: data model, C and C++ programs are in order" +
        ("" if all(ran) else " (not run: there is no wali-run)"))
