# SPDX-License-Identifier: Apache-2.0
"""Modules that a test script compiles itself, with what compiles all others: tools/lib/guest-clang."""
import pathlib
import shutil
import subprocess

CLANG = pathlib.Path(__file__).resolve().parents[2] / "tools/lib/guest-clang"
MISSING = None if shutil.which("clang-22") and shutil.which("wasm-ld-22") else "needs clang-22 and lld-22"


def compile_module(source, output, *options):
    """A module without a library."""
    subprocess.run([CLANG, "--target=wasm32", "-O1", "-nostdlib", *options, "-o", output, source], check=True)
