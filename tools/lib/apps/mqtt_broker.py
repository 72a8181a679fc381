#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts a native mosquitto, listens to it, and lets the program `paho-mqtt-app` publish and subscribe there.
usage: mqtt_broker.py MESSAGES"""

import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, DISCONNECT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 14


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def text(string):
    return struct.pack(">H", len(string)) + string.encode()


class Listener:
    """A client of MQTT 3.1.1, as far as listening goes."""

    def __init__(self, port, topic):
        self.connection = connected(port)
        self.send(CONNECT, 0, text("MQTT") + bytes((4, 2)) + struct.pack(">H", 60) + text("listener"))
        assert self.receive() == (CONNACK, 0, b"\0\0")
        self.send(SUBSCRIBE, 2, struct.pack(">H", 1) + text(topic) + b"\2")
        assert self.receive() == (SUBACK, 0, b"\0\1\2")

    def send(self, kind, flags, body):
        assert len(body) < 128
        self.connection.sendall(bytes((kind << 4 | flags, len(body))) + body)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def receive(self):
        head, size, shift = self.exactly(1)[0], 0, 0
        while True:
            byte = self.exactly(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return head >> 4, head & 15, self.exactly(size)

    def message(self):
        """The next (level of delivery, text), acknowledged as its level asks for."""
        while True:
            kind, flags, body = self.receive()
            if kind == PUBREL:
                self.send(PUBCOMP, 0, body)
            elif kind == PUBLISH:
                level, at = flags >> 1 & 3, 2 + struct.unpack(">H", body[:2])[0]
                if level:
                    self.send(PUBACK if level == 1 else PUBREC, 0, body[at:at + 2])
                    at += 2
                return level, body[at:]


def connected(port):
    for _ in range(1000):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            time.sleep(0.01)
    return sys.exit("mosquitto does not listen")


def main():
    port, count = free_port(), int(sys.argv[1])
    pathlib.Path("mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    with open("log", "wb") as log:
        broker = subprocess.Popen([mosquitto, "-c", "mosquitto.conf"], stdout=log, stderr=log)
    for level in (0, 1, 2):
        listener = Listener(port, f"topic{level}")
        program = subprocess.run(["paho-mqtt-app", f"--broker=tcp://127.0.0.1:{port}", f"--name=guest{level}",
                                  f"--iterations={count}", "--interval=1000", f"--qos={level}", "--size=40",
                                  f"--pub=topic{level}", f"--sub=topic{level}", "--log"],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, check=False)
        messages = [listener.message() for _ in range(count)]
        # Not how many: it ends without waiting for the last.
        returned = bool(re.search(rb"Message arrived \(\d+\)", program.stdout))
        print(f"level {level}: status {program.returncode}, {len(messages)} messages, levels {sorted({m[0] for m in messages})}, "
              f"sizes {sorted({len(m[1]) for m in messages})}, all different: {len({m[1] for m in messages}) == count}, "
              f"came back: {returned}")
    broker.send_signal(signal.SIGTERM)
    broker.wait(30)


if __name__ == "__main__":
    main()
