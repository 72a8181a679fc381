# SPDX-License-Identifier: Apache-2.0
"""What a prefix consists of:
  bin/        wali-cc, wali-c++, wali-ld, wali-ar, wali-ranlib, …, wali-exec
  sysroot/    headers and libraries
  lib/clang/  clang's own headers, and the compiler's run-time functions
  share/      the CMake toolchain file, the Meson cross file
"""
import os
import pathlib
import shutil
import tempfile

from base import CLANG, LLVM, ROOT, SDK, TARGET, die, run

TOOLS = ("ar", "nm", "objcopy", "objdump", "ranlib", "size", "strip")


def check_writable(prefix):
    try:
        prefix.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=prefix):
            pass
    except OSError as error:
        die(f"cannot write to {prefix}: {error.strerror}")


def copy_tree(source, target):
    """`target` becomes what `source` is."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


def link(path, target):
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def builtins(prefix):
    """Compiler-rt: Debian has the builtins for WebAssembly, which do not depend on the width of long."""
    resources = pathlib.Path(run([CLANG, "-print-resource-dir"], "clang").strip())
    archive = resources / "lib/wasi/libclang_rt.builtins-wasm32.a"
    if not archive.is_file():
        die(f"{archive} is missing: install libclang-rt-{LLVM}-dev-wasm32")
    target = prefix / "lib/clang/lib" / TARGET
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(archive, target / "libclang_rt.builtins.a")
    link(prefix / "lib/clang/include", resources / "include")


def commands(prefix):
    folder = prefix / "bin"
    folder.mkdir(exist_ok=True)
    for path in (SDK / "bin").iterdir():
        shutil.copy(path, folder / path.name)
    link(folder / "wali-c++", "wali-cc")
    for tool in TOOLS:
        link(folder / f"wali-{tool}", f"/usr/bin/llvm-{tool}-{LLVM}")
    execute = folder / "wali-exec"
    execute.write_text(execute.read_text().replace("@ROOT@", str(ROOT)))


def build_files(prefix):
    share = prefix / "share"
    share.mkdir(exist_ok=True)
    for path in (SDK / "share").iterdir():
        (share / path.name).write_text(path.read_text().replace("@PREFIX@", str(prefix)))


def install(prefix, libc, libcxx):
    copy_tree(libc, prefix / "sysroot")
    shutil.copytree(libcxx, prefix / "sysroot", dirs_exist_ok=True)
    builtins(prefix)
    commands(prefix)
    build_files(prefix)


def check_tools():
    """Whatever the packages say, these are what the steps run."""
    for tool in (CLANG, f"clang++-{LLVM}", f"wasm-ld-{LLVM}", f"llvm-ar-{LLVM}", "make", "tar", "xz", "apt-get"):
        if shutil.which(tool) is None:
            die(f"{tool} is not installed (tools/lib/install-packages sdk installs all that is needed)")
    for header in ("linux/limits.h", "asm-generic/ioctl.h"):
        if not os.path.isfile(f"/usr/include/{header}"):
            die(f"/usr/include/{header} is missing: install linux-libc-dev")
