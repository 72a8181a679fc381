# SPDX-License-Identifier: Apache-2.0
"""Runs tests of one side and keeps the results: a line of JSON for each, so that a later call goes on from there."""

import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

LIMIT = 60.0  # seconds for one test
INSIDE = pathlib.Path(__file__).with_name("inside.py")
NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--ipc", "--uts", "--net")
# LTP asks for the number of a free loop device and takes it a moment later, when another test may have it.
TAKEN = re.compile(r"LOOP_SET_FD.*EBUSY")
TRIES = 5
VERDICTS = ("TPASS", "TFAIL", "TBROK", "TCONF", "TWARN")
KEPT = 400_000  # bytes of a test's output that are looked at
# Settings that tests change and, when they are killed, leave changed; not those that change by themselves.
SETTINGS = tuple(pathlib.Path("/proc/sys") / part for part in ("fs", "kernel", "user", "vm"))
MOVING = ("ns_last_pid", "drop_caches", "compact_memory", "stat_refresh", "random")


class Store:
    """The results of one side, by test and number of the run; the newest line of a test counts."""

    def __init__(self, path):
        self.path, self.rows, self.lock = path, {}, threading.Lock()
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):  # a line that was cut off
                    self._take(json.loads(line))

    def _take(self, row):
        self.rows[row["test"], row["run"]] = row

    def add(self, row):
        with self.lock, open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
            self._take(row)

    def of(self, test, runs):
        """The results of a test, one for each run that there is."""
        return [self.rows[test, run] for run in range(1, runs + 1) if (test, run) in self.rows]


def passed(row):
    """Only a test that says so has passed: some end with 0 and have looked at nothing."""
    return row["status"] == 0 and row["counts"]["TPASS"] > 0


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def read_settings():
    found = {}
    for folder in SETTINGS:
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file() and path.stat().st_mode & 0o200 and not any(part in MOVING for part in path.parts):
                    found[path] = path.read_bytes()
    return found


@contextlib.contextmanager
def settings_kept():
    before = read_settings()
    yield
    for path, value in read_settings().items():
        if value != before.get(path, value):
            with contextlib.suppress(OSError):
                path.write_bytes(before[path])


def detach_devices(mark):
    """Gives back the loop devices of a test that could not: those whose file was below its folder."""
    for path in pathlib.Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):
            if f"/{mark}/" in path.read_text():
                subprocess.run(["losetup", "--detach", f"/dev/{path.parts[3]}"], stderr=subprocess.DEVNULL, check=False)


class Runner:
    """Runs tests of one side with one engine (none: natively)."""

    def __init__(self, tree, store, engine, limit=LIMIT):
        self.tree, self.store, self.engine, self.limit = tree, store, engine, limit
        self.by = digest(engine[0]) if engine else "native"
        self.outputs = store.path.with_suffix("")
        self.outputs.mkdir(parents=True, exist_ok=True)

    def program(self, test):
        """Its file, or None where it was not built."""
        path = self.tree.programs / test.words[0]
        return path if path.is_file() else None

    def identity(self, test):
        path = self.program(test)
        return f"{self.by} {digest(path) if path else 'none'}"

    def done(self, test, run):
        row = self.store.rows.get((test.name, run))
        return row is not None and row["of"] == self.identity(test)

    def run_all(self, wanted, jobs, deadline, say):
        """`wanted`: pairs of test and run. Those that need the machine to themselves follow the others, one by one.
        Returns how many were not started before the deadline."""
        together = [pair for pair in wanted if not pair[0].alone]
        alone = [pair for pair in wanted if pair[0].alone]
        left = [0]

        def one(pair, keep=contextlib.nullcontext):
            if time.monotonic() >= deadline:
                left[0] += 1
                return
            with keep():
                row = self.run(*pair)
            self.store.add(row)
            say(row)

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(one, together))
        for pair in alone:
            one(pair, settings_kept)
        return left[0]

    def run(self, test, run):
        for _ in range(TRIES):
            row = self.run_once(test, run)
            if passed(row) or not TAKEN.search(self.output(row)):
                break
        return row

    def run_once(self, test, run):
        row = {"test": test.name, "run": run, "of": self.identity(test), "status": None, "seconds": 0.0, "cpu": 0.0,
               "counts": dict.fromkeys(VERDICTS, 0), "problem": ""}
        program = self.program(test)
        if program is None:
            return row | {"problem": "not built"}
        engine = self.engine if program.open("rb").read(4) == b"\0asm" else []
        # The name tells the loop devices of this run from those of others.
        scratch = f"ltp-{os.getpid()}-{self.tree.side}-{test.name}-{run}"
        output = self.outputs / f"{test.name}.{run}.txt"
        said = start({"command": [*engine, str(program), *test.words[1:]], "folder": str(self.tree.programs), "limit": self.limit,
                      "output": str(output), "scratch": f"/tmp/{scratch}", "environment": self.environment(f"/tmp/{scratch}")})
        detach_devices(scratch)
        if said is None:
            return row | {"problem": "it ended its namespaces, or they could not be made"}
        text = plain(output)
        row |= said | {"counts": {word: len(re.findall(rf"\b{word}\b", text)) for word in VERDICTS}}
        if row["status"] is None:
            row["problem"] = f"not ended after {self.limit:.0f} s"
        return row

    def environment(self, scratch):
        path = f"{self.tree.programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": "/root", "USER": "root", "LANG": "C", "LTPROOT": str(self.tree.root), "TMPDIR": scratch,
                # Limits of its own are generous, for a busy machine; tests that run for as long as they may end early.
                "LTP_COLORIZE_OUTPUT": "0", "LTP_TIMEOUT_MUL": "2", "LTP_RUNTIME_MUL": "0.1"}

    def output(self, row):
        """What a test has printed, without colours."""
        path = self.outputs / f"{row['test']}.{row['run']}.txt"
        return plain(path) if path.is_file() else ""


def plain(path):
    with open(path, "rb") as file:
        return re.sub(r"\x1b\[[0-9;]*m", "", file.read(KEPT).decode("utf-8", "replace"))


def start(job):
    """Process 1 of new namespaces runs the job; what it says of it, or None."""
    command = ["unshare", *NAMESPACES, *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    try:
        done = subprocess.run([*command, sys.executable, "-B", "-S", "-E", str(INSIDE)], input=json.dumps(job).encode(),
                              stdout=subprocess.PIPE, cwd="/", start_new_session=True, check=False, timeout=job["limit"] + 30)
        return json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        return None
