# SPDX-License-Identifier: Apache-2.0
"""Starts a test with what it may count on, whoever starts it where: the same locale, time zone, terminal type, umask,
limits and signals, and no variable that nobody here has thought of.

usage: level_ground.py COMMAND [ARGUMENT…]      (Meson puts it before every test: tests/meson.build)
"""
import os
import resource
import signal
import sys

# What tests find their tools by, and what sanitizers and Meson tell them.
KEPT = ("PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "WALI_SDK", "WASM_TESTSUITE", "MALLOC_PERTURB_", "ASAN_OPTIONS",
        "UBSAN_OPTIONS", "TSAN_OPTIONS", "QEMU_LD_PREFIX")
SAID = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb"}
SOFT_LIMITS = {resource.RLIMIT_STACK: 8 << 20, resource.RLIMIT_NOFILE: 1024, resource.RLIMIT_CORE: 0}


def main():
    os.umask(0o022)
    for limit, soft in SOFT_LIMITS.items():
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | SAID
    os.execvpe(sys.argv[1], sys.argv[1:], environment)


if __name__ == "__main__":
    main()
