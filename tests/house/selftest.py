# SPDX-License-Identifier: Apache-2.0
"""The house checks bite: a small repository is made with one breach of every rule, and each must be found."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
BODY = "    ++x;\n" * 60
# Spelled so that the rules do not find them here.
ELSEWHERE, LATER = "/" + "home/someone/x", "TO" + "DO"

FILES = {
    "tests/house/allow.txt": "include | wali/fine.cc | an exception that nothing needs\nlicence | wali/x.cc\n",
    "runtime/decode/long.cc": SPDX + "void f(int x) {\n" + BODY + "}\n" + "\n" * 600,
    "runtime/decode/class.cc": SPDX + "A::A(int x) : a_{x}, b_(1) {\n" + BODY + "}\n",
    "runtime/execute/run.h": SPDX,
    "runtime/decode/up.cc": SPDX + '#include "execute/run.h"\n#ifdef X\n#endif\nint wali_state;\n',
    "runtime/support/down.cc": SPDX + '#include "execute/run.h"\n',
    "wali/peeks.cc": SPDX + '#include "runtime/execute/run.h"\nlong nr = SYS_mmap;\n',
    "wali/prints.cc": 'void f() { printf("x"); }\n',
    "shims/own.cc": SPDX + f'// {LATER} see {ELSEWHERE}\n' + '#include "wali/peeks.h"\n',
    "wali/peeks.h": SPDX,
    "wali/opens.cc": SPDX + 'int f() { return kernel(SYS_openat, 0, "x"); }\nint g() { return ::open("x", 0); }\n',
    "wali/locks.cc": SPDX + "std::mutex m;\nstd::once_flag once;\nint& f() {\n    static auto* x = new int;\n    return *x;\n}\n",
    "tests/skips.txt": "a.wast\n",
    "tests/links.py": "# SPDX-License-Identifier: Apache-2.0\nCC = [\"clang" "-22\", \"--target=wasm32\"]\n",
    "wali/README.md": "# wali\nSee `wali/gone.cc` and `no_such_name()`.\n\n## Files\n- `peeks.{h,cc}` x\n- `old.cc` x\n",
}
EXPECTED = {
    "sizes": ["runtime/decode/long.cc:1: 663 lines", "runtime/decode/long.cc:2: f has 62 lines",
              "runtime/decode/class.cc:2: A::A has 62 lines"],
    "structure": ["runtime/decode/up.cc:2: includes runtime/execute/run.h: decode/ may not know execute/",
                  "runtime/decode/up.cc:3: #ifdef X", "runtime/decode/up.cc:5: wali_state",
                  "runtime/support/down.cc:2: includes runtime/execute/run.h",
                  "wali/peeks.cc:2: includes runtime/execute/run.h: wali/ may not know runtime/",
                  "wali/peeks.cc:3: SYS_mmap",
                  "shims/own.cc:3: includes wali/peeks.h: shims/ may not know wali/",
                  "wali/locks.cc:2: std::mutex", "wali/locks.cc:3: std::once_flag", "wali/locks.cc:5: static auto* x = new",
                  "'include | wali/fine.cc' is not needed any more"],
    "opening": ["wali/opens.cc:2: SYS_openat", "wali/opens.cc:3: ::open("],
    "lists": ["tests/list.cc:1: names 31 opcodes", "tests/list.cc:1: names 31 syscalls"],
    "prose": ["wali/README.md:1: does not list prints.cc", "wali/README.md:1: lists old.cc, which is not there",
              "wali/README.md:2: names the file wali/gone.cc", "wali/README.md:2: names no_such_name()",
              "shims:0: has no README.md"],
    "text": ["allow.txt:2: no reason", "wali/prints.cc:1: no SPDX line", "wali/prints.cc:1: printf", f"shims/own.cc:2: {ELSEWHERE[:-2]}",
             f"shims/own.cc:2: // {LATER}", "tests/skips.txt:1: a.wast", "tests/links.py:2: CC"],
}


def names_from(table, pattern, count):
    return re.findall(pattern, (ROOT / table).read_text(), re.M)[:count]


def main():
    ops = names_from("runtime/isa/wasm_ops.def", r"^OP\((\w+),[^,]*,[^,]*,[^,]*,[^,]*,\s*\w+_\w+", 31)
    calls = names_from("wali/syscalls.def", r"^[A-Z]+\((\w+),\s*\d+", 31)
    lists = SPDX + "\n".join([f"Op::{name}," for name in ops] + [f"SYS_{name}," for name in calls])
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        for name, content in {**FILES, "tests/list.cc": lists}.items():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            (top / name).write_text(content)
        for table in ("runtime/isa/wasm_ops.def", "wali/syscalls.def"):
            (top / table).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / table, top / table)
        for check, expected in EXPECTED.items():
            done = subprocess.run([sys.executable, "-B", str(HERE / f"{check}.py")], text=True, check=False,
                                  env={**os.environ, "HOUSE_ROOT": folder}, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            missing = [e for e in expected if e not in done.stdout]
            if missing or done.returncode != 1:
                bad += 1
                print(f"{check}: status {done.returncode}, did not report {missing}; it said:\n{done.stdout}")
    print("all breaches found" if not bad else f"{bad} checks do not bite")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
