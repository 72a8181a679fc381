#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wali-cc warns of what compiles and means something else where long has 64 bits and pointers 32, and of nothing else.

usage: pitfalls.py WALI_RUN
"""
import os
import pathlib
import re
import sys
import unittest

import case
from case import Case
from sdk import ROOT, SDK, run

LIBRARY = ROOT / "tools/sdk/lib"
sys.path.insert(0, str(LIBRARY))
import plugin  # noqa: E402

SOURCE = r"""
#include <iconv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>
size_t get_delimited(char** line);
int own_print(char* to, size_t size, const char* format, ...);
int declared_print(const char* format, ...) __attribute__((format(printf, 1, 2)));
int list_print(const char* format, va_list arguments) __attribute__((format(printf, 1, 0)));
static inline size_t length(const char* text) { size_t n = 0; while (text[n]) n++; return n; }
static inline size_t found(const char* text) { return text ? 3 : -1; }
int not_a_format(const char* pattern, ...);
struct { size_t length; } object;

void sizes(char** line, size_t a, size_t b) {
    long result = get_delimited(line);                // warning: -1
    result = a ? get_delimited(line) : 3;             // warning: -1
    if (result == (size_t)-1) abort();                // warning: -1
    lseek(0, a - b, SEEK_CUR);                        // warning: difference
    lseek(0, -a, SEEK_CUR);                           // warning: negative
    result += a - object.length;                      // warning: difference
    result = (long)(a - b);                           // warning: difference
    result = mbrtowc(0, *line, a, 0);                 // warning: -1
    result = found(*line);                            // warning: -1
    result = length(*line);
    result = (long)get_delimited(line);
    result = (ssize_t)get_delimited(line);
    result = (ssize_t)(a - b);
    result = strlen(*line) + sizeof(int);
    result = fread(*line, 1, a, stdin);
    result = a + b * 2 + object.length;
    unsigned long big = get_delimited(line);
    int small = get_delimited(line);
    size_t same = get_delimited(line);
    printf("%ld %lu %d %zu", result, big, small, same);
}

void formats(unsigned long parts[4], int n, void* p, char* to, va_list list) {
    printf("%u.%u", parts[0], parts[1]);              // warning: '%u' reads 4 bytes and this argument has 8
    own_print(to, 9, "%s: %u", to, parts[0]);         // warning: '%u' reads 4 bytes and this argument has 8
    declared_print("%ld", n);                         // warning: '%ld' reads 8 bytes and this argument has 4
    fprintf(stderr, "%lx", p);                        // warning: '%lx' reads 8 bytes and this argument has 4
    syslog(LOG_INFO, "%.*s", parts[0], to);           // warning: '*' reads 4 bytes and this argument has 8
    printf("%lu %hhd %5.3s %-*d %p %% %m %c %zx %jd %f", parts[0], n, to, n, n, p, 'x', sizeof n, 1LL, 2.0);
    own_print(to, 9, "%lu%%", parts[0]);
    not_a_format("100% of %d", parts[0]);
    list_print("%u", list);
    execl("/bin/x", "%d", to, (char*)0);
}
"""
IN_CXX = r"""
#include <cstdio>
struct Log { void print(const char* format, ...) __attribute__((format(printf, 2, 3))); };
template <class T> long size_of(T& t) { return t.size(); }
void f(Log& log, unsigned long x) { log.print("%d", x); }  // warning: '%d' reads 4 bytes and this argument has 8
"""


class Pitfalls(Case):
    def setUp(self):
        super().setUp()
        if not (SDK / "lib/wali-warnings.so").exists():
            self.skipTest("the SDK was installed without clang's headers")

    def warned(self, name, *words, **kwargs):
        """The lines of our warnings, with their texts."""
        said = self.cc("-c", "-Wno-format", *words, name, "-o", "x.o", **kwargs).stderr
        return dict((int(line), text) for line, text in re.findall(r"^\S+?:(\d+):\d+: warning: (.*) \[-Wwali\]$", said, re.M))

    def check(self, name, source):
        self.file(name, source)
        expected = dict((number, mark[1]) for number, line in enumerate(source.splitlines(), 1)
                        if (mark := re.search(r"// warning: (.*)", line)))
        warned = self.warned(name)
        self.assertEqual(sorted(warned), sorted(expected))
        for number, text in expected.items():
            self.assertIn(text, warned[number])

    def test_c(self):
        self.check("x.c", SOURCE)

    def test_cxx(self):
        self.check("x.cc", IN_CXX)

    def test_switched_off(self):
        self.file("x.c", SOURCE)
        self.assertEqual(self.warned("x.c", "-Wno-wali"), {})
        self.assertEqual(self.warned("x.c", "-w"), {})
        self.assertEqual(len(self.warned("x.c", "-Wno-wali", "-Wwali")), SOURCE.count("// warning"))

    def test_never_an_error(self):
        self.file("x.c", SOURCE)
        self.assertEqual(len(self.warned("x.c", "-Werror")), SOURCE.count("// warning"))

    def test_a_plugin_of_another_clang_is_left_alone(self):
        folder = self.dir / "sdk"
        (folder / "bin").mkdir(parents=True)
        (folder / "lib").mkdir()
        compiler = folder / "bin/wali-cc"
        compiler.write_bytes((SDK / "bin/wali-cc").read_bytes())
        compiler.chmod(0o755)
        for name in ("clang", "sysroot"):
            pathlib.Path(folder / "lib/clang" if name == "clang" else folder / name).symlink_to(
                SDK / ("lib/clang" if name == "clang" else name))
        (folder / "lib/wali-warnings.so").write_text("of another clang")
        (folder / "lib/wali-warnings.so.for").write_text("1 2\n")
        self.file("x.c", SOURCE)
        done = run([compiler, "-c", "-Wno-format", "x.c", "-o", "x.o"], cwd=self.dir)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipIf(plugin.INSTALLED, "clang's headers are installed")
    def test_where_clang_s_headers_cannot_be_had(self):
        """The SDK is installed without the warnings, and says so."""
        (self.dir / "bin").mkdir()
        (self.dir / "bin/apt-get").write_text("#!/bin/sh\necho E: no network\nexit 100\n")
        (self.dir / "bin/apt-get").chmod(0o755)
        environment = os.environ | {"PATH": f"{self.dir}/bin:{os.environ['PATH']}", "XDG_CACHE_HOME": str(self.dir / "cache"),
                                    "PYTHONPATH": str(LIBRARY)}
        done = run([sys.executable, "-B", "-c", "import plugin; print(plugin.plugin())"], env=environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"warnings: E: no network; wali-cc warns only of what clang sees by itself\nNone\n$")
        self.assertFalse((self.dir / "cache/wali-sdk/clang-headers").exists())


if __name__ == "__main__":
    case.main()
