# SPDX-License-Identifier: Apache-2.0
"""What the house tests share: the files of the repository, the allow-list, and how a finding is reported.

A check is a function that calls Report.add(path, line, what, key). At the end of its script `finish()` prints what is
left after allow.txt has been applied, with the advice how to mend it, and sets the exit status.
"""
import functools
import os
import pathlib
import re
import sys

# The self-test points the checks at a folder of its own.
ROOT = pathlib.Path(os.environ.get("HOUSE_ROOT") or pathlib.Path(__file__).resolve().parents[2])
CPP = (".cc", ".h")
SOURCES = CPP + (".c", ".def", ".py", ".js", ".mjs", ".sh", ".rs")


@functools.lru_cache(None)
def files():
    """All files of the repository as paths relative to its root, without what a build or a tool leaves behind."""
    ignored = {".git", ".cache", "node_modules", "__pycache__"}

    def walk(folder):
        for entry in sorted(folder.iterdir()):
            if entry.name in ignored or (folder == ROOT and entry.name.startswith("build")):
                continue
            if entry.is_symlink() or entry.is_file():
                yield entry.relative_to(ROOT)
            elif entry.is_dir():
                yield from walk(entry)

    return tuple(walk(ROOT))


@functools.lru_cache(None)
def text(path):
    """Content of a file, or None if it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return None


def is_source(path):
    """Code written by hand, also scripts that have no extension."""
    if path.suffix in SOURCES:
        return True
    return path.suffix == "" and (text(path) or "").startswith("#!")


def sources(*suffixes, under=()):
    """Source files with one of these suffixes (default: all source files), below one of these rooms."""
    for path in files():
        if under and path.parts[0] not in under:
            continue
        if path.suffix in suffixes if suffixes else is_source(path):
            yield path


def blank_comments(code, keep_strings=False):
    """C or C++ code with comments (and string and character literals) replaced by spaces: same lines, same columns."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\''

    def blank(match):
        if keep_strings and match[0][0] in "R\"'":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return re.sub(pattern, blank, code, flags=re.S)


class Report:
    """Findings of one check, minus those that allow.txt names with a reason."""

    def __init__(self, check, mend):
        self.check, self.mend = check, mend
        self.findings = []
        self.allowed = {}
        for number, line in enumerate((ROOT / "tests/house/allow.txt").read_text().splitlines(), 1):
            fields = [f.strip() for f in line.split("|")]
            if line.strip() and not line.startswith("#") and fields[0] == check:
                self.allowed[fields[1]] = False
                if len(fields) != 3 or len(fields[2].split()) < 3:
                    self.findings.append(f"tests/house/allow.txt:{number}: no reason")

    def add(self, path, line, what, key=None):
        """`key` is the name an allow.txt row may give: the path, or path:thing."""
        key = key or str(path)
        if key in self.allowed:
            self.allowed[key] = True
        else:
            self.findings.append(f"{path}:{line}: {what}")

    def failed(self):
        for key, used in self.allowed.items():
            if not used:
                self.findings.append(f"tests/house/allow.txt: '{self.check} | {key}' is not needed any more: remove it")
        for finding in self.findings:
            print(finding)
        if self.findings:
            print(f"  -> {self.check}: {self.mend}\n")
        return bool(self.findings)


def finish(*reports):
    bad = [r for r in reports if r.failed()]
    print(f"{len(files())} files looked at; " + (f"{sum(len(r.findings) for r in bad)} findings" if bad else "in order"))
    sys.exit(1 if bad else 0)
