# SPDX-License-Identifier: Apache-2.0
"""Runs programs on engines in interleaved rounds: what disturbs the machine disturbs all of them alike. Ratios are taken
within a round, and their median is what counts."""
import math
import os
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time


class Engine:
    def __init__(self, text):
        self.name, _, command = text.partition("=")
        self.words = shlex.split(command)
        if not self.name or (not self.words and self.name != "native"):
            raise ValueError(f"{text!r} is not NAME=COMMAND")

    def command(self, program, arguments=()):
        if self.name == "native":
            return [str(program.with_suffix(".native")), *arguments]
        return [*self.words, str(program), *arguments]

    def version(self):
        if self.name == "native":
            return ""
        done = subprocess.run([*self.words, "--version"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False)
        return done.stdout.splitlines()[0] if done.returncode == 0 and done.stdout else "version unknown"


def fresh(program, folder):
    """A copy of a program, or itself if it is no binary. Which physical pages a file's contents lie in can make all its
    runs slower, up to twice for programs of calls; with a copy for each run that is chance within a comparison, not
    part of it."""
    path = shutil.which(program)
    if path is None:
        return program
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return program
    return shutil.copy(path, folder)


class Run:
    """One run of a command: seconds of CPU and of the clock, status, output."""
    def __init__(self, command):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.perf_counter() - start
        child.returncode = self.status = os.waitstatus_to_exitcode(status)
        child.stdout.close()
        self.cpu = usage.ru_utime + usage.ru_stime


def run_copy(command):
    with tempfile.TemporaryDirectory() as folder:
        return Run([fresh(command[0], folder), *command[1:]])


class Results:
    """Of each program and engine the value of every round, or None where it failed."""
    def __init__(self, engines, base):
        self.engines, self.base = engines, base
        self.values, self.failures = {}, []

    def put(self, program, engine, value):
        self.values.setdefault(program, {}).setdefault(engine, []).append(value)

    def median(self, program, engine):
        values = self.values[program].get(engine, [])
        return None if not values or None in values else statistics.median(values)

    def speed(self, program, engine):
        """How many times as fast as the base engine."""
        mine, base = self.values[program].get(engine, []), self.values[program].get(self.base, [])
        if not mine or None in mine or None in base or len(mine) != len(base):
            return None
        return statistics.median(b / max(m, 1e-9) for m, b in zip(mine, base))

    def mean_speed(self, engine):
        """The geometric mean over the programs that ran."""
        speeds = [s for s in (self.speed(p, engine) for p in self.values) if s]
        return math.exp(sum(map(math.log, speeds)) / len(speeds)) if speeds else None


def compare(engines, base, programs, rounds, clock="cpu", progress=lambda text: None):
    """`programs`: {name: (path, arguments)}. Engines take turns in being the first of a round."""
    results = Results([e.name for e in engines], base)
    for name, (path, arguments) in programs.items():
        progress(name)
        wanted = None
        for number in range(rounds):
            first = number % len(engines)
            for engine in engines[first:] + engines[:first]:
                # A start takes longer right after its file was written.
                run = (run_copy if clock == "cpu" else Run)(engine.command(path, arguments))
                wanted = run.output if wanted is None and run.status == 0 else wanted
                good = run.status == 0 and run.output == wanted
                if not good:
                    what = f"status {run.status}" if run.status != 0 else "prints something else"
                    results.failures.append(f"{name} on {engine.name}: {what}")
                results.put(name, engine.name, getattr(run, clock) if good else None)
    return results
