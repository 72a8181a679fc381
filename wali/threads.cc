// SPDX-License-Identifier: Apache-2.0
#include "threads.h"

#include "function_pointer.h"
#include "kernel.h"
#include "libc_signals.h"

#include <wasm/fork.h>

#include <fmt/format.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace wali {

namespace {

constexpr size_t kHostStackBytes = 512 << 10;  // wasm calls do not use it; callbacks and translation do
constexpr uint64_t kAllButFaults = ~kFaults;

// What a new thread needs, and its creator until it knows the tid; the last of the two deletes it.
struct Start {
    Start(Process& process, std::unique_ptr<wasm::Thread> thread, FunctionPointer function)
        : wasm(std::move(thread)), guest{process, *wasm}, entry(function) {}
    std::unique_ptr<wasm::Thread> wasm;
    GuestThread guest;
    FunctionPointer entry;
    uint32_t arg = 0;
    uint64_t mask = 0;
    std::atomic<int32_t> tid{0};
    std::atomic<int> owners{2};
};
struct LetGo {
    void operator()(Start* start) const {
        if (start->owners.fetch_sub(1) == 1) delete start;
    }
};
using StartRef = std::unique_ptr<Start, LetGo>;

// For the host's signal handlers on one thread, later on another. Without a lock: fork may come at any time.
class SignalStack {
  public:
    SignalStack() {
        for (auto& kept : kept_) {
            if (bytes_ == nullptr && kept.load(std::memory_order_relaxed) != nullptr) bytes_ = kept.exchange(nullptr);
        }
        if (bytes_ == nullptr) bytes_ = new std::byte[ThreadSignals::kHostStackBytes];
    }
    ~SignalStack() {
        for (auto& kept : kept_) {
            std::byte* none = nullptr;
            if (kept.compare_exchange_strong(none, bytes_)) return;
        }
        delete[] bytes_;
    }
    SignalStack(const SignalStack&) = delete;
    SignalStack& operator=(const SignalStack&) = delete;
    std::byte* bytes() const { return bytes_; }

  private:
    static constinit inline std::atomic<std::byte*> kept_[8]{};
    std::byte* bytes_ = nullptr;
};

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
    const SignalStack signal_stack;
    StartRef start(static_cast<Start*>(argument));
    GuestThread& guest = start->guest;
    guest.wasm.set_user_data(&guest);
    const auto tid = static_cast<int32_t>(kernel(SYS_gettid));
    start->tid.store(tid);
    guest.signals.enter(guest.wasm, start->mask, signal_stack.bytes());
    const uint32_t args[] = {static_cast<uint32_t>(tid), start->arg};
    const wasm::Stop stop = start->entry.call(guest.wasm, args);
    if (stop.trapped()) {
        if (guest.process.options.on_thread_trap) guest.process.options.on_thread_trap(stop.trap);
        std::abort();
    }
    if (guest.is_leader)
        end_process(stop.exit_status);  // in the child of a fork by this thread, its entry has returned
    Process& process = guest.process;
    end_thread(guest, stop.exit_status);
    start.reset();
    wasm::count_thread_out();
    process.host_threads.fetch_sub(1);
    return nullptr;
}

// The tid of a thread that has been started, without waiting for it: the name of its clock contains it. 0 if it has
// ended already.
int32_t tid_of(pthread_t thread) {
    clockid_t clock = 0;
    return pthread_getcpuclockid(thread, &clock) == 0 ? ~(clock >> 3) : 0;
}

// The tid, or -errno.
int32_t start_host_thread(StartRef start) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kHostStackBytes);
    // None of the thread's signals may come before it can take note of them.
    sigset_t blocked;
    std::memset(&blocked, 0, sizeof blocked);
    std::memcpy(&blocked, &kAllButFaults, sizeof kAllButFaults);
    pthread_attr_setsigmask_np(&attributes, &blocked);
    pthread_t thread{};
    int error = 0;
    {
        const LibcTakesSignals taking(start->guest.process.actions);
        error = pthread_create(&thread, &attributes, &thread_main, start.get());
    }
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        start->owners.store(1);
        return -error;
    }
    const int32_t tid = tid_of(thread);
    pthread_detach(thread);
    return tid != 0 ? tid : start->tid.load();
}

