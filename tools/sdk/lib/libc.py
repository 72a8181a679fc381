# SPDX-License-Identifier: Apache-2.0
"""The C library: musl, with an architecture of our own laid over it (tools/sdk/musl)."""
import glob
import os
import re
import shutil
import sys

from base import (AR, CLANG, CLANGXX, COMPILER, FEATURES, ROOT, SDK, TARGET, cached, compiler_version, die, digest, run,
                  run_counting, say)
from sources import MUSL

sys.path.insert(0, str(SDK / "musl"))
from edits import EDITS  # noqa: E402

OVERLAY = SDK / "musl"
# Headers of other architectures that fit: what is said in numbers and longs is as on x86-64, what has pointers is as
# on x32, long double is IEEE quadruple.
BORROWED = {
    "x86_64": ("bits/signal.h", "bits/stat.h", "bits/reg.h", "bits/user.h", "bits/sem.h", "kstat.h"),
    "x32": ("bits/stdint.h",),
    "aarch64": ("bits/float.h",),
}
# Functions that are one instruction: prototypes with the arguments a, b, c.
INSTRUCTIONS = {
    "string": ("void *memcpy(void *restrict a, const void *restrict b, size_t c)",
               "void *memmove(void *a, const void *b, size_t c)", "void *memset(void *a, int b, size_t c)"),
    "math": tuple(f"{t} {name}{suffix}({t} a)" for t, suffix in (("double", ""), ("float", "f"))
                  for name in ("ceil", "fabs", "floor", "nearbyint", "rint", "sqrt", "trunc")) +
            ("double copysign(double a, double b)", "float copysignf(float a, float b)"),
}
# Functions that are one system call and that musl does not have: what glibc's headers declare.
CALLS = ("int close_range(unsigned a, unsigned b, int c)", "int pidfd_getfd(int a, int b, unsigned c)",
         "int pidfd_open(int a, unsigned b)", "int pidfd_send_signal(int a, int b, void *c, unsigned d)",
         "int renameat2(int a, const char *b, int c, const char *d, unsigned e)", "int tgkill(int a, int b, int c)")
# Headers of the host's C library that consist of macros only.
HOST_HEADERS = ("sys/queue.h",)
# musl's own optimisation of sizes, without unwind tables, so that unused functions stay out of a program.
CFLAGS = (f"--target={TARGET}", *FEATURES, "-O2", "-g0", "-fno-strict-aliasing", "-fno-math-errno",
          "-ffunction-sections", "-fdata-sections", "-fno-unwind-tables", "-Wno-everything")
# What programs ask the linker for beside musl's own empty libraries. There is no run-time support besides -lc.
EMPTY_LIBRARIES = ("gcc", "gcc_s", "gcc_eh", "atomic", "nsl")
UAPI = ("linux", "asm-generic", "mtd", "rdma", "scsi", "sound", "video")


# What syscalls.cc prints, and where it goes below arch/wali.
HEADERS = {"inline": "wali_syscalls.h", "arguments": "wali_arguments.h", "numbers": "bits/syscall.h.in"}


def build_syscall_headers(folder):
    """Compiles and runs syscalls.cc."""
    program = folder / "syscalls"
    run([CLANGXX, "-std=c++20", "-O0", "-w", f"-I{ROOT}/include", f"-I{ROOT}", OVERLAY / "syscalls.cc", "-o", program],
        "the syscall table")
    (folder / "bits").mkdir()
    for what, name in HEADERS.items():
        (folder / name).write_text(run([program, what], "the syscall table"))
    program.unlink()


def syscall_headers():
    """The folder of the headers that are generated from the runtime's own table."""
    wali = ROOT / "wali"
    key = digest(OVERLAY / "syscalls.cc", *sorted(wali.glob("*.h")), *sorted(wali.glob("*.def")))
    return cached("syscalls", key, build_syscall_headers)


def edit(tree):
    for name, old, new, _ in EDITS:
        path = tree / name
        text = path.read_text()
        if text.count(old) != 1:
            die(f"{name} of musl does not contain once: {old.splitlines()[0]}")
        path.write_text(text.replace(old, new))


def instruction_sources(tree):
    for folder, prototypes in INSTRUCTIONS.items():
        target = tree / "src" / folder / "wali"
        target.mkdir()
        for prototype in prototypes:
            name = re.search(r"(\w+)\(", prototype)[1]
            call = ", ".join("abc"[:prototype.count(",") + 1])
            (target / f"{name}.c").write_text(f"#include <{folder}.h>\n\n{prototype}\n{{\n\treturn "
                                              f"__builtin_{name}({call});\n}}\n")


