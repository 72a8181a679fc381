# SPDX-License-Identifier: Apache-2.0
"""A file is at most 600 lines, a C++ function at most 60 (a screen). Tables of data (.def) may be long."""
import re

from house import CPP, Report, blank_comments, finish, sources, text

MAX_FILE, MAX_FUNCTION = 600, 60
# What a head (the text before an opening brace) begins with when it opens a scope of declarations, not of statements.
TYPE_SCOPE = re.compile(r"(inline\s+)?(namespace|class|struct|union|enum)\b|extern\s+$")
MEMBER_INIT = re.compile(r"\)[^;{}]*[^:]:[^:][^;{}]*[\w>]\s*$", re.S)


def opens_types(head):
    head = re.sub(r"\b(public|private|protected)\s*:", "", head).strip() + " "
    while head.startswith("template"):
        depth, at = 0, head.index("<")
        for at in range(at, len(head)):
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            if depth == 0:
                break
        head = re.sub(r"^requires\s*\(.*?\)\s*\n", "", head[at + 1:].lstrip(), flags=re.S)
    return bool(TYPE_SCOPE.match(head))


def functions(code):
    """(name, first line, last line) of each function body, by matching braces outside comments and strings."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m[0].count("\n"), blank_comments(code), flags=re.M)
    scopes = []  # True: a function's body or something within it
    head_start, line = 0, 1
    opened = None
    parens = 0
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char in "()":
            parens += 1 if char == "(" else -1
        elif char == "{":
            head = code[head_start:at]
            inside = bool(scopes and scopes[-1])
            is_body = not inside and parens == 0 and "(" in head and not opens_types(head) \
                and not MEMBER_INIT.search(head) and not head.rstrip().endswith("=")
            if is_body:
                first = line - head.lstrip().count("\n")
                names = re.findall(r"([\w~:]+|operator\s*\S+)\s*\(", head)
                name = re.search(r"\(\s*\"?([^\",)]*)", head)[1].strip() if names and names[0].isupper() else \
                    (names[0] if names else "?")
                opened = (len(scopes), name, first)
            # A brace that neither opens a type nor a body (an initializer) keeps the head it interrupts.
            keeps_head = not inside and not is_body and not opens_types(head)
            scopes.append(inside or is_body or (keeps_head and None))
            if not keeps_head:
                head_start = at + 1
        elif char == "}" and scopes:
            kind = scopes.pop()
            if opened and opened[0] == len(scopes):
                yield opened[1], opened[2], line
                opened = None
            if kind is not None:
                head_start = at + 1
        elif char == ";" and parens == 0 and not (scopes and scopes[-1] is None):
            head_start = at + 1


def main():
    long_files = Report("file-size", f"split it along what it does; {MAX_FILE} lines is the limit")
    long_functions = Report("function-size", f"give its parts names of their own; {MAX_FUNCTION} lines is the limit")
    for path in sources():
        if path.suffix == ".def":
            continue
        lines = text(path).count("\n")
        if lines > MAX_FILE:
            long_files.add(path, 1, f"{lines} lines")
        for name, first, last in functions(text(path)) if path.suffix in CPP else ():
            if last - first + 1 > MAX_FUNCTION:
                long_functions.add(path, first, f"{name} has {last - first + 1} lines", f"{path}:{name}")
    finish(long_files, long_functions)


if __name__ == "__main__":
    main()
