# SPDX-License-Identifier: Apache-2.0
"""One door: in wali/, only open_guard.cc opens files for a guest. What else opens one has a reason in allow.txt."""
import re

from house import Report, blank_comments, finish, sources, text

DOOR = ("wali/open_guard.h", "wali/open_guard.cc")
TABLE = "wali/syscalls.def"
# System calls and functions of libc that open by name or by handle.
OPENS = re.compile(r"\bSYS_(?:open\w*|creat)\b|(?<![\w.>])(?:::|std::)?(?:open|openat2?|open64|creat|fopen|freopen|opendir)\("
                   r"|\b[io]?fstream\b")
# A row that hands such a call to the kernel as it is.
FORWARDED = re.compile(r"^DIRECT\((?:open(?:at2?|_by_handle_at)?|creat),", re.M)


def main():
    report = Report("opening", f"let {DOOR[1]} open it: there the file is judged before any thread of the guest sees it")
    for path in sources(".cc", ".h", ".def"):
        if path.parts[0] != "wali" or path.as_posix() in DOOR:
            continue
        code = blank_comments(text(path), keep_strings=True)
        pattern = FORWARDED if path.as_posix() == TABLE else OPENS
        for match in pattern.finditer(code):
            report.add(path, code.count("\n", 0, match.start()) + 1, match[0])
    finish(report)


if __name__ == "__main__":
    main()
