// SPDX-License-Identifier: Apache-2.0
#include "time_limit.h"

#include "exit_status.h"
#include "log.h"

#include <wasm/fork.h>

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace cli {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

struct Limit {
    uint64_t deadline_ns;
    std::string message;
};
// Made once and never freed: the thread, and those of forked children, read it until the process ends.
constinit const Limit* limit = nullptr;

constexpr timespec time_of(uint64_t ns) { return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)}; }
constexpr uint64_t ns_of(const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_nsec);
}

// ---- the thread: ends the process, which says so ----------------------------------------------------------------

void* wait_and_end(void*) {
    const timespec until = time_of(limit->deadline_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
    report_error({}, limit->message);
    end_with(kOwnFailure);
}

bool start_thread() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread{};
    wasm::count_thread_in();
    const int error = pthread_create(&thread, &attributes, &wait_and_end, nullptr);
    if (error != 0) wasm::count_thread_out();
    pthread_attr_destroy(&attributes);
    return error == 0;
}

// ---- the watcher: a process that shares this one's memory, so that a stop of this one does not stop it -----------

#define CLI_NOT_INSTRUMENTED __attribute__((no_sanitize("address", "undefined", "thread")))

// Holds the process's id. The kernel clears it and wakes who waits for it when the process's first thread ends, or
// executes another program. It is libc's own word for that, where the kernel says which it is.
constinit const std::atomic<pid_t>* life = nullptr;
constinit std::atomic<pid_t> own_life{0};
constinit pid_t watched = 0;
alignas(16) constinit unsigned char watcher_stack[16 << 10]{};

// True when there is nothing more to watch; false at `until`.
CLI_NOT_INSTRUMENTED bool wait_for_end(uint64_t until_ns) {
    const timespec until = time_of(until_ns);
    while (life->load() == watched) {
        const long r = syscall(SYS_futex, life, FUTEX_WAIT_BITSET, watched, &until, nullptr, ~0U);
        if (r != 0 && errno == ETIMEDOUT) return life->load() != watched;
    }
    return true;
}

// It has the process's thread-local data too, so that it may only make system calls. It keeps nothing open, is in no
// group or session of the guest's, and takes no signal.
CLI_NOT_INSTRUMENTED int watch(void*) {
    constexpr uint64_t kMoment = 20'000'000;
    constexpr uint64_t kPatience = 2 * kSecond;
    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    syscall(SYS_prctl, PR_SET_NAME, "wali-timeout", 0, 0, 0);
    syscall(SYS_setsid);
    syscall(SYS_chdir, "/");
    if (syscall(SYS_close_range, 0, ~0U, 0) != 0) {
        for (int fd = 0; fd < 1024; ++fd) syscall(SYS_close, fd);
    }
    if (wait_for_end(limit->deadline_ns)) return 0;
    timespec now{};
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    const uint64_t begin = ns_of(now);
    for (uint64_t passed = kMoment; !wait_for_end(begin + passed); passed += kMoment) {
        // The thread has not ended it: it is stopped, or cannot say why.
        if (syscall(SYS_getppid) != watched) break;
        syscall(SYS_kill, watched, passed < kPatience ? SIGCONT : SIGKILL);
    }
    return 0;
}

bool start_watcher() {
    watched = getpid();
    // One that has watched a program before this one in the same process.
    while (waitpid(-1, nullptr, WNOHANG | static_cast<int>(__WCLONE)) > 0) {
    }
    uintptr_t libcs = 0;
    if (prctl(PR_GET_TID_ADDRESS, &libcs) == 0 && libcs != 0) {
        life = reinterpret_cast<const std::atomic<pid_t>*>(libcs);  // NOLINT(performance-no-int-to-ptr)
    } else {
        own_life.store(watched);
        syscall(SYS_set_tid_address, &own_life);
        life = &own_life;
    }
    // No signal at its end: the guest's wait calls know nothing of it.
    return clone(&watch, watcher_stack + sizeof watcher_stack, CLONE_VM, nullptr) > 0;
}

bool start_both() {
    // All signals are the guest's: they must find its threads, and nothing of ours.
    constexpr uint64_t kAll = ~uint64_t{0};
    uint64_t before = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &kAll, &before, sizeof kAll);
    const bool started = start_thread() && start_watcher();
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
    return started;
}

}  // namespace

uint64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ns_of(now);
}

bool start_time_limit(uint64_t deadline_ns, std::string message) {
    limit = new Limit{deadline_ns, std::move(message)};
    // A fork leaves only the forking thread in the child.
    pthread_atfork(nullptr, nullptr, [] { start_both(); });
    return start_both();
}

}  // namespace cli
