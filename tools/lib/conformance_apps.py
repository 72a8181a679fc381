# SPDX-License-Identifier: Apache-2.0
"""published programs (lua, sqlite3, bash, memcached, sshd, paho-mqtt-app) in DIR, against native ones

Each check of apps/ runs the same command line twice in equal fresh folders, once with the native program and
once with the .wasm found below DIR under the engine, and compares output, status and the files left behind.
"""

import concurrent.futures
import dataclasses
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

from apps import bash, lua, servers, sqlite
from apps.check import Check
from harness import cli, process
from harness.report import Report, Result
from harness.trace import Trace, decoded, described, difference, encoded, unsound

PROGRAMS = {
    # name: (published module, names of the native program, Debian package)
    "lua": ("lua.wasm", ("lua5.4",), "lua5.4"),
    "sqlite3": ("sqlite3.wasm", ("sqlite3",), "sqlite3"),
    "bash": ("bash.wasm", ("bash",), "bash"),
    # No native program: it is a native client or broker that these are checked with.
    "memcached": ("memcached.wasm", (), ""),
    "sshd": ("sshd.wasm", (), ""),
    "paho-mqtt-app": ("paho-mqtt-app.wasm", (), ""),
}
CHECKS = [*lua.CHECKS, *sqlite.CHECKS, *bash.CHECKS, *servers.CHECKS]
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


@dataclasses.dataclass
class Side:
    """One of the two worlds a command line runs in: what its program names stand for."""

    commands: dict  # program -> the words that start it
    own_names: dict  # text the program calls itself by -> its plain name


def main():
    process.contain(network=True)
    parser = cli.parser("apps", __doc__)
    parser.add_argument("--list", action="store_true", help="print the names of the checks and stop")
    parser.add_argument("--self-check", action="store_true",
                        help="run the native programs on both sides: tests the checks, not an engine")
    options = parser.parse_args()
    folder = cli.folder(options)
    checks = [c for c in CHECKS if cli.selected(c.name, options)]
    if options.self_check:
        checks = [c for c in checks if c.reference is None]
    if options.list:
        print("\n".join(c.name for c in checks))
        return 0
    process.level_ground()
    native, guest = sides(folder, options)
    samples = {p.name: p for p in sorted(folder.rglob("*"), reverse=True) if p.is_file()}
    report = Report("apps", options)
    with tempfile.TemporaryDirectory(prefix="conformance-") as work:
        runner = Runner(pathlib.Path(work), native, guest, samples)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for result in pool.map(runner.check, [c for c in checks if runner.has_samples(c)]):
                report.add(result)
    return report.finish()


def sides(folder, options):
    """The native side and the guest side. A program missing on one has no command there; its checks fail."""
    native, guest = Side({}, {}), Side({}, {})
    engine = None if options.self_check else cli.engine(options)
    for name, (module, natives, package) in PROGRAMS.items():
        path = next(filter(None, map(shutil.which, natives)), None)
        if path is None and natives:
            print(f"conformance: no native {name}: apt-get install {package}", file=sys.stderr)
        elif natives:
            native.commands[name] = [path]
        modules = sorted(folder.rglob(module))
        if options.self_check:
            guest = native
        elif modules:
            guest.commands[name] = [*engine, str(modules[0])]
            guest.own_names[str(modules[0])] = name
        else:
            print(f"conformance: no {module} below {folder}", file=sys.stderr)
    return native, guest


class Runner:
    """Runs checks; every check has a folder of its own, used by the two sides in turn, so paths are equal."""

    def __init__(self, work, native, guest, samples):
        self.work = work
        self.native = native
        self.guest = guest
        self.samples = samples

    def has_samples(self, check):
        return all(name in self.samples for name in check.samples)

    def check(self, check: Check):
        program = check.name.split("/")[0]
        sides = (self.native, self.guest) if check.reference is None else (self.guest,)
        if any(program not in side.commands for side in sides):
            return Result(check.name, "program not found")
        missing = [command for command in check.needs if not shutil.which(command, path=SYSTEM_PATH)]
        if missing:
            return Result(check.name, f"needs {', '.join(missing)}: tools/lib/install-packages apps")
        if check.reference is None:
            wanted = self._trace(check, self.native)
            problem = unsound(check, wanted)
            if problem:
                return Result(check.name, f"native run: {problem}", "".join(wanted.streams.values()))
        trace = self._trace(check, self.guest)
        if check.reference is not None:
            outcome = dataclasses.replace(trace.outcome, status=check.status)
            wanted = Trace(outcome, trace.streams | {"stdout": check.reference, "stderr": ""}, trace.files)
        problem, detail = difference(wanted, trace)
        return Result(check.name, problem, detail, trace.outcome.seconds)

    def _trace(self, check, side):
        base = self.work / check.name.replace("/", "-")
        shutil.rmtree(base, ignore_errors=True)
        home, tools = base / "dir", base / "bin"
        home.mkdir(parents=True)
        tools.mkdir()
        self._furnish(check, home)
        for name, words in side.commands.items():
            put_command(tools / name, words)
        env = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C", "TZ": "UTC",
               "TERM": "dumb", **check.env}
        outcome = process.run(shell_words(check.command), home, env, encoded(check.stdin), check.timeout)
        streams = {"stdout": decoded(outcome.stdout), "stderr": decoded(outcome.stderr)}
        if check.after:
            after = process.run(shell_words(check.after), home, env | {"PATH": "/usr/bin:/bin"})
            streams["afterwards"] = decoded(after.stdout) + decoded(after.stderr) + f"status {after.status}\n"
        streams = {what: normalised(text, check, side) for what, text in streams.items()}
        files = {str(p.relative_to(home)): described(p, check) for p in sorted(home.rglob("*"))}
        shutil.rmtree(base)
        return Trace(outcome, streams, files)

    def _furnish(self, check, home):
        for name in check.samples:
            shutil.copy(self.samples[name], home / name)
        for name, contents in check.files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(contents))
            path.chmod(0o755 if encoded(contents).startswith(b"#!") else 0o644)


def put_command(path, words):
    """A command of that name: a link to a native program (it sees the plain name), else a script."""
    if len(words) == 1:
        path.symlink_to(words[0])
        return
    path.write_text(f"#!/bin/sh\nexec {shlex.join(words)} \"$@\"\n")
    path.chmod(0o755)


def shell_words(command):
    return ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)


def normalised(text, check, side):
    for path, name in side.own_names.items():
        text = text.replace(path, name)
    for pattern, replacement in check.normalise:
        text = re.sub(pattern, replacement, text)
    return text


if __name__ == "__main__":
    sys.exit(main())
