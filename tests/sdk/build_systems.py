#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make, configure scripts, CMake and Meson build with the SDK, and run what they have built.

usage: build_systems.py WALI_RUN
"""
import os
import shutil
import unittest

import case
from case import WALI_RUN, Case
from sdk import SDK, run, tool


# Runs a command where the kernel knows wali-run, without changing that elsewhere.
PRIVATE_BINFMT = ("unshare", "-Urm", "sh", "-ec",
                  "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc; "
                  "printf ':wali:M::\\\\x00asm::%s:' \"$WALI_RUN\" > /proc/sys/fs/binfmt_misc/register; exec \"$@\"", "sh")
CONFIGURE = """
AC_INIT([x], [1])
AC_CONFIG_HEADERS([config.h])
AC_PROG_CC
AC_PROG_CXX
AC_PROG_RANLIB
AC_SYS_LARGEFILE
AC_C_BIGENDIAN
AC_CHECK_SIZEOF([long])
AC_CHECK_SIZEOF([void *])
AC_CHECK_SIZEOF([time_t])
AC_CHECK_HEADERS([sys/epoll.h windows.h])
AC_CHECK_FUNCS([fork setjmp no_such_function epoll_create1])
AC_SEARCH_LIBS([dlopen], [dl])
AC_CHECK_LIB([m], [sqrt])
AC_RUN_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]], [[return system("exit 3") != 768;]])],
              [AC_DEFINE([RAN], [1], [])], [AC_DEFINE([RAN], [0], [])], [AC_DEFINE([RAN], [2], [])])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
"""
# What config.h must say; "" = not defined.
CONFIGURED = {"SIZEOF_LONG": "8", "SIZEOF_VOID_P": "4", "SIZEOF_TIME_T": "8", "HAVE_SYS_EPOLL_H": "1", "HAVE_WINDOWS_H": "",
              "HAVE_FORK": "1", "HAVE_SETJMP": "1", "HAVE_NO_SUCH_FUNCTION": "", "HAVE_EPOLL_CREATE1": "1", "HAVE_LIBM": "1",
              "WORDS_BIGENDIAN": "", "RAN": ""}


class BuildSystems(Case):
    def setUp(self):
        super().setUp()
        self.environment = os.environ | {"WALI_RUN": WALI_RUN}
        self.file("part.c", "int part(void) { return 0; }")
        self.file("main.cc", 'extern "C" int part(); int main() { return part(); }')

    def done(self, *command):
        done = run(command, cwd=self.dir, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_make(self):
        """By the rules that make has by itself."""
        self.file("prog.c", '#include <stdio.h>\nint part(void);\nint main(void) { printf("%d\\n", part()); }')
        self.file("Makefile", "prog: prog.o libpart.a\nlibpart.a: part.o\n\t$(AR) rc $@ $^\n\t$(RANLIB) $@\n")
        variables = [f"CC={tool('wali-cc')}", f"AR={tool('wali-ar')}", f"RANLIB={tool('wali-ranlib')}",
                     "CFLAGS=-O2 -Wall -Werror -g", "LDLIBS=-lm"]
        self.done("make", *variables)
        self.assertEqual(self.outcome("prog"), (0, "0\n", ""))
        self.assertIn("up to date", self.done("make", *variables))

    def configure(self, way, words, ran, within=()):
        """Runs the script in a folder of its own; `ran` is what became of its test program."""
        folder = self.dir / way
        folder.mkdir()
        tools = [f"CC={tool('wali-cc')}", f"CXX={tool('wali-c++')}", f"AR={tool('wali-ar')}", f"RANLIB={tool('wali-ranlib')}"]
        said = self.done(*within, "sh", "-c", f"cd {way} && ../configure \"$@\"", "sh", *words, *tools)
        self.assertIn(f"cross compiling... {'yes' if words else 'no'}", said)
        header = (folder / "config.h").read_text()
        for name, value in (CONFIGURED | {"RAN": ran}).items():
            self.assertIn(f"#define {name} {value}\n" if value else f"/* #undef {name} */\n", header, way)

    @unittest.skipIf(shutil.which("autoconf") is None, "autoconf is not installed")
    def test_configure(self):
        """As a cross build, and as a native build whose test programs run: by their first line, and by binfmt_misc."""
        self.file("configure.ac", CONFIGURE)
        self.file("config.h.in", "".join(f"#undef {name}\n" for name in CONFIGURED))
        self.file("Makefile.in", "CC = @CC@\nx: main.o part.o\n\t@CXX@ -o $@ main.o part.o @LIBS@\n")
        self.done("autoconf")
        self.configure("cross", ["--host=wasm32-linux-musl"], "2")
        if run([*PRIVATE_BINFMT, "true"], env=self.environment).returncode == 0:
            self.configure("binfmt", [], "1", PRIVATE_BINFMT)
        else:
            print("binfmt_misc cannot be mounted in a namespace here: left out")
        self.environment["WALI_CC_SHEBANG"] = WALI_RUN
        self.configure("shebang", [], "1")

    @unittest.skipIf(shutil.which("cmake") is None, "cmake is not installed")
    def test_cmake(self):
        self.file("CMakeLists.txt", """
cmake_minimum_required(VERSION 3.13)
project(x C CXX)
include(CheckCSourceRuns)
check_c_source_runs("int main(void) { return sizeof(long) != 8; }" LONG_HAS_64_BITS)
if(NOT LONG_HAS_64_BITS)
  message(FATAL_ERROR "the check did not run")
endif()
find_package(Threads REQUIRED)
add_library(part part.c)
add_executable(x main.cc)
target_link_libraries(x part Threads::Threads)
enable_testing()
add_test(NAME x COMMAND x)
""")
        self.done("cmake", "-S", ".", "-B", "build", f"-DCMAKE_TOOLCHAIN_FILE={SDK}/share/wali.cmake")
        self.done("cmake", "--build", "build")
        self.assertIn("100% tests passed", self.done("cmake", "-E", "chdir", "build", "ctest"))

    def test_meson(self):
        self.file("meson.build", """
project('x', 'c', 'cpp')
assert(meson.get_compiler('c').run('int main(void) { return sizeof(long); }').returncode() == 8)
part = library('part', 'part.c')
test('x', executable('x', 'main.cc', link_with: part, dependencies: dependency('threads')))
""")
        self.done("meson", "setup", "build", "--cross-file", SDK / "share/wali-cross.ini")
        self.done("ninja", "-C", "build")
        self.assertIn("Ok:                 1", self.done("meson", "test", "-C", "build"))


if __name__ == "__main__":
    case.main()
