# SPDX-License-Identifier: Apache-2.0
"""The compiler's own warnings of what a 64-bit long with 32-bit pointers breaks (tools/sdk/warnings): a plugin of clang.

It is compiled with clang's headers, of which Debian has packages of several hundred megabytes. They are not installed
for this: the headers are taken out of the packages, and kept no longer than it takes.
"""
import pathlib
import shutil
import subprocess

from base import CACHE, CLANG, CLANGXX, COMPILER, LLVM, SDK, cached, compiler_version, digest, run, say

SOURCES = SDK / "warnings"
NAME = "wali-warnings.so"
PACKAGES = (f"libclang-{LLVM}-dev", f"llvm-{LLVM}-dev")
FOLDERS = (f"usr/include/llvm-{LLVM}", f"usr/include/llvm-c-{LLVM}", f"usr/lib/llvm-{LLVM}/include")
INSTALLED = all((pathlib.Path("/") / name).is_dir() for name in FOLDERS)
FLAGS = ("-std=c++20", "-O1", "-fPIC", "-shared", "-fno-rtti", "-fno-exceptions", "-w")


class Unavailable(Exception):
    """Why there are no headers."""


def fetch_headers(folder):
    """Below `folder`, as they would be below /."""
    folder.mkdir()
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", CLANG], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=False).stdout
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *(f"{name}={version}" for name in PACKAGES)]
    say(f"fetching the packages {' and '.join(PACKAGES)} for their headers")
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Unavailable((done.stdout.strip().splitlines() or ["apt-get failed"])[-1])
    for package in folder.glob("*.deb"):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
            patterns = [f"./{name}/*" for name in FOLDERS]
            subprocess.run(["tar", "-x", "-C", folder, "--wildcards", *patterns], stdin=archive.stdout,
                           stderr=subprocess.DEVNULL, check=False)  # not all are in each
        package.unlink()


def compile_plugin(target, headers):
    includes = [word for name in FOLDERS for word in ("-isystem", headers / name)]
    say("warnings: compiling a plugin of clang")
    run([CLANGXX, *FLAGS, *includes, SOURCES / "wali_warnings.cc", "-o", target / NAME], "the plugin of clang")


def build(target):
    if INSTALLED:
        return compile_plugin(target, pathlib.Path("/"))
    headers = CACHE / "clang-headers"
    shutil.rmtree(headers, ignore_errors=True)
    try:
        fetch_headers(headers)
        compile_plugin(target, headers)
    except OSError as error:
        raise Unavailable(str(error)) from error
    finally:
        shutil.rmtree(headers, ignore_errors=True)


def plugin():
    """The folder with it, or None if it cannot be had here; wali-cc does without, then."""
    try:
        return cached("warnings", digest(SOURCES, FLAGS, compiler_version()), build)
    except Unavailable as reason:
        say(f"warnings: {reason}; wali-cc warns only of what clang sees by itself")
        return None


def install(prefix, folder):
    for name in (NAME, NAME + ".for"):
        (prefix / "lib" / name).unlink(missing_ok=True)
    if folder is not None:
        shutil.copy(folder / NAME, prefix / "lib" / NAME)
        (prefix / "lib" / (NAME + ".for")).write_text(COMPILER.compiler_mark())
