# SPDX-License-Identifier: Apache-2.0
"""The body of tools/soak."""

import argparse
import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from harness import cli, process

PATIENCE = 180.0  # seconds for one batch of work, on however busy a machine
EARLY, LATE = (0.1, 0.3), (0.8, 1.0)  # which samples are compared, as shares of the run
# What may grow between early and late: (share, and this much besides). Descriptors must not.
MAY_GROW = {"descriptors": (0, 0), "threads": (0, 2), "mappings": (0.05, 16), "resident KiB": (0.05, 2048),
            "virtual KiB": (0.05, 65536)}


def look_at(pid):
    """What a process has just now."""
    folder = pathlib.Path(f"/proc/{pid}")
    fields = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return {"descriptors": len(os.listdir(folder / "fd")), "threads": int(fields["Threads"]),
            "mappings": (folder / "maps").read_text().count("\n"), "resident KiB": int(fields["VmRSS"].split()[0]),
            "virtual KiB": int(fields["VmSize"].split()[0])}


class Part:
    """A program that stays: it is handed batches, or works by itself, and says when one is done. `done` tells of a line
    that it prints whether it says so (True), is wrong (False), or neither (None)."""

    def __init__(self, name, batch, done):
        self.name, self.batch, self.done = name, batch, done
        self.batches, self.samples, self.problem = 0, [], ""
        self.child = None

    def run(self, words, folder, env, deadline):
        """Until the deadline; then the program must end at once when it is told to."""
        with open(folder / f"{self.name}.err", "wb") as errors:
            self.child = subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=errors, start_new_session=True)
        watchdog = threading.Timer(PATIENCE, self.child.kill)
        try:
            while time.monotonic() < deadline:
                watchdog.cancel()
                watchdog = threading.Timer(PATIENCE, self._too_late)
                watchdog.start()
                self._one()
            self._end()
        except (OSError, ValueError) as problem:
            self.problem = self.problem or f"batch {self.batches + 1}: {problem}"
        finally:
            watchdog.cancel()
            process.end_all(lambda: process.session_members(self.child.pid))
            for pipe in (self.child.stdin, self.child.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            self.child.wait()

    def _too_late(self):
        self.problem = f"batch {self.batches + 1} is not done after {PATIENCE:.0f} s"
        self.child.kill()

    def _one(self):
        number = self.batches + 1
        if self.batch is not None:
            self.child.stdin.write(self.batch(number).encode())
            self.child.stdin.flush()
        for line in self.child.stdout:
            text = line.decode("utf-8", "backslashreplace")
            done = self.done(number, text)
            if done:
                break
            if done is False:
                raise ValueError(f"said {text.strip()!r}")
        else:
            raise ValueError("it ended")
        self.batches = number
        self.samples.append(look_at(self.child.pid))

    def _end(self):
        others = [pid for pid in process.session_members(self.child.pid) if pid != self.child.pid]
        self.child.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(10)
        if self.child.returncode != -signal.SIGTERM:
            self.problem = f"status {self.child.returncode} after SIGTERM"
        if others and self.batch is not None:
            self.problem = f"{len(others)} of its children were left over"

    def drift(self):
        """[(what, early, late, whether that is too much)]"""
        def median(what, share):
            first, last = (int(len(self.samples) * s) for s in share)
            return statistics.median(sample[what] for sample in self.samples[first:max(last, first + 1)])

        for what, (share, more) in MAY_GROW.items():
            early, late = median(what, EARLY), median(what, LATE)
            yield what, early, late, late > early * (1 + share) + more


def storms():
    """The program of the tests, which works by itself."""
    beginning = ["at once = 1000\n", "wrong = 0\n", "timer = 0\n"]

    def done(number, text):
        if beginning and text == beginning[0]:
            return beginning.pop(0) and None
        return text == f"round = {number * 100}\n"

    return Part("storm", None, done), [str(cli.built("tests/wali/storm.wasm")), "100000000"]


def shell(path):
    def batch(number):
        return f"""
trap 'n=$((n + 1))' USR1
for i in 1 2 3 4 5 6 7 8; do
  [ "$(echo $i {number} | cat)" = "$i {number}" ] || echo WRONG; (exit $i); [ $? = $i ] || echo WRONG
done
seq 20 | while read -r x; do echo $((x * x)); done | (sum=0; while read -r x; do sum=$((sum + x)); done; [ $sum = 2870 ]) || echo WRONG
sleep 0.01 & wait $!; kill -USR1 $$; (kill -TERM $BASHPID) 2>/dev/null; [ $? = 143 ] || echo WRONG
echo "batch {number}, $n"
"""
    return Part("bash", batch, lambda number, text: text == f"batch {number}, {number}\n"), [path]


def database(path):
    def batch(number):
        return f"""BEGIN; CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
 INSERT INTO t SELECT i, 'text ' || (i * {number} % 997), i / 3.0 FROM n; CREATE INDEX x ON t(b); COMMIT;
UPDATE t SET b = upper(b) WHERE a % 3 = 0; DELETE FROM t WHERE a > 900;
SELECT 'batch {number}', count(*), sum(a) FROM t; DROP TABLE t;
.shell true
"""
    return Part("sqlite3", batch, lambda number, text: text == f"batch {number}|900|405450\n"), [path, "-batch", "soak.db"]


class Signals:
    """Programs that end: one storm of signals after the other."""

    name, samples = "signals", ()

    def __init__(self):
        self.batches, self.problem = 0, ""

    def run(self, words, folder, env, deadline):
        while time.monotonic() < deadline and not self.problem:
            # It finds a lost signal by itself; how long all of them take is the machine's business.
            done = process.run(words, folder, env, timeout=10 * PATIENCE)
            self.batches += 1
            if done.timed_out or done.status != 0:
                self.problem = f"storm {self.batches}: {'hangs' if done.timed_out else f'status {done.status}'}"

    def drift(self):
        return ()


def parts(options):
    """[(part, its words)], and what is left out."""
    found = [storms(), (Signals(), [str(cli.built("tests/wali/signal_storm.wasm")), "3000"])]
    for name, make in (("bash.wasm", shell), ("sqlite3.wasm", database)):
        paths = sorted(options.programs.rglob(name)) if options.programs else []
        if paths:
            part, words = make(str(paths[0].resolve()))
            found.append((part, words))
        else:
            print(f"soak: left out: {name} (--programs DIR)", flush=True)
    return found


def parse(usage):
    parser = argparse.ArgumentParser(prog="tools/soak", description=usage.split("\n", 1)[0])
    parser.add_argument("minutes", metavar="MINUTES", type=float)
    parser.add_argument("--programs", metavar="DIR", type=pathlib.Path, help="where bash.wasm and sqlite3.wasm are")
    parser.add_argument("--engine", metavar="CMD", help="engine command (default: the release build)")
    return parser.parse_args()


def report(running, seconds):
    bad = 0
    for part in running:
        drifts = list(part.drift()) if not part.problem and part.samples else []
        grown = [f"{what} grew from {early:.0f} to {late:.0f}" for what, early, late, too_much in drifts if too_much]
        verdict = part.problem or "; ".join(grown)
        bad += bool(verdict) or part.batches == 0
        print(f"{'FAIL' if verdict or not part.batches else 'ok  '} {part.name:<8} {part.batches:6} batches  "
              f"{verdict or 'nothing' * (not part.batches)}".rstrip())
        for what, early, late, _ in drifts:
            print(f"       {what:<14} {early:12.0f} -> {late:.0f}")
    print(f"soak: {seconds / 60:.1f} minutes, {len(running) - bad} of {len(running)} parts")
    return 1 if bad else 0


def main(usage):
    contained = process.contain()
    options = parse(usage)
    process.level_ground()
    engine = cli.engine(options)
    running = parts(options)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as work:
        folder, temporary = pathlib.Path(work) / "dir", pathlib.Path(work) / "tmp"
        folder.mkdir()
        temporary.mkdir()
        env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(temporary), "LC_ALL": "C"}
        threads = [threading.Thread(target=part.run, args=([*engine, *words], folder, env, start + options.minutes * 60))
                   for part, words in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = [p.name for p in temporary.iterdir()]
    status = report([part for part, _ in running], time.monotonic() - start)
    strangers = [pid for pid, _, _, runs in process.processes() if runs and pid not in (1, os.getpid())] if contained else []
    if left or strangers:
        print(f"soak: left behind: files {left}, processes {strangers}", file=sys.stderr)
    return status or int(bool(left or strangers))
