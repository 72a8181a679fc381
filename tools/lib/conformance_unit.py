# SPDX-License-Identifier: Apache-2.0
"""the unit suites of a WALI checkout DIR, against native twins

Every suite is a C file with `// CMD:` lines; each line is one run of the published module under the engine and of
its native twin (compiled here). Before a run the suite's own hooks program prepares files and then becomes the
program under test. A run passes when both end with the same status: that is the suites' own rule.
"""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile

from harness import cli, process
from harness.network import loopback_up
from harness.report import Report, Result

TIME_LIMIT = 20.0  # per program, as in the suites' own runner
SELF = pathlib.Path(__file__).resolve()


@dataclasses.dataclass
class Job:
    """What a worker is told."""

    stage: str  # folder of the programs: NAME, NAME.hooks, NAME.wasm
    engine: list  # empty: the native twin stands in for the guest
    uid: int
    gid: int
    nested_user: bool  # an ordinary user's namespace: he is root in it, so go back to his own number
    suites: list  # (name, runs)


def main():
    if sys.argv[1:2] == ["--worker"]:
        return worker(Job(**json.load(sys.stdin)))
    process.contain()
    parser = cli.parser("unit", __doc__)
    parser.add_argument("--repeat", metavar="N", type=int, default=1, help="run everything N times")
    parser.add_argument("--user", metavar="NAME", nargs="?", const="nobody",
                        help="run the programs as this unprivileged user (default: nobody)")
    parser.add_argument("--self-check", action="store_true",
                        help="run the native twins on both sides: tests the runner, not an engine")
    options = parser.parse_args()
    tests = find_tests(cli.folder(options))
    engine = [] if options.self_check else cli.engine(options)
    account = user_of(options)
    process.level_ground()
    suites = [(source.stem, parse_runs(source)) for source in sorted((tests / "unit").glob("*.c"))
              if not source.stem.endswith("_hooks") and cli.selected(source.stem, options)]
    report = Report("unit", options)
    # Not below /tmp: workers put an empty one in its place.
    with tempfile.TemporaryDirectory(prefix="conformance-", dir="/var/tmp") as folder:
        stage = pathlib.Path(folder)
        stage.chmod(0o755)
        build(tests, [name for name, _ in suites], stage, options.jobs)
        if engine and pathlib.Path(engine[0]).is_relative_to("/tmp"):
            engine[0] = str(shutil.copy(engine[0], stage / "engine"))
        job = Job(folder, engine, *account, suites)
        for repetition in range(1, options.repeat + 1):
            mark = f" (repetition {repetition})" if options.repeat > 1 else ""
            results = run_workers(job, options.jobs)
            for result in results:
                report.add(dataclasses.replace(result, name=result.name + mark))
            passed = sum(not r.problem for r in results)
            print(f"{len(suites)} suites, as {account_name(account)}: {passed} of {len(results)} runs{mark}", flush=True)
    return report.finish(table=False)


def find_tests(folder):
    for tests in (folder, folder / "tests"):
        if (tests / "unit").is_dir() and (tests / "common").is_dir():
            return tests
    return cli.die(f"{folder}: neither it nor its tests/ has the folders unit/ and common/")


