# SPDX-License-Identifier: Apache-2.0
# Runs a command at a terminal. By turns: what to wait for on the screen, what to type. Fails where the wait takes too long.
import os, pty, select, signal, sys
command, *steps = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", f"stty rows 20 cols 70; exec {command}"])


def output():
    try:
        return os.read(terminal, 4096) if select.select([terminal], [], [], 40)[0] else b""
    except OSError:
        return b""


seen = b""
for number, step in enumerate(steps):
    if number % 2:
        os.write(terminal, step.encode().decode("unicode_escape").encode("latin-1"))
        continue
    while step.encode() not in seen:
        more = output()
        if not more:
            print(step, "is missing in", seen)
            os.kill(pid, signal.SIGKILL)
            sys.exit(1)
        seen += more
    print(step, "is there")
    seen = seen.partition(step.encode())[2]
while seen := output():
    last = seen
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(command, "ended with", status)
