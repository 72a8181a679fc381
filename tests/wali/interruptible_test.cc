// SPDX-License-Identifier: Apache-2.0
// The interruptible system call, one machine instruction at a time: wherever a signal strikes before the call is made,
// the call is not made.
#include "wali/kernel.h"

#include <elf.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <optional>

namespace wali {

extern "C" const char wali_interruptible_begin[];
extern "C" const char wali_interruptible_end[];

namespace {

std::atomic<uint32_t> g_waiting{0};
bool g_close_the_gap = true;

void on_signal(int, siginfo_t*, void* context) {
    g_waiting.store(1);
    if (g_close_the_gap) stop_before_syscall(context);
}

// In the child: reads from a pipe that stays empty. Ends with what came of it; SIGALRM ends a read that blocks.
[[noreturn]] void read_forever(bool traced) {
    struct sigaction action{};
    action.sa_sigaction = &on_signal;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, nullptr);
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    char byte = 0;
    alarm(2);
    if (traced) {
        ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        raise(SIGSTOP);
    }
    const long result = kernel_unless(g_waiting, SYS_read, ends[0], &byte, 1);
    _exit(result == kNotStarted ? 10 : result == -EINTR ? 11 : 12);
}

uintptr_t program_counter(pid_t child) {
    user_regs_struct registers{};
    iovec view{&registers, sizeof registers};
    REQUIRE(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &view) == 0);
    return registers.rip;
}

// Lets the child run into the call and sends it the signal when it stands before instruction `nth` of the gap.
// Returns its exit status, or -signal; nullopt when there are not so many instructions.
std::optional<int> strike_before(int nth) {
    const pid_t child = fork();
    if (child == 0) read_forever(true);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSTOPPED(status));
    bool before_a_call = false;
    for (int inside = -1; !before_a_call;) {
        REQUIRE(ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0);
        REQUIRE(waitpid(child, &status, 0) == child);
        if (!WIFSTOPPED(status)) return std::nullopt;
        const uintptr_t pc = program_counter(child);
        const bool in_gap = pc >= reinterpret_cast<uintptr_t>(wali_interruptible_begin) &&
                            pc < reinterpret_cast<uintptr_t>(wali_interruptible_end);
        if (in_gap) before_a_call = ++inside == nth;
        if (in_gap && inside > 16) break;
        if (!in_gap && inside >= 0) break;
    }
    REQUIRE(ptrace(PTRACE_DETACH, child, nullptr, before_a_call ? SIGUSR1 : SIGKILL) == 0);
    REQUIRE(waitpid(child, &status, 0) == child);
    if (!before_a_call) return std::nullopt;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_CASE("results are the kernel's", "[interruptible]") {
    const std::atomic<uint32_t> none{0};
    CHECK(kernel_unless(none, SYS_close, -1) == -EBADF);
    CHECK(kernel_unless(none, SYS_getpid) == getpid());
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    iovec piece{const_cast<char*>("abcdef"), 6};
    // Six arguments, each in its place.
    CHECK(kernel_unless(none, SYS_pwritev2, ends[1], &piece, 1, -1L, 0L, 0) == 6);
    char bytes[6];
    CHECK(kernel_unless(none, SYS_read, ends[0], bytes, sizeof bytes) == 6);
    CHECK(bytes[5] == 'f');
    close(ends[0]);
    close(ends[1]);
}

TEST_CASE("nothing is started while a signal waits", "[interruptible]") {
    const std::atomic<uint32_t> waiting{2};
    CHECK(kernel_unless(waiting, SYS_kill, getpid(), SIGKILL) == kNotStarted);
}

TEST_CASE("a signal while it blocks gives EINTR", "[interruptible]") {
    const pid_t child = fork();
    if (child == 0) read_forever(false);
    // Once it sleeps there, or before: both answers say that the handler was not slept over.
    usleep(20000);
    kill(child, SIGUSR1);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK((WEXITSTATUS(status) == 10 || WEXITSTATUS(status) == 11));
}

TEST_CASE("a signal before any instruction of the gap stops the call", "[interruptible]") {
    int places = 0;
    for (std::optional<int> end; (end = strike_before(places)); ++places) CHECK(*end == 10);
    CHECK(places >= 3);
}

TEST_CASE("without the correction, the call is slept over", "[interruptible]") {
    g_close_the_gap = false;
    int slept = 0;
    for (int place = 0; slept == 0; ++place) {
        const auto end = strike_before(place);
        if (!end) break;
        slept += *end == -SIGALRM;
    }
    g_close_the_gap = true;
    CHECK(slept >= 1);
}

}  // namespace
}  // namespace wali
