# SPDX-License-Identifier: Apache-2.0
"""Writes PROGRAMS.md, the table of what the programs' test suites said, from the results that programs_test.py keeps.
A program that was not tested here keeps the rows it has.
"""
import json

from base import SDK, say
from programs import OUTPUT

TABLE = SDK / "PROGRAMS.md"

HEAD = """# Programs built with the SDK, and their tests

Written by `tools/test --apps` from what it measured; not edited by hand. Each program is built from Debian's source package
twice, with clang-22 for this machine and with `wali-cc`, and both run the same tests: a test suite of the program itself,
or command lines whose output, status and files must be equal. "WALI" counts, of the tests that pass natively, those that
pass under `wali-run` too. Tests that need what a machine lacks (a network, rights) fail on both sides and count on none.

| program | version | what was run | native | WALI | differences |
|---|---|---|---:|---:|---|
"""


def row(recipe, suite, first):
    notes = [f"{count}: {why}" for why, count in suite["reasons"]]
    if suite["unexplained"]:
        notes.append(f"{suite['unexplained']} without a reason")
    return (f"| {recipe.title if first else ''} | {recipe.version if first else ''} | {suite['what']} | {suite['native']} | "
            f"{suite['wali']} | {'; '.join(notes) or 'none'} |\n")


def earlier_rows(text):
    """{title of a program: its rows} of a table that was written before."""
    rows, title = {}, ""
    for line in text.removeprefix(HEAD).splitlines(keepends=True):
        title = line.split("|")[1].strip() or title
        rows[title] = rows.get(title, "") + line
    return rows


def write(recipes):
    text, earlier = HEAD, earlier_rows(TABLE.read_text())
    for recipe in recipes.values():
        path = OUTPUT / "work" / f"{recipe.name}.json"
        if path.is_file():
            for number, suite in enumerate(json.loads(path.read_text())):
                text += row(recipe, suite, number == 0)
        elif recipe.title in earlier:
            text += earlier[recipe.title]
        else:
            say(f"{recipe.name} is not in the table: it was not tested yet")
    TABLE.write_text(text)
    say("wrote tools/sdk/PROGRAMS.md")
