# SPDX-License-Identifier: Apache-2.0
"""Checks of the published servers and of a network client: memcached, sshd, paho-mqtt-app.

Each is a script beside this one that talks to the program and prints what it saw; what it must print is known, so
the program itself need not be installed.
"""

import pathlib
import sys

from apps.check import Check

HERE = pathlib.Path(__file__).resolve().parent


def dialogue(name, script, *words, needs=(), seen):
    text = (HERE / script).read_text(encoding="utf-8")
    return Check(name, (sys.executable, "-B", script, *words), files={script: text}, needs=needs, reference=seen,
                 ignore=("*",), timeout=300)


CHECKS = [
    dialogue("memcached/four-workers", "memcached_client.py", "100000", seen="""\
kinds: add append cas delete get gets incr prepend replace set
at least 100000 operations: True; wrong: 0
workers: 4, items as the model says: True
after SIGTERM: status 0, connections closed: True
"""),
    dialogue("sshd/logins-and-copies", "sshd_client.py", needs=("ssh", "ssh-keygen", "scp"), seen="""\
command: status 7, 'from the server\\n'
who: True b'to stderr\\n'
another key: status 255, ''
three megabytes there and back: True
killed command: 255
terminal: [b'30 90']
16 logins: True
sftp put: 0 True
sftp get: 0 True
scp put: 0 True
after SIGTERM: status 0
"""),
    dialogue("paho-mqtt-app/publish-and-subscribe", "mqtt_broker.py", "200", needs=("mosquitto",), seen="".join(
        f"level {level}: status 0, 200 messages, levels [{level}], sizes [40], all different: True, came back: True\n"
        for level in (0, 1, 2))),
]
