// SPDX-License-Identifier: Apache-2.0
#include <wasm/apart.h>

#include <linux/futex.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace wasm {

namespace {

constexpr size_t kStackBytes = 32 << 10;
constexpr size_t kSigsetBytes = 8;

struct Job {
    int64_t (*work)(void*);
    void* argument;
    pid_t parent;
    std::atomic<bool> done{false};
    int64_t result = 0;
    std::atomic<int32_t> living{1};  // the kernel makes it 0 when the process has let go of this memory
    alignas(16) std::array<std::byte, kStackBytes> stack{};
};

// Written the old way because clang 19 does not know gnu::no_sanitize and g++ does not know clang::no_sanitize.
__attribute__((no_sanitize("address", "thread"))) int job_main(void* argument) {
    auto& job = *static_cast<Job*>(argument);
    // Not longer than who waits for it: a thread that another one's execve or exit ends.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != job.parent) return 0;
    job.result = job.work(job.argument);
    job.done.store(true, std::memory_order_release);
    return 0;
}

bool wait_plainly(const std::atomic<int32_t>& word, int32_t value) {
    syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr);
    return true;
}

}  // namespace

std::optional<int64_t> run_apart(int64_t (*work)(void*), void* argument, ApartWait wait) {
    if (wait == nullptr) wait = &wait_plainly;
    Job job{work, argument, getpid()};
    const uint64_t all = ~uint64_t{0};
    uint64_t before = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, kSigsetBytes);
    const int pid = ::clone(&job_main, job.stack.data() + job.stack.size(), CLONE_VM | CLONE_CHILD_CLEARTID, &job,
                            nullptr, nullptr, &job.living);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, kSigsetBytes);
    if (pid < 0) return std::nullopt;
    while (job.living.load() != 0) {
        if (wait(job.living, 1)) continue;
        kill(pid, SIGKILL);
        wait = &wait_plainly;
    }
    // It sends no signal when it ends, so only who asks for such processes can have been told already.
    while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
    }
    if (!job.done.load(std::memory_order_acquire)) return std::nullopt;
    return job.result;
}

}  // namespace wasm
