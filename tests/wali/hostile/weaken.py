#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes defences out of copies of sources, as defences.txt says, so that the attacks can be seen to bite.

usage: weaken.py DEFENCES --list
       weaken.py DEFENCES ROOT OUTPUT-FOLDER

DEFENCES has a paragraph per file: `@ PATH`, then pairs of texts, each line of the old one after `-`, of the new one
after `+`. The old text must be there exactly once; after `~` instead of it stands a regular expression for any number
of lines. What follows `#` is for readers. `@ PATH` alone copies the file.
"""
import pathlib
import re
import sys


def parse(text):
    """{path: [(old text or pattern, new text)]}"""
    files, last = {}, ""
    for number, line in enumerate(text.splitlines(), 1):
        kind = line[:1]
        if kind == "@":
            edits = files.setdefault(line[2:].strip(), [])
        elif kind == "-":
            if last != "-":
                edits.append(("", ""))
            edits[-1] = (edits[-1][0] + line[2:] + "\n", "")
        elif kind == "~":
            edits.append((re.compile(line[2:] + "\n"), ""))
        elif kind == "+":
            edits[-1] = (edits[-1][0], edits[-1][1] + line[2:] + "\n")
        elif kind and kind != "#":
            sys.exit(f"weaken.py: line {number}: neither of @ - ~ + #")
        last = kind
    return files


def weaken(path, text, edits):
    for old, new in edits:
        if isinstance(old, re.Pattern):
            text, changes = old.subn(new, text)
            if changes == 0:
                sys.exit(f"weaken.py: nothing in {path} matches {old.pattern}")
            continue
        if text.count(old) != 1:
            sys.exit(f"weaken.py: {path} has this text {text.count(old)} times instead of once; if the defence has "
                     f"changed, change defences.txt:\n{old}")
        text = text.replace(old, new)
    return text


def main():
    files = parse(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    if sys.argv[2:] == ["--list"]:
        print("\n".join(files))
        return
    root, output = map(pathlib.Path, sys.argv[2:])
    for path, edits in files.items():
        text = (root / path).read_text(encoding="utf-8")
        (output / pathlib.Path(path).name).write_text(weaken(path, text, edits), encoding="utf-8")


if __name__ == "__main__":
    main()
