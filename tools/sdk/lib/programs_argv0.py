# SPDX-License-Identifier: Apache-2.0
"""Lets WALI programs that test suites start see the argv[0] that they were given.

A program of wali-cc starts with a "#!" line, and of a script the kernel keeps only the path. binfmt_misc keeps argv[0]: it
is told that files which start with this very line are wali-run's. That is seen in a user namespace of our own only
(since Linux 6.7), not by the machine.
"""
import contextlib
import ctypes
import os

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PLACE = "/proc/sys/fs/binfmt_misc"
WASM = b"\n\0asm"
LONGEST = 120  # bytes at the start of a file that binfmt_misc compares

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def own_users():
    """Enters a user namespace with the users there are, and a mount namespace of its own. A child writes the map: one that
    names more than one user can only be written from outside."""
    reader, writer = os.pipe()
    me, child = os.getpid(), os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(OSError):
            os.close(writer)
            if os.read(reader, 1):
                for name in ("uid_map", "gid_map"):
                    with open(f"/proc/{me}/{name}", "w") as file:
                        file.write("0 0 4294967295")
                status = 0
        os._exit(status)
    os.close(reader)
    try:
        checked(libc.unshare(CLONE_NEWUSER))
        os.write(writer, b"x")
    finally:
        os.close(writer)
        written = os.waitpid(child, 0)[1] == 0
    if not written:
        raise OSError("the map of users cannot be written")
    checked(libc.unshare(CLONE_NEWNS))


def entry(engine):
    """The line that registers files which start with "#!" and the engine's path; None if it cannot say so."""
    magic = b"#!" + os.fsencode(engine) + WASM
    if len(magic) > LONGEST or ":" in str(engine) or "\\" in str(engine):
        return None
    text = "".join(f"\\x{byte:02x}" if byte < 0x21 or byte > 0x7e else chr(byte) for byte in magic)
    return f":wali-shebang:M:0:{text}::{engine}:P"


def keep(engine):
    """From now on, programs that this process starts keep their argv[0]. Returns whether it could be had."""
    line = entry(engine)
    if line is None:
        return False
    try:
        if os.geteuid() == 0:
            own_users()
        checked(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
        checked(libc.mount(b"binfmt_misc", PLACE.encode(), b"binfmt_misc", 0, None))
        with open(f"{PLACE}/register", "w") as register:
            register.write(line)
    except OSError:
        return False
    return True