def call_sources(tree):
    for prototype in CALLS:
        name = re.search(r"(\w+)\(", prototype)[1]
        arguments = ", ".join("abcdef"[:prototype.count(",") + 1])
        (tree / "src/linux" / f"{name}.c").write_text(f"#include \"syscall.h\"\n\n{prototype}\n{{\n\treturn "
                                                      f"syscall(SYS_{name}, {arguments});\n}}\n")


def make_tree(source, headers, tree):
    """musl's source with the overlay in place."""
    shutil.copytree(source, tree)
    for folder in ("arch", "include", "src"):
        shutil.copytree(OVERLAY / folder, tree / folder, dirs_exist_ok=True)
    for architecture, names in BORROWED.items():
        for name in names:
            shutil.copy(tree / "arch" / architecture / name, tree / "arch/wali" / name)
    shutil.copytree(headers, tree / "arch/wali", dirs_exist_ok=True)
    instruction_sources(tree)
    call_sources(tree)
    edit(tree)


def copy_kernel_headers(include):
    """The kernel's own headers, which programs include beside the library's. Debian has them for the host; what is
    the machine's is replaced by what is every machine's, with a 64-bit long."""
    system = "/usr/include"
    for name in UAPI:
        if os.path.isdir(f"{system}/{name}") and not (include / name).exists():
            shutil.copytree(f"{system}/{name}", include / name)
    for name in HOST_HEADERS:
        found = [path for path in glob.glob(f"{system}/*/{name}") + [f"{system}/{name}"] if os.path.isfile(path)]
        if not found:
            die(f"/usr/include/{name} is missing: install libc6-dev")
        shutil.copy(found[0], include / name)
    (include / "asm").mkdir()
    for path in (include / "asm-generic").iterdir():
        (include / "asm" / path.name).write_text(f"#include <asm-generic/{path.name}>\n")
    (include / "asm/bitsperlong.h").write_text("#define __BITS_PER_LONG 64\n#include <asm-generic/bitsperlong.h>\n")
    # As x86-64 has them: they are members of structures (loop_info).
    old = {"uid_t": "short", "gid_t": "short", "dev_t": "long"}
    lines = [f"typedef unsigned {width} __kernel_old_{name};\n#define __kernel_old_{name} __kernel_old_{name}\n"
             for name, width in old.items()]
    (include / "asm/posix_types.h").write_text("".join(lines) + "#include <asm-generic/posix_types.h>\n")
    (include / "asm/byteorder.h").write_text("#include <linux/byteorder/little_endian.h>\n")
    (include / "asm/swab.h").write_text("")
    (include / "asm/unistd.h").write_text("#include <sys/syscall.h>\n")


def build(sysroot, headers, jobs):
    """sysroot/include and sysroot/lib, from nothing."""
    tree = sysroot / "tree"
    make_tree(MUSL.folder(), headers, tree)
    libraries, include = sysroot / "lib" / "wasm32-linux-muslwali", sysroot / "include"
    (tree / "config.mak").write_text("\n".join((
        "ARCH = wali", f"CC = {CLANG}", f"AR = {AR}", f"RANLIB = {AR} s", f"CFLAGS = {' '.join(CFLAGS)}",
        "CFLAGS_AUTO =", "CRT_OBJS =", "SHARED_LIBS =", "ALL_TOOLS =", "TOOL_LIBS =",
        f"includedir = {include}", f"libdir = {libraries}", "")))
    total = sum(1 for line in run(["make", "-n", "lib/libc.a"], "make", cwd=tree).splitlines()
                if line.startswith(CLANG))
    say(f"libc: compiling {total} files")
    run_counting(["make", f"-j{jobs}", "lib/libc.a"], total, "libc", lambda line: line.startswith(CLANG), tree)
    (tree / "lib/libc.a").unlink()
    for path in (tree / "obj").rglob("*.o"):
        COMPILER.mark(path)
    run(["make", f"-j{jobs}", "install-headers", "install-libs"], "make install", cwd=tree)
    run([CLANG, *CFLAGS, "-c", OVERLAY / "crt1.c", "-o", libraries / "crt1.o"], "crt1.o")
    COMPILER.mark(libraries / "crt1.o")
    for name in EMPTY_LIBRARIES:
        shutil.copy(libraries / "libm.a", libraries / f"lib{name}.a")
    copy_kernel_headers(include)
    shutil.rmtree(tree)


def libc(jobs):
    """The folder with the library and its headers."""
    headers = syscall_headers()
    # The content of the headers, not the table: most changes to that do not matter here.
    key = digest(*(headers / name for name in HEADERS.values()), OVERLAY, CFLAGS, SDK / "lib/libc.py", compiler_version(), MUSL.sha256)
    return cached("libc", key, lambda folder: build(folder, headers, jobs))
