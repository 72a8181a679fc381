# SPDX-License-Identifier: Apache-2.0
"""Runs a test program natively and under a wali-run of another machine, and compares what it prints and how it ends.

usage: run.py EMULATOR WALI_RUN PROGRAM [ARGUMENT…]

PROGRAM.native is built for this machine, PROGRAM.wasm for WebAssembly; EMULATOR is the command, as one word, that starts
a program of WALI_RUN's machine. An emulator is not a kernel: where a line differs, the native program is run under
the same emulator of this machine (qemu-x86_64), and the line may be what the emulator makes of the call.
"""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wali"))
import compare  # pylint: disable=wrong-import-position
from compare import run  # pylint: disable=wrong-import-position

compare.SECONDS *= 4  # emulated

# What a guest is told about the machine is the machine's own.
OWN = "  machine = "
SKIPPED = 77


def accepted(line, native, emulated):
    return line in (native, emulated) or (line.startswith(OWN) and native.startswith(OWN))


def differences(actual, native, twin):
    actual, native = actual.splitlines(), native.splitlines()
    emulated = None
    for i in range(max(len(actual), len(native))):
        got, wanted = (lines[i] if i < len(lines) else "(end)" for lines in (actual, native))
        if got == wanted:
            continue
        if emulated is None:
            emulated = twin()
        also = emulated[i] if i < len(emulated) else "(end)"
        if not accepted(got, wanted, also):
            yield f"line {i + 1}: expected {wanted!r}, emulated {also!r}, got {got!r}"


def main():
    emulator, arguments = sys.argv[1].split(), sys.argv[4:]
    wali_run, program = (pathlib.Path(path).resolve() for path in sys.argv[2:4])
    for tool in (emulator[0], "qemu-x86_64"):
        if shutil.which(tool) is None:
            print(f"{tool} is not installed")
            sys.exit(SKIPPED)
    native = [f"{program}.native", *arguments]
    status, expected, _ = run(native)
    guest_status, actual, errors = run([*emulator, wali_run, f"{program}.wasm", *arguments])
    found = list(differences(actual, expected, lambda: run(["qemu-x86_64", *native])[1].splitlines()))
    if guest_status != status:
        found.append(f"status: expected {status}, got {guest_status}")
    if not expected:
        found.append("the program prints nothing: there is nothing to compare")
    for line in found[:40]:
        print(line)
    if found and errors:
        print(errors, end="")
    print(f"{program.name}: {len(expected.splitlines())} lines, {len(found)} differences")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
