# SPDX-License-Identifier: Apache-2.0
"""What may stand in a file: licence line, no output from the rooms, no machine's paths, a reason for each skip, one compiler
of guests."""
import re

from house import CPP, SOURCES, Report, blank_comments, finish, files, sources, text

PRINTS = re.compile(r"\b(?:std::)?(?:printf|fprintf|vfprintf|puts|fputs|putchar|perror)\s*\(|\bstd::(?:cout|cerr|clog)\b|"
                    r"\bfmt::print\b")
# Where people keep their checkouts: such a path is somebody's machine.
ABSOLUTE = re.compile(r"(?<![\w.)\]}>*/`$-])/(home|media|root|src|srv|work|workspace|Users)/[\w.]+")
# Links a module with what this machine has in PATH: wasm-opt, for one.
BARE_CLANG = re.compile(r"\bclang(?:\+\+)?-\d+\b(?!.*(?:--no-wasm-opt|-fsyntax-only|\"-c\")).*--target=wasm32")
TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))")
PROSE = (".md", ".txt", ".build", "")


def check_lines(path, content, paths, todo, compilers):
    for number, line in enumerate(content.splitlines(), 1):
        for match in ABSOLUTE.finditer(line):
            paths.add(path, number, match[0], f"{path}:{match[0]}")
        if TODO.search(line) and path.name != "text.py":
            todo.add(path, number, line.strip())
        if BARE_CLANG.search(line) and path.suffix != ".md":
            compilers.add(path, number, line.strip())


def check_skips(path, content, skips):
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            if len(line.split()) < 2:  # a name, and why
                skips.add(path, number, line.strip())


def main():
    licence = Report("licence", "begin it with: SPDX-License-Identifier: Apache-2.0 (and what the file is)")
    prints = Report("prints", "return a value, or report through the log: only tools/ and tests/ write to the terminal")
    paths = Report("machine-path", "say it relative to the repository, or take it from an option or the environment")
    todo = Report("todo", "do it, or write TODO(#issue)")
    compilers = Report("guest-compiler", "let tools/lib/guest-clang compile it")
    skips = Report("skip-reason", "end the line with the reason")
    for path in sources():
        if path.suffix in SOURCES + ("",) and "SPDX-License-Identifier: Apache-2.0" not in text(path)[:200]:
            licence.add(path, 1, "no SPDX line")
    for path in sources(*CPP, under=("include", "runtime", "wali", "shims")):
        code = blank_comments(text(path))
        for match in PRINTS.finditer(code):
            prints.add(path, code.count("\n", 0, match.start()) + 1, match[0])
    for path in files():
        content = text(path)
        if content is None or path.name == "LICENSE" or path.suffix not in SOURCES + PROSE:
            continue
        check_lines(path, content, paths, todo, compilers)
        if path.name.startswith("skips") and path.suffix == ".txt":
            check_skips(path, content, skips)
    finish(licence, prints, paths, todo, compilers, skips)


if __name__ == "__main__":
    main()
