#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts `memcached` with four workers and talks to it over eight connections; every answer is compared with what a
model says. Prints how many operations were right. usage: memcached_client.py OPERATIONS"""

import collections
import os
import pwd
import random
import signal
import socket
import subprocess
import sys
import threading
import time

CONNECTIONS = 8


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connected(port, server):
    for _ in range(2000):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            if server.poll() is not None:
                sys.exit(f"memcached ended with status {server.returncode}")
            time.sleep(0.01)
    return sys.exit("memcached does not listen")


class Client:
    """One connection, with keys of its own, so that it knows what the server must answer."""

    def __init__(self, number, port, server):
        self.random = random.Random(number)
        self.prefix = f"c{number}-"
        self.connection = connected(port, server)
        self.lines = self.connection.makefile("rb")
        self.model = {}
        self.done, self.wrong = collections.Counter(), []

    def ask(self, request):
        self.connection.sendall(request)
        return self.lines.readline()

    def answer(self):
        """The VALUEs of a retrieval: key -> (flags, value, unique)."""
        values = {}
        while (line := self.lines.readline()) != b"END\r\n":
            word, key, flags, size, *unique = line.split()
            assert word == b"VALUE", line
            values[key.decode()] = (int(flags), self.lines.read(int(size)), *unique)
            self.lines.read(2)
        return values

    def expect(self, what, got, wanted):
        self.done[what] += 1
        if got != wanted:
            self.wrong.append(f"{what}: {got!r}, expected {wanted!r}")

    def key(self):
        return f"{self.prefix}{self.random.randrange(200)}"

    def value(self):
        size = self.random.choice((0, 1, 10, 100, 1000, 20000)) if self.random.random() < 0.1 else self.random.randrange(60)
        return self.random.randbytes(size)

    def store(self):
        verb = self.random.choice(("set", "set", "set", "add", "replace", "append", "prepend"))
        key, flags, value = self.key(), self.random.randrange(1 << 16), self.value()
        old = self.model.get(key)
        stored = verb == "set" or (old is None) == (verb == "add")
        if stored and verb == "append":
            self.model[key] = (old[0], old[1] + value)
        elif stored and verb == "prepend":
            self.model[key] = (old[0], value + old[1])
        elif stored:
            self.model[key] = (flags, value)
        got = self.ask(f"{verb} {key} {flags} 0 {len(value)}\r\n".encode() + value + b"\r\n")
        self.expect(verb, got, b"STORED\r\n" if stored else b"NOT_STORED\r\n")
        if stored and len(self.model[key][1]) > 60000:
            self.delete(key)

    def get(self):
        keys = [self.key() for _ in range(self.random.choice((1, 1, 1, 5, 20)))]
        self.connection.sendall(f"get {' '.join(keys)}\r\n".encode())
        self.expect("get", self.answer(), {k: self.model[k] for k in keys if k in self.model})

    def compare_and_swap(self):
        key, value = self.key(), self.value()
        self.connection.sendall(f"gets {key}\r\n".encode())
        found = self.answer().get(key)
        self.expect("gets", found and found[:2], self.model.get(key))
        stale = self.random.random() < 0.3
        unique = int(found[2]) + stale if found else 1
        if found and not stale:
            self.model[key] = (7, value)
        got = self.ask(f"cas {key} 7 0 {len(value)} {unique}\r\n".encode() + value + b"\r\n")
        self.expect("cas", got, (b"EXISTS\r\n" if stale else b"STORED\r\n") if found else b"NOT_FOUND\r\n")

    def delete(self, key=None):
        key = key or self.key()
        there = self.model.pop(key, None) is not None
        self.expect("delete", self.ask(f"delete {key}\r\n".encode()), b"DELETED\r\n" if there else b"NOT_FOUND\r\n")

    def count(self):
        key, step = f"{self.prefix}n{self.random.randrange(5)}", self.random.randrange(1000)
        old = self.model.get(key)
        if old is None:
            self.model[key] = (0, b"1000000")
            self.expect("set", self.ask(f"set {key} 0 0 7\r\n1000000\r\n".encode()), b"STORED\r\n")
            return
        new = b"%d" % (int(old[1]) + step)
        self.model[key] = (0, new)
        self.expect("incr", self.ask(f"incr {key} {step}\r\n".encode()), new + b"\r\n")

    def run(self, operations):
        while sum(self.done.values()) < operations:
            self.random.choice((self.store, self.store, self.get, self.get, self.compare_and_swap, self.delete, self.count))()


def stats(connection):
    connection.sendall(b"stats\r\n")
    lines = connection.makefile("rb")
    found = {}
    while (line := lines.readline()) != b"END\r\n":
        _, name, value = line.decode().split(" ", 2)
        found[name] = value.strip()
    return found


def main():
    port, operations = free_port(), int(sys.argv[1]) // CONNECTIONS
    with open("log", "wb") as log:
        server = subprocess.Popen(["memcached", "-l", "127.0.0.1", "-p", str(port), "-t", "4", "-m", "64", "-u",
                                   pwd.getpwuid(os.geteuid()).pw_name], stdout=log, stderr=log)
    clients = [Client(number, port, server) for number in range(CONNECTIONS)]
    threads = [threading.Thread(target=client.run, args=(operations,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = sum((client.done for client in clients), collections.Counter())
    wrong = [line for client in clients for line in client.wrong]
    print("kinds:", *sorted(done))
    print(f"at least {operations * CONNECTIONS} operations: {sum(done.values()) >= operations * CONNECTIONS}; wrong: {len(wrong)}")
    print(*wrong[:5], sep="\n", end="")
    said = stats(clients[0].connection)
    print(f"workers: {said['threads']}, items as the model says: "
          f"{int(said['curr_items']) == sum(len(client.model) for client in clients)}")
    server.send_signal(signal.SIGTERM)
    print(f"after SIGTERM: status {server.wait(30)}, connections closed: {all(not c.lines.read(1) for c in clients)}")


if __name__ == "__main__":
    main()