int32_t spawn(GuestThread& creator, FunctionPointer entry, uint32_t arg) {
    Process& process = creator.process;
    const uint32_t limit = process.options.max_threads;
    if (process.live_threads.load(std::memory_order_relaxed) == 1) process.links.find();
    if (process.live_threads.fetch_add(1) >= limit && limit != 0) {
        process.live_threads.fetch_sub(1);
        process.log(wasm::LogLevel::Warn, "thread", fmt::format("no more than {} threads (--max-threads)", limit));
        return -EAGAIN;
    }
    process.host_threads.fetch_add(1);
    wasm::count_thread_in();
    int32_t result = -EAGAIN;
    auto made = wasm::Thread::create(creator.wasm.store(), process.instance, creator.wasm);
    if (made) {
        StartRef start(new Start(process, std::move(made.value()), entry));
        start->arg = arg;
        start->mask = creator.signals.mask();
        result = start_host_thread(std::move(start));
    } else {
        process.log(wasm::LogLevel::Warn, "thread", made.error().describe());
    }
    if (result < 0) {
        wasm::count_thread_out();
        process.host_threads.fetch_sub(1);
        process.live_threads.fetch_sub(1);
    }
    return result;
}

}  // namespace

wasm::HostResult<int32_t> thread_spawn(wasm::Caller& caller, uint32_t function, uint32_t arg) {
    const auto entry = FunctionPointer::resolve(caller, function, 2);  // (tid, arg)
    if (!entry) return wasm::HostOutcome::Stop;
    return spawn(GuestThread::of(caller), *entry, arg);
}

[[gnu::hot]] void end_process(int status) {
    for (;;) kernel(SYS_exit_group, status & 0xFF);
}

[[gnu::hot]] wasm::HostOutcome exit_process(wasm::Caller& caller, int status) {
    GuestThread& thread = GuestThread::of(caller);
    release_mutexes(thread);
    if (!thread.process.may_return(thread.is_main)) {
        if (thread.process.tracer) thread.process.tracer->end(status);
        end_process(status);
    }
    return caller.exit(status & 0xFF);
}

wasm::HostOutcome exit_thread(wasm::Caller& caller, int status) {
    GuestThread& thread = GuestThread::of(caller);
    if (thread.is_leader) {
        if (end_thread(thread, status) != 0) status = wait_for_last_thread(thread.process);
        return exit_process(caller, status);
    }
    end_thread(thread, status);
    return caller.exit(status & 0xFF);
}

namespace {

void begin_child(GuestThread& thread) {
    Process& process = thread.process;
    process.space.begin_child();
    process.links.forget();
    process.live_threads.store(1);
    process.host_threads.store(0);
    process.is_copy = true;
    thread.is_leader = true;
    thread.signals.forget_noted();
    thread.clear_tid = 0;
    thread.robust_list = 0;
}

// As libc's fork does it. libc keeps the thread's id, and finds it wrong in the child: the kernel writes it there.
long clone_as_asked(CloneArgs how) {
    constexpr size_t kFirstVersion = 64;
    uintptr_t id_of_libc = 0;
    if (kernel(SYS_prctl, PR_GET_TID_ADDRESS, &id_of_libc, 0, 0, 0) < 0) return -ENOSYS;
    how.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    how.child_tid = id_of_libc;
    const bool first = how.set_tid_size == 0 && how.set_tid == 0 && how.cgroup == 0;
    return kernel(SYS_clone3, &how, first ? kFirstVersion : sizeof how);
}

}  // namespace

[[gnu::hot]] long fork_process(GuestThread& thread, const CloneArgs* how) {
    // A thread that is alone finds all locks free, also in the child. Each that is left alone is a page less that
    // parent and child have to copy afterwards.
    wasm::Store& store = thread.wasm.store();
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &kAllButFaults, nullptr, kSigsetBytes);
    const bool alone = store.before_fork();
    long result = 0;
    if (how != nullptr) [[unlikely]] {
        result = alone ? clone_as_asked(*how) : -ENOSYS;
    } else {
        const pid_t forked = ::fork();  // libc's: its own locks must be free in the child
        result = forked < 0 ? -errno : forked;
    }
    if (result == 0) {
        store.after_fork_in_child(thread.wasm);
        if (!alone) thread.process.fds.drop_others();
        if (__libc_single_threaded == 0) take_back_from_libc(thread.process.actions);  // the host has made a thread
        begin_child(thread);
    } else {
        store.after_fork_in_parent();
    }
    thread.signals.sync_host_mask();
    return result;
}

}  // namespace wali
