# SPDX-License-Identifier: Apache-2.0
"""The network of a new namespace. Imports little: a process that starts for each of many tests needs it, too."""

import fcntl
import socket
import struct


def loopback_up():
    """Switches on the loopback interface, which is down in a new network namespace."""
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = bytearray(fcntl.ioctl(control, get_flags, struct.pack("16sh22x", b"lo", 0)))
        struct.pack_into("h", request, 16, struct.unpack_from("h", request, 16)[0] | up)
        fcntl.ioctl(control, set_flags, bytes(request))
