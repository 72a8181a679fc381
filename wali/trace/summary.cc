// SPDX-License-Identifier: Apache-2.0
#include "summary.h"

#include "../guest_signal.h"
#include "../kernel.h"

#include <wasm/write_quietly.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace wali::trace {

namespace {

// A child that raises no SIGCHLD. It has one thread and gets by with what is forked.
long clone_quietly() { return kernel(SYS_clone, 0, 0, 0, 0, 0); }

[[noreturn]] void leave() {
    for (;;) kernel(SYS_exit_group, 0);
}

// Nothing of the guest's is held open, and no terminal or working directory.
[[noreturn]] void report(SharedState& shared, int life, int out) {
    const uint64_t all = ~uint64_t{0};
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &all, nullptr, kSigsetBytes);
    kernel(SYS_setsid);
    kernel(SYS_chdir, "/");
    const long low_life = kernel(SYS_fcntl, life, F_DUPFD, 3);
    const long low_out = kernel(SYS_fcntl, out, F_DUPFD, 3);
    const auto [first, second] = std::minmax(low_life, low_out);
    kernel(SYS_close_range, 0, first - 1, 0);
    kernel(SYS_close_range, first + 1, second - 1, 0);
    kernel(SYS_close_range, second + 1, ~0U, 0);
    char byte = 0;
    while (kernel(SYS_read, low_life, &byte, 1) == -EINTR) {
    }
    static_cast<void>(wasm::write_quietly(static_cast<int>(low_out), summary_text(shared)));
    shared.reported.store(1);
    kernel(SYS_futex, &shared.reported, FUTEX_WAKE, 1);
    leave();
}

}  // namespace

int start_reporter(SharedState& shared, int out) {
    std::array<int, 2> life{};
    // Not a pipe: that could be opened anew through /proc, and held open.
    if (kernel(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life.data()) != 0) return -1;
    const long child = clone_quietly();
    if (child == 0) {
        kernel(SYS_close, life[1]);
        if (clone_quietly() == 0) report(shared, life[0], out);
        leave();
    }
    kernel(SYS_close, life[0]);
    if (child > 0) {
        while (kernel(SYS_wait4, child, nullptr, __WCLONE, nullptr) == -EINTR) {
        }
        return life[1];
    }
    kernel(SYS_close, life[1]);
    return -1;
}

void await_report(SharedState& shared) {
    const Timespec second{1, 0};
    while (shared.reported.load() == 0) {
        const long waited = kernel(SYS_futex, &shared.reported, FUTEX_WAIT, 0, &second);
        if (waited != 0 && waited != -EINTR) return;
    }
}

std::string summary_text(const SharedState& shared) {
    struct Line {
        std::string_view name;
        uint64_t calls, errors;
        double seconds;
    };
    std::vector<Line> lines;
    Line total{"total", 0, 0, 0};
    const auto rows = syscall_rows();
    for (size_t i = 0; i < rows.size(); ++i) {
        const CallCount& count = shared.counts[i];
        if (count.calls.load() == 0) continue;
        lines.push_back({rows[i].name, count.calls.load(), count.errors.load(),
                         static_cast<double>(count.nanoseconds.load()) / 1e9});
        total.calls += lines.back().calls;
        total.errors += lines.back().errors;
        total.seconds += lines.back().seconds;
    }
    std::ranges::sort(lines, std::ranges::greater{}, &Line::seconds);
    constexpr std::string_view kRule = "------ ----------- ----------- --------- --------- ----------------\n";
    std::string text = "% time     seconds  usecs/call     calls    errors syscall\n";
    text += kRule;
    const auto add = [&](const Line& line) {
        const double share = total.seconds > 0 ? line.seconds / total.seconds * 100 : 0;
        const double each = line.calls == 0 ? 0 : line.seconds * 1e6 / static_cast<double>(line.calls);
        const std::string errors = line.errors == 0 ? std::string() : fmt::format("{}", line.errors);
        text += fmt::format("{:6.2f} {:11.6f} {:11.0f} {:9} {:>9} {}\n", share, line.seconds, each, line.calls, errors,
                            line.name);
    };
    for (const Line& line : lines) add(line);
    text += kRule;
    add(total);
    return text;
}

}  // namespace wali::trace
