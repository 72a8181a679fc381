#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts `sshd` in the current folder and logs in with the machine's own ssh: keys, commands, a terminal, file copies.

As root it does so in a mount namespace of its own, where the folder that sshd wants is made and its user exists.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import pwd
import random
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path.cwd()
CONFIG = """HostKey {here}/host
AuthorizedKeysFile {here}/authorized
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
ListenAddress 127.0.0.1
Port {port}
MaxStartups 100
Subsystem sftp internal-sftp
"""


def alone():
    """Root's sshd wants an empty folder and a user of its own: make them where nobody else sees them."""
    if os.geteuid() != 0:
        return
    if sys.argv[1:] != ["alone"]:
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", __file__, "alone"])
    if not pathlib.Path("/var/empty").is_dir():
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/var"], check=True)
        pathlib.Path("/var/empty").mkdir(mode=0o755)
    if not any(user.pw_name == "sshd" for user in pwd.getpwall()):
        users = HERE / "passwd"
        users.write_text(pathlib.Path("/etc/passwd").read_text() + "sshd:x:65533:65534::/:/usr/sbin/nologin\n")
        subprocess.run(["mount", "--bind", str(users), "/etc/passwd"], check=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Login:
    def __init__(self, port):
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.options = ["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o",
                        f"UserKnownHostsFile={HERE}/known", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"]
        self.port = str(port)

    def run(self, *command, key="key", stdin=b"", more=()):
        return subprocess.run(["ssh", *self.options, *more, "-i", key, "-p", self.port, f"{self.user}@127.0.0.1", *command],
                              input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)

    def copy(self, source, target, *more):
        return subprocess.run(["scp", "-q", "-r", *more, *self.options, "-i", "key", "-P", self.port, source, target],
                              stdin=subprocess.DEVNULL, timeout=60, check=False).returncode

    def remote(self, name):
        return f"{self.user}@127.0.0.1:{HERE}/{name}"


def show(what, done):
    print(f"{what}: status {done.returncode}, {done.stdout.decode(errors='backslashreplace')!r}")


def digest(folder):
    return [(str(p.relative_to(folder)), hashlib.sha256(p.read_bytes()).hexdigest())
            for p in sorted(pathlib.Path(folder).rglob("*")) if p.is_file()]


def commands(login):
    show("command", login.run("echo from the server; exit 7"))
    done = login.run("id -un; echo to stderr >&2")
    print("who:", done.stdout.decode().strip() == login.user, done.stderr)
    show("another key", login.run("echo never", key="stranger"))
    data = random.Random(1).randbytes(3_000_000)
    print("three megabytes there and back:", login.run("cat", stdin=data).stdout == data)
    print("killed command:", login.run("kill -TERM $$").returncode)
    shown = login.run("test -t 0 && test -t 1 && stty rows 30 cols 90 && stty size", more=("-tt",)).stdout
    print("terminal:", shown.splitlines()[-1:])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: login.run(f"echo {n}").stdout, range(16)))
    print("16 logins:", answers == [b"%d\n" % n for n in range(16)])


def copies(login):
    folder = HERE / "tree"
    (folder / "below").mkdir(parents=True)
    (folder / "large").write_bytes(random.Random(2).randbytes(2_000_000))
    (folder / "below" / "small").write_text("small\n")
    (folder / "empty").touch()
    wanted = digest(folder)
    print("sftp put:", login.copy("tree", login.remote("put")), digest("put") == wanted)
    print("sftp get:", login.copy(login.remote("put"), "got"), digest("got") == wanted)
    print("scp put:", login.copy("tree", login.remote("old"), "-O"), digest("old") == wanted)


def main():
    alone()
    port = free_port()
    for name in ("host", "key", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name], check=True)
    (HERE / "authorized").write_bytes((HERE / "key.pub").read_bytes())
    (HERE / "known").write_text(f"[127.0.0.1]:{port} " + (HERE / "host.pub").read_text())
    (HERE / "config").write_text(CONFIG.format(here=HERE, port=port))
    with open("log", "wb") as log:
        server = subprocess.Popen(["sshd", "-D", "-e", "-f", str(HERE / "config")], stdout=log, stderr=log)
    login = Login(port)
    for _ in range(1000):
        if server.poll() is not None or b"listening on" in (HERE / "log").read_bytes():
            break
        time.sleep(0.01)
    commands(login)
    copies(login)
    server.send_signal(signal.SIGTERM)
    print("after SIGTERM: status", server.wait(30))


if __name__ == "__main__":
    main()
