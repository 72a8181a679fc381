#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wali-cc, wali-c++, wali-ar and wali-ld do what a Linux compiler does, as far as build systems look.

usage: driver.py WALI_RUN
"""
import os
import shutil

import case
from case import WALI_RUN, Case
from sdk import ROOT, SDK, run, tool

TARGET = "wasm32-unknown-linux-muslwali"


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

    def test_dependencies(self):
        self.file("x.h", "#define X 1\n")
        self.file("x.c", '#include "x.h"\n#include <stdio.h>\nint x = X;\n')
        self.assertRegex(self.cc("-M", "x.c").stdout, r"^x\.o: x\.c x\.h")
        self.assertEqual(self.cc("-MM", "-MT", "a b", "x.c").stdout, "a b: x.c x.h\n")
        self.assertEqual(self.cc("-MM", "-MQ", "$a", "-MP", "x.c").stdout, "$$a: x.c x.h\nx.h:\n")
        self.cc("-MMD", "-c", "x.c")
        self.assertEqual((self.dir / "x.d").read_text(), "x.o: x.c x.h\n")
        self.cc("-MD", "-MF", "y.d", "-MT", "y", "-c", "x.c", "-o", "y.o")
        self.assertIn("stdio.h", (self.dir / "y.d").read_text())
        self.cc("-MM", "-MF", "z.d", "x.c")
        self.assertEqual((self.dir / "z.d").read_text(), "x.o: x.c x.h\n")

    def test_levels_of_optimization(self):
        for words in (["-O0"], ["-O"], ["-O1", "-g1"], ["-O2", "-g3"], ["-O3", "-ggdb"], ["-Os"], ["-Oz"], ["-Og", "-g"],
                      ["-O2", "-flto"], ["-O3", "-ffast-math", "-fno-math-errno"], ["-O2", "-msimd128"], ["-g", "-mtail-call"]):
            self.cc(*words, "-DVALUE=0", "-c", "hello.c")
            self.cc(*words, "hello.o", "-o", "hello")
            self.assertEqual(self.outcome("hello"), (0, "hello\n", ""), words)

    def test_joined_and_separate_values(self):
        other = SDK / "sysroot"
        self.file("code", "#include <vector>\nint main() { try { throw 3; } catch (int i) { return i; } }")
        self.cc("-xc++", "-ofirst", "--sysroot", other, "code", "-lc++", "-lc++abi")
        self.cc("-x", "c++", "-c", "-osecond.o", "code", "-I", ".", "-D", "X", "-U", "X", "-isystem", ".")
        self.cc("second.o", "-o", "second", "-L", ".", "-l", "c++", "-l", "c++abi")
        for name in ("first", "second"):
            self.assertEqual(self.outcome(name), (3, "", ""))

    def test_options_from_files(self):
        self.file("compile.rsp", '-DVALUE=4 "-DTEXT=a b" -c\n-o hello.o')
        self.cc("@compile.rsp", "hello.c")
        self.file("link.rsp", "hello.o -Wl,--start-group -lc -Wl,--end-group")
        self.file("linker.rsp", "--as-needed -lm")
        self.cc("@link.rsp", "-Wl,@linker.rsp", "-o", "hello")
        self.assertEqual(self.outcome("hello")[0], 4)

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
        done = self.cc("-Werror", "-g", "hello.s", "-o", "hello")
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.outcome("hello"), (0, "hello\n", ""))

    def test_questions(self):
        self.assertEqual(self.cc("-dumpmachine").stdout.strip(), TARGET)
        self.assertIn("clang", self.cc("--version").stdout)
        self.assertIn(TARGET, self.cc("-v").stderr)
        self.assertIn("wali-ld", self.cc("-###", "-DVALUE=0", "hello.c").stderr)
        self.assertFalse((self.dir / "a.out").exists())
        self.assertTrue(self.cc("-print-file-name=libc.a").stdout.startswith("/"))
        self.assertIn("LLD", self.cc("-Wl,--version").stdout)
        for name in ("ld", "ar", "ranlib"):
            self.assertEqual(self.cc(f"-print-prog-name={name}").stdout, tool(f"wali-{name}") + "\n")
        said = self.cc("-v", "-DVALUE=0", "-pthread", "hello.c", "-o", "hello").stderr
        self.assertIn("sysroot/include", said)
        self.assertEqual(self.outcome("hello")[0], 0)

    def test_the_published_command_line(self):
        self.cc(f"--target={TARGET}", "-matomics", "-mbulk-memory", "-mmutable-globals", "-msign-ext",
                "-Wl,--shared-memory,--export-memory,--max-memory=67108864", "-DVALUE=0", "hello.c", "-o", "hello")
        self.assertEqual(self.outcome("hello"), (0, "hello\n", ""))
        # What is asked of the linker is what it makes: the memory is exported, shared, and has at most 1024 pages.
        self.assertIn(b"\x06memory\x02", (self.dir / "hello").read_bytes())
        section = self.cc("-s", "-j", "MEMORY", "hello", tool_name="wali-objdump").stdout
        self.assertRegex(section, r" 0103\w{4} ?8008")
        # As upstream's scripts have it today, for both languages.
        words = [f"--target={TARGET}", f"--sysroot={SDK}/sysroot", "-O0", "-pthread", "-fdeclspec", "-fwasm-exceptions",
                 "-Wno-implicit-function-declaration", "-Wno-int-conversion", "-mcpu=generic", "-matomics",
                 "-mbulk-memory", "-mexception-handling", f"-L{SDK}/sysroot/lib", "-Wl,--shared-memory",
                 "-Wl,--export-memory", "-Wl,--max-memory=2147483648", "-Wl,--undefined=__walirt_wasm_memory_size",
                 "-DVALUE=1", "-o", "hello"]
        self.cc(*words, "hello.c")
        self.assertEqual(self.outcome("hello"), (1, "hello\n", ""))
        self.file("x.cc", "#include <iostream>\nint main() { try { throw 4; } catch (int i) { std::cout << i; } }")
        self.cc("-stdlib=libc++", f"-I{SDK}/sysroot/include/c++/v1", *words, "x.cc", tool_name="wali-c++")
        self.assertEqual(self.outcome("hello"), (0, "4", ""))

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
        for word, said in (("-march=native", "unsupported option '-march='"), ("-msse2", "unsupported option '-msse2'"),
                           ("-fsanitize=address", "unsupported option '-fsanitize=address'"),
                           ("-fno-such-thing", "unknown argument: '-fno-such-thing'"), ("-mno-such", "unknown argument"),
                           ("-fopenmp", "no OpenMP library"), ("--coverage", "profiles"), ("-pg", "profiles")):
            said_by = self.cc(word, "-c", "-DVALUE=0", "hello.c", "-o", "refused.o", status=1).stderr
            self.assertIn(said, said_by)
            self.assertEqual(said_by.count("\n"), 1, said_by)
        self.assertFalse((self.dir / "refused.o").exists())
        self.assertIn("expected", self.cc("-c", "-x", "c", "-", "-o", "x.o", status=1, input="int (").stderr)


class Linking(Case):
    def test_options_of_other_linkers(self):
        self.cc("-DVALUE=0", "hello.c", "-Wl,--start-group", "-lc", "-Wl,--end-group", "-Wl,-rpath,/x", "-Wl,--as-needed",
                "-Wl,-z,now", "-Wl,-z,relro", "-Wl,--hash-style=gnu", "-Wl,-soname,x", "-Wl,-O1", "-Wl,--gc-sections",
                "-Wl,-Bsymbolic", "-Wl,-z,stack-size=65536", "-fuse-ld=lld", "-Wl,-z,noexecstack", "-o", "hello")
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

    def test_stripped_objects(self):
        """Removing debugging information from a library leaves it a library for WALI."""
        self.file("one.c", "int one(void) { return 1; }")
        self.file("x.c", "int one(void); int main(void) { return one(); }")
        self.cc("-g", "-c", "one.c")
        self.cc("--strip-unneeded", "one.o", tool_name="wali-strip")
        self.cc("x.c", "one.o", "-o", "x")
        self.cc("-g", "-c", "one.c")
        self.cc("rcs", "libone.a", "one.o", tool_name="wali-ar")
        self.cc("-g", "libone.a", tool_name="wali-strip")
        self.cc("x.c", "-L.", "-lone", "-o", "x")
        self.assertEqual(self.outcome("x"), (1, "", ""))

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
        for hidden in ("-Qn", "-flto"):
            self.assertEqual(run([*wasi, hidden], cwd=self.dir).returncode, 0)
            self.assertIn(f"x.o {message}", self.cc("main.c", "x.o", status=1).stderr)
            self.assertIn(f"x.o {message}", self.cc("-r", "-nostdlib", "x.o", "-o", "y.o", status=1).stderr)
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
            # The library first: build systems put libraries into groups wherever they like.
            for words in ([f"{name}.c"], ["-Wl,--start-group", "-lc", "-lm", "-Wl,--end-group", f"{name}.c"]):
                self.cc(*words, "-o", name)
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

    def test_numbers_too_large_for_an_integer(self):
        self.file("x.c", "#include <stdio.h>\n#include <stdlib.h>\nint main(int argc, char** argv) {"
                         "  double d = atof(argv[1]); float f = d;"
                         '  printf("%d%d%d%d", (int)d == d, (long)d == d, (unsigned long)d == d, (long long)f == f); }')
        for level in ("-O0", "-O2", "-O3"):
            self.cc(level, "x.c", "-o", "x")
            self.assertEqual([self.outcome("x", n)[1] for n in ("5", "5e9", "1e19", "1e300", "0.5")],
                             ["1111", "0111", "0010", "0000", "0000"], level)

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


if __name__ == "__main__":
    case.main()
