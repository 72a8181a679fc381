// SPDX-License-Identifier: Apache-2.0
// Raw system calls: libc's wrappers hide two real-time signals.
#include <wasm/write_quietly.h>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace wasm {

namespace {

constexpr size_t kSetBytes = 8;
constexpr uint64_t bit(int signal) { return uint64_t{1} << (signal - 1); }
constexpr uint64_t kAllButFaults = ~(bit(SIGSEGV) | bit(SIGBUS) | bit(SIGFPE) | bit(SIGILL));

uint64_t pending_signals() {
    uint64_t set = 0;
    syscall(SYS_rt_sigpending, &set, kSetBytes);
    return set;
}

}  // namespace

SignalsHeld::SignalsHeld() { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &kAllButFaults, &before_, kSetBytes); }
SignalsHeld::~SignalsHeld() { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, kSetBytes); }

bool write_quietly(int fd, std::string_view text) {
    constexpr uint64_t kRaised = bit(SIGPIPE) | bit(SIGXFSZ);
    const SignalsHeld held;
    while (!text.empty()) {
        const uint64_t pending = pending_signals();
        const ssize_t n = write(fd, text.data(), text.size());
        if (n > 0) {
            text.remove_prefix(static_cast<size_t>(n));
        } else if (n < 0 && errno == EAGAIN) {
            pollfd room{fd, POLLOUT, 0};
            poll(&room, 1, -1);
        } else if (n < 0 && (errno == EPIPE || errno == EFBIG)) {
            // What writing has raised is ours to take back.
            const timespec now{};
            const uint64_t ours = kRaised & ~pending;
            syscall(SYS_rt_sigtimedwait, &ours, nullptr, &now, kSetBytes);
            return false;
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

}  // namespace wasm
