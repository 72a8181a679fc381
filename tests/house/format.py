# SPDX-License-Identifier: Apache-2.0
"""Every .cc and .h file is as clang-format-22 would write it (other versions differ in details)."""
import re
import shutil
import subprocess
import sys

from house import CPP, ROOT, Report, finish, sources

TOOL = "clang-format-22"


def main():
    if shutil.which(TOOL) is None:
        print(f"{TOOL} is not installed")
        sys.exit(77)
    report = Report("format", f"{TOOL} -i FILE")
    done = subprocess.run([TOOL, "--dry-run", *map(str, sources(*CPP))], cwd=ROOT, text=True, stderr=subprocess.PIPE,
                          check=False)
    seen = set()
    for path, line in re.findall(r"^(\S+?):(\d+):\d+: (?:warning|error):", done.stderr, re.M):
        if path not in seen:
            seen.add(path)
            report.add(path, line, "is not formatted")
    if done.returncode != 0 and not seen:
        sys.exit(done.stderr)
    finish(report)


if __name__ == "__main__":
    main()
