#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wali-cc, wali-c++, wali-ar and wali-ld do what a Linux compiler does, as far as build systems look.

usage: driver.py WALI_RUN
"""
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from sdk import ROOT, SDK, require, run, tool

TARGET = "wasm32-unknown-linux-muslwali"
HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return VALUE; }\n'
WALI_RUN = ""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.file("hello.c", HELLO)

    def file(self, name, text):
        (self.dir / name).write_text(text)
        return name

    def cc(self, *words, tool_name="wali-cc", status=0, **kwargs):
        done = run([tool(tool_name), *words], cwd=self.dir, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def outcome(self, name, *words, **kwargs):
        done = run([WALI_RUN, self.dir / name, *words], cwd=self.dir, **kwargs)
        return done.returncode, done.stdout, done.stderr


class Options(Case):
    def test_compile_and_link_at_once(self):
        self.cc("-DVALUE=3", "hello.c")
        self.assertEqual(self.outcome("a.out"), (3, "hello\n", ""))

    def test_usual_options(self):
        os.mkdir(self.dir / "include")
        self.file("include/x.h", "#define X 4\n")
        self.file("x.c", "#include <x.h>\nint x(void) { return X + Y; }\n")
        self.cc("-c", "-g", "-O2", "-Wall", "-Wextra", "-Werror", "-Iinclude", "-DY=1", "-UZ", "-std=gnu11", "-fPIC",
                "-fno-strict-aliasing", "-ffunction-sections", "-pthread", "-MD", "-MF", "x.d", "x.c", "-o", "x.o")
        self.assertIn("include/x.h", (self.dir / "x.d").read_text())
        self.cc("-c", "-x", "c", "-", "-o", "y.o", input="int x(void); int main(void) { return x(); }")
        self.cc("-pie", "-rdynamic", "-O2", "-g", "x.o", "y.o", "-lm", "-ldl", "-lpthread", "-lrt", "-o", "xy")
        self.assertEqual(self.outcome("xy"), (5, "", ""))

    def test_outputs_without_a_name(self):
        self.file("a.c", "int a;")
        self.file("b.c", "int b;")
        self.cc("-c", "a.c", "b.c")
        self.cc("-DVALUE=0", "hello.c", "a.o", "b.o", "-o", "all")

    def test_preprocess(self):
        self.assertIn("#define __LONG_WIDTH__ 64", self.cc("-E", "-dM", "-x", "c", "-", input="").stdout)
        self.assertIn("8 4", self.cc("-E", "-P", "-x", "c", "-", input="__SIZEOF_LONG__ __SIZEOF_POINTER__").stdout)
        self.assertIn("stdio.h", self.cc("-M", "-DVALUE=0", "hello.c").stdout)
        self.assertNotIn("stdio.h", self.cc("-MM", "-DVALUE=0", "hello.c").stdout)

    def test_assembly(self):
        self.cc("-S", "-O1", "-DVALUE=0", "hello.c")
        self.assertIn("functype", (self.dir / "hello.s").read_text())
        self.cc("hello.s", "-o", "hello")
        self.assertEqual(self.outcome("hello"), (0, "hello\n", ""))

    def test_questions(self):
        self.assertEqual(self.cc("-dumpmachine").stdout.strip(), TARGET)
        self.assertIn("clang", self.cc("--version").stdout)
        self.assertIn(TARGET, self.cc("-v").stderr)
        self.assertIn("wali-ld", self.cc("-###", "-DVALUE=0", "hello.c").stderr)
        self.assertFalse((self.dir / "a.out").exists())
        self.assertTrue(self.cc("-print-file-name=libc.a").stdout.startswith("/"))
        self.assertIn("LLD", self.cc("-Wl,--version").stdout)

    def test_the_published_command_line(self):
        self.cc(f"--target={TARGET}", "-matomics", "-mbulk-memory", "-mmutable-globals", "-msign-ext",
                "-Wl,--shared-memory,--export-memory,--max-memory=67108864", "-DVALUE=0", "hello.c", "-o", "hello")
        self.assertEqual(self.outcome("hello"), (0, "hello\n", ""))

    def test_another_system(self):
        other = self.dir / "other"
        shutil.copytree(SDK / "sysroot", other, symlinks=True)
        shutil.copy(other / "include/stdio.h", other / "include/only_here.h")
        self.file("x.c", "#include <only_here.h>\nint main(void) { return 0; }\n")
        self.cc(f"--sysroot={other}", "x.c", "-o", "x")
        self.assertEqual(self.outcome("x"), (0, "", ""))

    def test_refused(self):
        for words, said in ((["--target=wasm32-wasi"], "not for wasm32-wasi"), (["-shared"], "shared libraries"),
                            (["-m64"], "32 bits"), (["-mwali-sjlj=x"], "engine or exceptions")):
            self.assertIn(said, self.cc(*words, "-DVALUE=0", "hello.c", status=1).stderr)
        self.assertIn("-march=", self.cc("-march=native", "-c", "-DVALUE=0", "hello.c", status=1).stderr)
        self.assertIn("expected", self.cc("-c", "-x", "c", "-", "-o", "x.o", status=1, input="int (").stderr)


class Linking(Case):
    def test_options_of_other_linkers(self):
        self.cc("-DVALUE=0", "hello.c", "-Wl,--start-group", "-lc", "-Wl,--end-group", "-Wl,-rpath,/x", "-Wl,--as-needed",
                "-Wl,-z,now", "-Wl,-z,relro", "-Wl,--hash-style=gnu", "-Wl,-soname,x", "-Wl,-O1", "-Wl,--gc-sections",
                "-Wl,-Bsymbolic", "-Wl,-z,stack-size=65536", "-o", "hello")
        self.assertEqual(self.outcome("hello"), (0, "hello\n", ""))

    def test_archives(self):
        self.file("one.c", "int one(void) { return 1; }")
        self.file("two.c", "int one(void); int two(void) { return one() + 1; }")
        self.cc("-c", "one.c", "two.c")
        self.cc("rc", "libboth.a", "one.o", "two.o", tool_name="wali-ar")
        self.cc("libboth.a", tool_name="wali-ranlib")
        self.assertIn("T two", self.cc("libboth.a", tool_name="wali-nm").stdout)
        self.file("x.c", "int two(void); int main(void) { return two(); }")
        self.cc("x.c", "-L.", "-lboth", "-o", "x")
        self.assertEqual(self.outcome("x"), (2, "", ""))
        self.cc("-r", "-nostdlib", "one.o", "two.o", "-o", "both.o")
        self.cc("x.c", "both.o", "-o", "x")
        self.assertEqual(self.outcome("x"), (2, "", ""))
        self.cc("x", tool_name="wali-strip")
        self.assertEqual(self.outcome("x"), (2, "", ""))

    def test_missing_function(self):
        self.file("x.c", "int missing(void); int main(void) { return missing(); }")
        self.assertIn("undefined symbol: missing", self.cc("x.c", status=1).stderr)

    def test_objects_of_other_systems(self):
        self.file("x.c", "long twice(long x) { return 2 * x; }")
        self.file("main.c", "long twice(long); int main(void) { return (int)twice(4); }")
        wasi = ["clang-22", "--target=wasm32-wasi", "-matomics", "-mbulk-memory", "-c", "x.c"]
        self.assertEqual(run(wasi, cwd=self.dir).returncode, 0)
        message = "was compiled for another system, where long has 32 bits; compile it with wali-cc"
        self.assertIn(f"x.o {message}", self.cc("main.c", "x.o", status=1).stderr)
        self.cc("rc", "libx.a", "x.o", tool_name="wali-ar")
        self.assertIn(f"libx.a(x.o) {message}", self.cc("main.c", "libx.a", status=1).stderr)
        self.assertIn(f"libx.a(x.o) {message}", self.cc("main.c", "-L.", "-lx", status=1).stderr)
        ours = ["clang-22", f"--target={TARGET}", "-matomics", "-mbulk-memory", "-c", "x.c"]
        self.assertEqual(run(ours, cwd=self.dir).returncode, 0)
        self.cc("main.c", "x.o", "-Wl,--no-abi-check", "-o", "x")
        self.assertEqual(self.outcome("x"), (8, "", ""))

    def test_a_program_that_runs_by_itself(self):
        self.cc("-DVALUE=5", "hello.c", "-o", "hello", env=os.environ | {"WALI_CC_SHEBANG": WALI_RUN})
        done = run([self.dir / "hello"])
        self.assertEqual((done.returncode, done.stdout), (5, "hello\n"))


class Programs(Case):
    def test_forms_of_main(self):
        for name, text in {
            "void": "int main(void) { return 7; }",
            "two": "int main(int argc, char** argv) { return argc + 4 + (argv[2] == 0); }",
            "three": "int main(int argc, char** argv, char** env) "
                     "{ return argc + 4 + (argv[2] == 0 && env[0][0] == 'A'); }",
        }.items():
            self.file(f"{name}.c", text)
            self.cc(f"{name}.c", "-o", name)
            self.assertEqual(self.outcome(name, "word", env={"A": "1"})[0], 7, name)

    def test_main_in_a_library(self):
        self.file("main.c", "int real(void); int main(void) { return real(); }")
        self.file("x.c", "int real(void) { return 6; }")
        self.cc("-c", "main.c")
        self.cc("rc", "libmain.a", "main.o", tool_name="wali-ar")
        self.cc("x.c", "-L.", "-lmain", "-o", "x")
        self.assertEqual(self.outcome("x")[0], 6)

    def test_environment(self):
        self.file("env.c", "#include <stdio.h>\nextern char** environ;\n"
                           'int main(void) { for (char** e = environ; *e; ++e) printf("<%s>", *e); }')
        self.cc("env.c", "-o", "env")
        variables = {"A": "one", "EMPTY": "", "B": "two\nlines=x\n", "C": "\1n\1", "D": "\n\1", "E": "last"}
        printed = self.outcome("env", env=variables)[1]
        self.assertEqual(sorted(printed[1:-1].split("><")), sorted(f"{k}={v}" for k, v in variables.items()))
        self.assertEqual(run([WALI_RUN, "--clear-env", "env"], cwd=self.dir).stdout, "")

    def test_existence_checks(self):
        """As configure scripts make them: any declaration will do."""
        for name in ("setjmp", "sigsetjmp", "_setjmp", "longjmp", "fork", "printf", "dlopen", "pthread_create", "sqrt"):
            self.file("conftest.c", f"char {name}(); int main(void) {{ return {name}(); }}")
            self.cc("-w", "-fno-builtin", "conftest.c", "-o", "conftest")
        self.file("conftest.c", "char no_such_function(); int main(void) { return no_such_function(); }")
        self.cc("conftest.c", status=1)

    def test_rounding_to_long(self):
        self.file("x.c", "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\nint main(int argc, char** argv) {"
                         '  double d = atof(argv[1]); printf("%ld %ld %ld\\n", lround(d), lrintf(d), lroundl(d)); }')
        for level in ("-O0", "-O2"):
            self.cc(level, "x.c", "-o", "x")
            self.assertEqual(self.outcome("x", "8589934592")[1], "8589934592 8589934592 8589934592\n")

    def test_jumps_by_exceptions(self):
        source = ROOT / "tests/sdk/programs/jumps.c"
        self.cc("-w", source, "-o", "engine")
        self.cc("-w", "-mwali-sjlj=exceptions", source, "-o", "exceptions")
        self.assertEqual(self.outcome("engine"), self.outcome("exceptions"))
        self.assertIn(b"setjmp", (self.dir / "engine").read_bytes())
        self.assertNotIn(b"sigsetjmp", (self.dir / "exceptions").read_bytes())

    def test_cxx(self):
        self.file("x.cc", "#include <iostream>\nint main() { try { throw 4; } catch (int i) { std::cout << i; } }")
        for name in ("wali-c++", "wali-cc"):
            self.cc("-O1", "x.cc", "-o", "x", *(["-lc++", "-lc++abi"] if name == "wali-cc" else []), tool_name=name)
            self.assertEqual(self.outcome("x"), (0, "4", ""))
        self.file("y.cc", "#include <vector>\nint main() { return (int)std::vector<int>(3).size(); }")
        self.cc("-fno-exceptions", "-fno-rtti", "y.cc", "-o", "y", tool_name="wali-c++")
        self.assertEqual(self.outcome("y"), (3, "", ""))


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
    require()
    WALI_RUN = os.path.abspath(sys.argv.pop(1))
    unittest.main()
