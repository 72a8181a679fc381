# SPDX-License-Identifier: Apache-2.0
"""What the tests of the SDK share: where it is, and how they run things."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SDK = pathlib.Path(os.environ.get("WALI_SDK") or ROOT / "build/sdk")
SECONDS = 120


def require():
    """Ends as skipped if there is no SDK."""
    if not (SDK / "bin/wali-cc").is_file():
        print("the SDK is not installed (tools/sdk/install, or WALI_SDK)")
        sys.exit(77)


def tool(name):
    return str(SDK / "bin" / name)


def run(command, **kwargs):
    """The finished process, with its output as text."""
    kwargs = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": SECONDS,
              "errors": "backslashreplace", "check": False} | kwargs
    if "input" in kwargs:
        del kwargs["stdin"]
    return subprocess.run([str(c) for c in command], **kwargs)
