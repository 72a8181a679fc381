// SPDX-License-Identifier: Apache-2.0
#include "threads.h"

#include "function_pointer.h"
#include "kernel.h"

#include <fmt/format.h>
#include <linux/futex.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace wali {

namespace {

constexpr size_t kHostStackBytes = 512 << 10;  // wasm calls do not use it; callbacks and translation do
constexpr uint64_t kAllSignals = ~uint64_t{0};

// What a new thread needs; owned by it.
struct Start {
    Start(Process& process, std::unique_ptr<wasm::Thread> thread, FunctionPointer function)
        : wasm(std::move(thread)), guest{process, *wasm}, entry(function) {}
    std::unique_ptr<wasm::Thread> wasm;
    GuestThread guest;
    FunctionPointer entry;
    uint32_t arg = 0;
    uint64_t mask = 0;
    std::atomic<int32_t>* tid = nullptr;  // its creator waits there
};

bool is_leader() { return kernel(SYS_gettid) == kernel(SYS_getpid); }

void wait_while(const std::atomic<int32_t>& word, int32_t value) {
    while (word.load() == value) kernel(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr);
}

// One thread less; the last one gives the process its status, as in Linux since 6.0. Returns the number left.
uint32_t count_out(Process& process, int status) {
    const uint32_t left = process.live_threads.fetch_sub(1) - 1;
    if (left == 0) {
        process.last_status.store(status & 0xFF);
        kernel(SYS_futex, &process.last_status, FUTEX_WAKE_PRIVATE, 1);
    }
    return left;
}

// The leader's host thread cannot go before the others: the process would be half gone, and host code not run at all.
int wait_for_last_thread(Process& process) {
    wait_while(process.last_status, Process::kStillRunning);
    return process.last_status.load();
}

// A guest thread's end, as far as the guest can tell: it takes no more signals, counts no more, and has let go of its
// mutexes. Returns the number of threads left.
uint32_t end_thread(GuestThread& thread, int status) {
    Process& process = thread.process;
    if (thread.ended) return process.live_threads.load();
    thread.ended = true;
    thread.signals.leave();
    const uint32_t left = count_out(process, status);
    if (left != 0) release_thread_memory(thread);
    return left;
}

void* thread_main(void* argument) {
    std::unique_ptr<Start> start(static_cast<Start*>(argument));
    GuestThread& guest = start->guest;
    guest.wasm.set_user_data(&guest);
    const auto tid = static_cast<int32_t>(kernel(SYS_gettid));
    std::atomic<int32_t>* const waiting = start->tid;
    waiting->store(tid);
    kernel(SYS_futex, waiting, FUTEX_WAKE_PRIVATE, 1);

    guest.signals.enter(guest.wasm, start->mask);
    const uint32_t args[] = {static_cast<uint32_t>(tid), start->arg};
    const wasm::Stop stop = start->entry.call(guest.wasm, args);
    if (stop.trapped()) {
        if (guest.process.options.on_thread_trap) guest.process.options.on_thread_trap(stop.trap);
        std::abort();
    }
    if (is_leader()) end_process(stop.exit_status);  // in the child of a fork by this thread, its entry has returned
    Process& process = guest.process;
    end_thread(guest, stop.exit_status);
    start.reset();
    process.host_threads.fetch_sub(1);
    return nullptr;
}

// 0 or an errno. On success the new thread owns `start`.
int start_host_thread(std::unique_ptr<Start>& start) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, kHostStackBytes);
    pthread_t thread{};
    const int error = pthread_create(&thread, &attributes, &thread_main, start.get());
    pthread_attr_destroy(&attributes);
    if (error == 0) static_cast<void>(start.release());
    return error;
}

int32_t spawn(GuestThread& creator, FunctionPointer entry, uint32_t arg) {
    Process& process = creator.process;
    const uint32_t limit = process.options.max_threads;
    if (process.live_threads.fetch_add(1) >= limit && limit != 0) {
        process.live_threads.fetch_sub(1);
        process.log(wasm::LogLevel::Warn, "thread", fmt::format("no more than {} threads (--max-threads)", limit));
        return -EAGAIN;
    }
    process.host_threads.fetch_add(1);
    int error = EAGAIN;
    auto made = wasm::Thread::create(creator.wasm.store(), process.instance, creator.wasm);
    std::atomic<int32_t> tid{0};
    if (made) {
        auto start = std::make_unique<Start>(process, std::move(made.value()), entry);
        start->arg = arg;
        start->mask = creator.signals.mask();
        start->tid = &tid;
        // A new thread inherits the host mask; none of its signals may come before it can take note of them.
        kernel(SYS_rt_sigprocmask, SIG_SETMASK, &kAllSignals, nullptr, kSigsetBytes);
        error = start_host_thread(start);
        creator.signals.sync_host_mask();
    } else {
        process.log(wasm::LogLevel::Warn, "thread", made.error().describe());
    }
    if (error != 0) {
        process.host_threads.fetch_sub(1);
        process.live_threads.fetch_sub(1);
        return -error;
    }
    wait_while(tid, 0);
    return tid.load();
}

}  // namespace

wasm::HostResult<int32_t> thread_spawn(wasm::Caller& caller, uint32_t function, uint32_t arg) {
    const auto entry = FunctionPointer::resolve(caller, function, 2);  // (tid, arg)
    if (!entry) return wasm::HostOutcome::Stop;
    return spawn(GuestThread::of(caller), *entry, arg);
}

void end_process(int status) {
    for (;;) kernel(SYS_exit_group, status & 0xFF);
}

wasm::HostOutcome exit_process(wasm::Caller& caller, int status) {
    GuestThread& thread = GuestThread::of(caller);
    release_mutexes(thread);
    // Other threads use the Store until the process is gone: then Host::run must not return.
    if (!thread.is_main || thread.process.host_threads.load() != 0) {
        if (thread.process.tracer) thread.process.tracer->end(status);
        end_process(status);
    }
    return caller.exit(status & 0xFF);
}

wasm::HostOutcome exit_thread(wasm::Caller& caller, int status) {
    GuestThread& thread = GuestThread::of(caller);
    if (is_leader()) {
        if (end_thread(thread, status) != 0) status = wait_for_last_thread(thread.process);
        return exit_process(caller, status);
    }
    end_thread(thread, status);
    return caller.exit(status & 0xFF);
}

long fork_process(GuestThread& thread) {
    Process& process = thread.process;
    const uint64_t all_but_faults = kAllSignals & ~kFaults;
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &all_but_faults, nullptr, kSigsetBytes);
    thread.wasm.store().before_fork();
    process.actions.before_fork();
    process.address_limit.before_fork();
    process.space.before_fork();
    process.fds.before_fork();
    const pid_t pid = ::fork();  // libc's: its own locks must be free in the child
    const long result = pid < 0 ? -errno : pid;
    process.fds.after_fork();
    if (pid == 0) {
        process.fds.drop_others();
        process.space.after_fork_in_child();
        thread.wasm.store().after_fork_in_child(thread.wasm);
        process.live_threads.store(1);
        process.host_threads.store(0);
        thread.signals.forget_noted();
        thread.clear_tid = 0;
        thread.robust_list = 0;
    } else {
        process.space.after_fork_in_parent();
        thread.wasm.store().after_fork_in_parent();
    }
    process.address_limit.after_fork();
    process.actions.after_fork();
    thread.signals.sync_host_mask();
    return result;
}

}  // namespace wali