def user_of(options):
    """(uid, gid, nested): who the programs run as."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid(), True
    if options.user is None:
        return 0, 0, False
    try:
        entry = pwd.getpwnam(options.user)
    except KeyError:
        return cli.die(f"--user {options.user}: no such user")
    return entry.pw_uid, entry.pw_gid, False


def account_name(account):
    return "root" if account[0] == 0 else f"uid {account[0]}"


def parse_runs(source):
    """The runs of a suite. A value is itself a list of words; a word without a key goes to setup and to args."""
    runs = []
    for line in source.read_text(encoding="utf-8").splitlines():
        if not line.strip().startswith("// CMD:"):
            continue
        run = {"setup": [], "args": [], "cleanup": [], "env": []}
        for word in shlex.split(line.strip()[len("// CMD:"):]):
            key, equals, value = word.partition("=")
            if equals and key in run:
                run[key] += shlex.split(value)
            else:
                run["setup"].append(word)
                run["args"].append(word)
        run["cleanup"] = run["cleanup"] or run["setup"]
        runs.append(run)
    return runs or [{"setup": [], "args": [], "cleanup": [], "env": []}]


def build(tests, names, stage, jobs):
    """Puts the three programs of every suite into the stage."""
    compiler = shutil.which("gcc") or cli.die("no gcc for the native twins: apt-get install gcc libc6-dev")
    common = [compiler, "-I.", "-Icommon", "-O2", "-w"]

    def one(name):
        module = tests / "bin" / "unit" / "wasm" / f"{name}.wasm"
        if module.is_file():
            shutil.copy(module, stage / f"{name}.wasm")
        for command in ([*common, "-o", stage / name, f"unit/{name}.c", "-lm", "-lpthread"],
                        [*common, "-DWALI_TEST_WRAPPER", "-o", stage / f"{name}.hooks", "common/hooks_main.c",
                         f"unit/{name}.c"]):
            made = subprocess.run(command, cwd=tests, capture_output=True, text=True)
            if made.returncode:
                cli.die(f"{name}.c does not compile:\n{made.stderr}")

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, names))


def run_workers(job, jobs):
    """Deals the suites out to workers, each in namespaces of its own: processes, mounts (an own /tmp), network."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--ipc", "--uts", "--net"]
    command += ["--user", "--map-root-user"] if job.nested_user else []
    shares = [dataclasses.replace(job, suites=job.suites[i::jobs]) for i in range(min(jobs, len(job.suites)))]

    def one(share):
        done = subprocess.run([*command, sys.executable, str(SELF), "--worker"], input=json.dumps(vars(share)),
                              stdout=subprocess.PIPE, text=True, start_new_session=True, cwd="/")
        if done.returncode:
            cli.die("the suites change process and system state and run in namespaces of their own only; a worker there "
                    f"ended with status {done.returncode}")
        return [Result(**json.loads(line)) for line in done.stdout.splitlines()]

    with concurrent.futures.ThreadPoolExecutor(max(1, len(shares))) as pool:
        results = [result for share in pool.map(one, shares) for result in share]
    return sorted(results, key=lambda r: r.name)


def worker(job):
    """Runs its suites one after the other; it is process 1 of its namespace and writes a line of JSON per run."""
    if os.getpid() != 1:
        cli.die("a worker runs as process 1 of a namespace")
    process.level_ground()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/tmp"], check=True)
    loopback_up()
    for name, runs in job.suites:
        for number, run in enumerate(runs, 1):
            print(json.dumps(vars(one_run(job, name, number, run))), flush=True)
    return 0


def one_run(job, name, number, run):
    label = f"{name}/{number}"
    stage = pathlib.Path(job.stage)
    native_command = [str(stage / name)]
    guest_command = [*job.engine, "--env-file=/tmp/env", str(stage / f"{name}.wasm")] if job.engine else native_command
    if job.engine and not (stage / f"{name}.wasm").is_file():
        return Result(label, "no published module")
    native, problem = one_side(job, name, native_command, run)
    if problem:
        return Result(label, f"native: {problem}", output(native))
    guest, problem = one_side(job, name, guest_command, run)
    if not problem and guest.status != native.status:
        problem = f"status {guest.status}, native {native.status}"
    detail = f"{shlex.join(run['args'])}\n{output(guest)}native:\n{output(native)}" if problem else ""
    return Result(label, problem, detail, guest.seconds)


def one_side(job, name, command, run):
    """Setup, program, cleanup, in an empty /tmp; (outcome, what went wrong besides its status)."""
    for entry in pathlib.Path("/tmp").iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    pathlib.Path("/tmp/env").write_text("".join(f"{setting}\n" for setting in run["env"]), encoding="utf-8")
    home = pathlib.Path("/tmp/home")
    home.mkdir()
    hooks = str(pathlib.Path(job.stage) / f"{name}.hooks")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", **dict(s.split("=", 1) for s in run["env"])}
    who = {}
    prefix = []
    if job.nested_user:
        prefix = ["unshare", "--user", f"--map-user={job.uid}", f"--map-group={job.gid}"]
    elif job.uid:
        who = {"user": job.uid, "group": job.gid, "extra_groups": []}
        os.chown(home, job.uid, job.gid)

    def run_hooks(*words):
        return process.run([*prefix, hooks, *words], home, env, timeout=TIME_LIMIT, alone=True, **who)

    outcome = run_hooks("setup", *run["setup"], "--", *command, *run["args"])
    if outcome.timed_out:
        return outcome, f"timed out after {TIME_LIMIT:.0f} s"
    cleanup = run_hooks("cleanup", *run["cleanup"])
    if cleanup.status:
        return outcome, f"cleanup failed with status {cleanup.status}: {output(cleanup)}"
    return outcome, ""


def output(outcome):
    return (outcome.stdout + outcome.stderr).decode("utf-8", "backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
