# SPDX-License-Identifier: Apache-2.0
"""What one run of a check left behind, and how two of them differ."""

import dataclasses
import difflib
import hashlib
import os
import stat

from harness import process


@dataclasses.dataclass
class Trace:
    """All that is compared of one run."""

    outcome: process.Outcome
    streams: dict  # what -> text
    files: dict  # path -> description


def encoded(text):
    return text if isinstance(text, bytes) else text.encode()


def decoded(data):
    return data.decode("utf-8", "backslashreplace")


def described(path, check):
    """A line that is equal for equal files; access times and inode numbers are nobody's business."""
    info = path.lstat()
    kind = stat.filemode(info.st_mode)
    if path.is_symlink():
        return f"{kind} -> {os.readlink(path)}"
    if not path.is_file() or any(path.match(pattern) for pattern in check.ignore):
        return kind
    digest = hashlib.sha256()
    with path.open("rb") as contents:
        for block in iter(lambda: contents.read(1 << 20), b""):
            digest.update(block)
    return f"{kind} {info.st_size} bytes {digest.hexdigest()[:16]}"


def unsound(check, trace):
    """Why the native run is not what the check was written for; empty if it is."""
    if trace.outcome.timed_out:
        return "timed out"
    if check.status not in (None, trace.outcome.status):
        return f"{said(trace.outcome)}, the check expects {check.status}"
    everything = "".join(trace.streams.values())
    missing = [text for text in check.expect if text not in everything]
    return f"{missing[0]!r} is not in its output" if missing else ""


def said(outcome):
    return f"signal {-outcome.status}" if outcome.status < 0 else f"status {outcome.status}"


def difference(wanted, trace):
    """(one line, details) on the first thing that differs; two empty texts if nothing does."""
    if trace.outcome.timed_out:
        return f"timed out after {trace.outcome.seconds:.0f} s", trace.streams["stdout"] + trace.streams["stderr"]
    problems, details = [], []
    if trace.outcome.status != wanted.outcome.status:
        problems.append(f"{said(trace.outcome)}, native {said(wanted.outcome)}")
    for what, text in trace.streams.items():
        if text != wanted.streams[what]:
            problems.append(f"{what} differs")
            details += difflib.unified_diff(wanted.streams[what].splitlines(), text.splitlines(), f"native {what}",
                                            f"guest {what}", lineterm="", n=1)
    for name in sorted(wanted.files.keys() | trace.files.keys()):
        ours, theirs = trace.files.get(name, "absent"), wanted.files.get(name, "absent")
        if ours != theirs:
            problems.append(f"file {name} differs")
            details.append(f"{name}: {ours}; native: {theirs}")
    return "; ".join(problems), "\n".join(details)
