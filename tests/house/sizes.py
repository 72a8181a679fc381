# SPDX-License-Identifier: Apache-2.0
"""A file is at most 600 lines, a C++ function at most 60 (a screen). Tables of data (.def) may be long."""
import re

from house import CPP, Report, blank_comments, finish, sources, text

MAX_FILE, MAX_FUNCTION = 600, 60
# What a head (the text before an opening brace) begins with when it opens a scope of declarations, not of statements.
TYPE_SCOPE = re.compile(r"(inline\s+)?(namespace|class|struct|union|enum)\b|extern\s+$")
# A head that ends within a constructor's list of members: the brace belongs to one of them.
MEMBER_INIT = re.compile(r"\)[^;]*[^:]:[^:][^;]*[\w>]\s*$", re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


def after_group(head, brackets):
    """`head` behind its first <…> or (…)."""
    depth = 0
    for at in range(head.index(brackets[0]), len(head)):
        depth += (head[at] == brackets[0]) - (head[at] == brackets[1])
        if depth == 0:
            return head[at + 1:].lstrip()
    return ""


def opens_types(head):
    head = re.sub(r"\b(public|private|protected)\s*:", "", head).strip() + " "
    while head.startswith(("template", "requires")):
        head = after_group(head, "<>" if head.startswith("template") else "()")
    return bool(TYPE_SCOPE.match(head))


def opens_body(head):
    without_groups = head
    while "{" in without_groups:
        without_groups, n = re.subn(r"\{[^{}]*\}", "", without_groups)
        if n == 0:
            break
    ended = head.rstrip()
    in_member_list = not ended.endswith("}") and MEMBER_INIT.search(without_groups)
    return "(" in head and not opens_types(head) and not in_member_list and not ended.endswith("=")


def name_of(head):
    """The function's name; for TEST_CASE("…") and its like the first argument."""
    head = re.sub(r"\b(requires|alignas|__attribute__|noexcept)\s*\(", "", head)
    match = re.search(r"([\w~:]+|operator\s*\S+?)\s*\(\s*\"?([^\",)]*)", head)
    return "?" if match is None else match[2] if re.fullmatch(r"[A-Z][A-Z0-9_]+", match[1]) else match[1]


def functions(original):
    """(name, first line, last line) of each function body, by matching braces outside comments and strings."""
    code = PREPROCESSOR.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), blank_comments(original))
    scopes = []  # of each open brace: "types", "body" (or anything within one), "value" (an initializer)
    head_start, line, parens, opened = 0, 1, 0, None
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char in "()":
            parens += 1 if char == "(" else -1
        elif char == "{":
            head = code[head_start:at]
            if scopes and scopes[-1] != "types":
                scopes.append(scopes[-1])
            elif parens == 0 and opens_body(head):
                opened = (len(scopes), name_of(original[head_start:at]), line - head.lstrip().count("\n"))
                scopes.append("body")
            else:
                scopes.append("types" if opens_types(head) else "value")
            if scopes[-1] != "value":
                head_start = at + 1
        elif char == "}" and scopes:
            kind = scopes.pop()
            if opened and opened[0] == len(scopes):
                yield opened[1], opened[2], line
                opened = None
            if kind != "value":
                head_start = at + 1
        elif char == ";" and parens == 0 and (not scopes or scopes[-1] != "value"):
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
