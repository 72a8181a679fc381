# SPDX-License-Identifier: Apache-2.0
"""the C programs of DIR, compiled natively and with wali-cc

Both run in fresh folders of the same name; status, output and the files left behind must be equal. How the
programs of WALI's examples/mini are run is told in lib/examples/mini.py; any other one just runs. The native
twin is linked to musl as well, so that what the C library words itself is the same.
"""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from examples import mini
from harness import cli, driven, process
from harness.report import Report, Result
from harness.trace import Trace, decoded, described, difference, encoded, unsound

FLAGS = ("-D_GNU_SOURCE", "-O1", "-w", "-pthread")
# Numbers of processes, whichever way they are announced.
PIDS = ((r"(PID|pid)(:? +)\d+", r"\1\2N"),)


def main():
    contained = process.contain(network=True)
    parser = cli.parser("build", __doc__)
    parser.add_argument("--native-cc", metavar="CMD", default="musl-gcc", help="native compiler (default: musl-gcc)")
    parser.add_argument("--wali-cc", metavar="CMD", help="compiler for WALI (default: the one of build/sdk, or of $WALI_SDK)")
    parser.add_argument("--self-check", action="store_true", help="the native twin on both sides: tests the cases")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and stop")
    options = parser.parse_args()
    folder = cli.folder(options)
    cases = [c for c in find_cases(folder) if cli.selected(c.name, options)]
    if options.list:
        print("\n".join(c.name for c in cases))
        return 0
    process.level_ground()
    engine = [] if options.self_check else cli.engine(options)
    compilers = {"native": compiler(options.native_cc, "apt-get install musl-tools")}
    if not options.self_check:
        compilers["wasm"] = compiler(options.wali_cc or sdk(), "tools/sdk/install")
    report = Report("build", options)
    with tempfile.TemporaryDirectory(prefix="conformance-") as work:
        runner = Runner(pathlib.Path(work), engine, contained)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            names = sorted({program_of(c) for c in cases} | ({"socket_client"} if needs_client(cases) else set()))
            runner.broken = dict(pool.map(lambda name: (name, build(compilers, folder / f"{name}.c", runner.work)), names))
            for result in pool.map(runner.check, cases):
                report.add(result)
    programs = len({program_of(c) for c in cases})
    agree = programs - len({r.name.split("/")[0] for r in report.results if r.problem})
    status = report.finish()
    print(f"{agree} of {programs} programs agree")
    return status


def find_cases(folder):
    """The told cases of programs that are there, and one for every other program."""
    names = sorted(path.stem for path in folder.glob("*.c"))
    told = {}
    for case in mini.CASES:
        told.setdefault(program_of(case), []).append(case)
    return [case for name in names for case in told.get(name, [mini.case(name, status=None)])]


def program_of(case):
    return case.name.split("/")[0]


def needs_client(cases):
    return any(c.name == "socket_server/with-client" for c in cases)


def sdk():
    return os.environ.get("WALI_SDK", str(cli.REPOSITORY / "build/sdk")) + "/bin/wali-cc"


def compiler(command, remedy):
    words = shlex.split(command)
    return words if shutil.which(words[0]) else cli.die(f"no {words[0]}: {remedy}")


def build(compilers, source, work):
    """Compiles NAME.native and NAME.wasm; what went wrong, or nothing."""
    for form, command in compilers.items():
        done = subprocess.run([*command, *FLAGS, str(source), "-o", str(work / f"{source.stem}.{form}"), "-lm"],
                              capture_output=True, text=True, errors="backslashreplace", check=False)
        if done.returncode:
            return f"{command[0]} does not compile it", done.stderr
    return None


class Runner:
    """Runs cases; each has a folder of its own, used by the two sides in turn."""

    def __init__(self, work, engine, contained):
        self.work, self.engine, self.contained = work, engine, contained
        self.broken = {}

    def check(self, case):
        if self.broken.get(program_of(case)):
            return Result(case.name, *self.broken[program_of(case)])
        if case.contained and not self.contained:
            return Result(case.name, "needs a process-id namespace of its own: the machine does not give one")
        wanted = self._trace(case, "native")
        problem = unsound(case, wanted)
        if problem:
            return Result(case.name, f"native run: {problem}", "".join(wanted.streams.values()))
        trace = self._trace(case, "wasm" if self.engine else "native")
        problem, detail = difference(wanted, trace)
        return Result(case.name, problem, detail, trace.outcome.seconds)

    def _words(self, name, form):
        path = str(self.work / f"{name}.{form}")
        return [*self.engine, path] if form == "wasm" else [path]

    def _trace(self, case, form):
        home = self.work / case.name.replace("/", "-") / "dir"
        home.mkdir(parents=True)
        for name, contents in case.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(encoded(contents))
        env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", "TZ": "UTC", "TERM": "dumb", **case.env}
        outcome, others = driven.run(
            [*self._words(program_of(case), form), *case.command], home, env, case.steps,
            lambda name: process.run(self._words(name, form), home, env, timeout=case.timeout),
            stdin=encoded(case.stdin), terminal=case.terminal, timeout=case.timeout)
        streams = {"stdout": decoded(outcome.stdout), "stderr": decoded(outcome.stderr)}
        for name, other in others:
            streams[name] = decoded(other.stdout + other.stderr) + f"status {other.status}\n"
        if case.after:
            after = process.run(["/bin/sh", "-c", case.after], home, env)
            streams["afterwards"] = decoded(after.stdout + after.stderr)
        streams = {what: self._normalised(text, case, form) for what, text in streams.items()}
        files = {str(p.relative_to(home)): described(p, case) for p in sorted(home.rglob("*"))}
        shutil.rmtree(home.parent)
        return Trace(outcome, streams, files)

    def _normalised(self, text, case, form):
        text = text.replace(str(self.work / f"{program_of(case)}.{form}"), program_of(case))
        for pattern, replacement in (*PIDS, *case.normalise):
            text = re.sub(pattern, replacement, text)
        return "".join(sorted(text.splitlines(keepends=True))) if case.unsorted else text


if __name__ == "__main__":
    sys.exit(main())
