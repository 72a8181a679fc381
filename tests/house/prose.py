# SPDX-License-Identifier: Apache-2.0
"""READMEs are true: each lists exactly the files of its folder, and the paths and identifiers they name exist.

A README has a list of files under the heading "## Files": rows of a table, or list items, that begin with names in
backquotes. It answers for everything below its folder except what a README further down lists; such a folder is one
row, `name/` (other folders may have such a row as a headline). `x.{h,cc}` names two files; below tests/ a row may be a
pattern (`guest/*.c`).
"""
import fnmatch
import itertools
import pathlib
import re

from house import ROOT, Report, files, finish, is_source, text

MUST_HAVE = ("runtime", "wali", "shims", "tools", "tests")
NOT_LISTED = ("README.md", "meson.build", "__init__.py")
SPAN = re.compile(r"`([^`\n]+)`")
ROW = re.compile(r"^(?:\||[-*])\s*(`[^|]*?`(?:\s*,\s*`[^`]*`)*)", re.M)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:::~?[A-Za-z_]\w*)*(?:\(\))?$")
PATH = re.compile(r"[\w.@{},*-]+(?:/[\w.@{},*-]+)*/?$")
FILE_SUFFIX = re.compile(r"\.(h|cc|c|def|md|py|mjs|js|txt|build|tsv)$|\.\{")
OUTSIDE = ("/", "~", "$", "-", "<", "build/", "../")  # not files of the repository: absolute, options, build output


def braces(name):
    """x.{h,cc} -> x.h, x.cc"""
    match = re.search(r"\{([^}]*)\}", name)
    if match is None:
        return [name]
    return [name[:match.start()] + part.strip() + name[match.end():] for part in match[1].split(",")]


def section(readme, heading):
    found = re.search(rf"^## {heading}\s*$(.*?)(?=^## |\Z)", readme, re.M | re.S)
    return found[1] if found else None


def covered(folder):
    """What the README of `folder` must list."""
    nested = {p.parent for p in files() if p.name == "README.md" and p.parent != folder and folder in p.parents}
    names = set()
    for path in files():
        if folder not in path.parents or path.name in NOT_LISTED and path.parent == folder:
            continue
        inner = [n for n in nested if n in path.parents]
        if inner:
            names.add(min(inner, key=lambda n: len(n.parts)).relative_to(folder).as_posix() + "/")
        elif path.name not in NOT_LISTED:
            names.add(path.relative_to(folder).as_posix())
    return names


def check_list(path, readme, report):
    listing = section(readme, "Files")
    if listing is None:
        report.add(path, 1, 'has no section "## Files"')
        return
    rows = [n for row in ROW.findall(listing) for span in SPAN.findall(row) for n in braces(span)]
    wanted = covered(path.parent)
    patterns = [r for r in rows if "*" in r] if path.parts[0] == "tests" else []
    for name in sorted(wanted - set(rows)):
        if not any(fnmatch.fnmatch(name, p) for p in patterns):
            report.add(path, 1, f"does not list {name}")
    for name in rows:
        if name in patterns:
            stale = not any(fnmatch.fnmatch(w, name) for w in wanted)
        else:
            stale = name not in wanted and not (name.endswith("/") and (ROOT / path.parent / name).is_dir())
        if stale:
            report.add(path, 1, f"lists {name}, which is not there")


def words():
    """Every identifier-like word of the sources and build files."""
    found = set()
    for path in files():
        if is_source(path) or path.name in ("meson.build", "meson_options.txt"):
            found |= set(re.findall(r"[A-Za-z_]\w*", text(path)))
    return found


def exists(folder, name):
    for candidate in braces(name):
        if not any(next((ROOT / base).glob(candidate.rstrip("/")), None) for base in (folder, ".")):
            return False
    return True


def check_names(path, readme, known, report):
    prose = re.sub(r"^```.*?^```", lambda m: "\n" * m[0].count("\n"), readme, flags=re.M | re.S)
    links = re.finditer(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)
    for match in itertools.chain(SPAN.finditer(prose), links):
        name = match[1].strip()
        line = prose.count("\n", 0, match.start()) + 1
        if name.startswith(OUTSIDE):
            continue
        name = re.sub(r":\d+$", "", name)
        is_link = match.re is not SPAN
        if is_link or PATH.match(name) and (FILE_SUFFIX.search(name) or "/" in name):
            if not exists(path.parent, name):
                report.add(path, line, f"names the file {name}, which is not there", f"{path}:{name}")
        elif IDENTIFIER.match(name) and ("_" in name or "(" in name or "::" in name or re.search(r"[a-z][A-Z]", name)):
            for word in re.findall(r"\w+", name):
                if word not in known and word.removeprefix("SYS_") not in known:
                    report.add(path, line, f"names {name}, but {word} is nowhere in the sources", f"{path}:{name}")


def main():
    lists = Report("readme-files", 'one line per file under "## Files"; see the head of tests/house/prose.py')
    names = Report("readme-names", "rename it in the text too")
    known = words()
    for room in MUST_HAVE:
        if not (ROOT / room / "README.md").is_file():
            lists.add(pathlib.Path(room), 0, "has no README.md")
    for path in files():
        if path.suffix == ".md":
            check_names(path, text(path), known, names)
            if path.name == "README.md" and path.parent != pathlib.Path("."):
                check_list(path, text(path), lists)
    finish(lists, names)


if __name__ == "__main__":
    main()
