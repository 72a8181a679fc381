// SPDX-License-Identifier: Apache-2.0
// Queues of waiters by address. A waiter sleeps on a word of its own context (a futex), so that an interrupt request
// can wake it too without a race: the word is changed first.
#include "execute/wait.h"

#include "support/fault_guard.h"

#include <wasm/fork.h>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <unordered_map>
#include <vector>

namespace wasm {

namespace {

struct Queues {
    ForkLock lock{LockRank::Waiters};
    std::unordered_map<const void*, std::vector<ExecContext*>> by_address;
};
// Made before main, and never destroyed: threads may still run when main has ended.
Queues* const g_queues = new Queues;

int64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// Sleeps while the word is Asleep. False: the time is up.
bool sleep(std::atomic<uint32_t>& word, int64_t deadline) {
    const int64_t left = deadline - now();
    if (deadline >= 0 && left <= 0) return false;
    const timespec t{left / 1'000'000'000, left % 1'000'000'000};
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, ExecContext::kAsleep, deadline < 0 ? nullptr : &t, nullptr, 0);
    return true;
}

// Takes the waiter out of the queue; false if a notify has already done so.
bool leave_queue(Queues& q, const void* at, ExecContext* ctx) {
    const std::lock_guard lock(q.lock);
    const auto it = q.by_address.find(at);
    if (it == q.by_address.end()) return false;
    auto& waiters = it->second;
    const auto me = std::find(waiters.begin(), waiters.end(), ctx);
    if (me == waiters.end()) return false;
    waiters.erase(me);
    if (waiters.empty()) q.by_address.erase(it);
    return true;
}

}  // namespace

WaitEnd wait(ExecContext& ctx, const void* at, const void* expected, uint32_t bytes, int64_t& timeout) {
    Queues& q = *g_queues;
    const int64_t deadline = timeout < 0 || timeout > INT64_MAX / 2 ? -1 : now() + timeout;
    {
        const std::lock_guard lock(q.lock);
        uint64_t value = 0;
        if (!guarded_copy(&value, at, bytes)) return WaitEnd::Fault;
        if (std::memcmp(&value, expected, bytes) != 0) return WaitEnd::NotEqual;
        q.by_address[at].push_back(&ctx);
        ctx.wait_word.store(ExecContext::kAsleep);
    }
    bool in_time = true;
    while (in_time && ctx.wait_word.load() == ExecContext::kAsleep && ctx.interrupt.load() == 0) {
        in_time = sleep(ctx.wait_word, deadline);
    }
    const bool woken = !leave_queue(q, at, &ctx);
    ctx.wait_word.store(0);
    if (woken) return WaitEnd::Woken;
    if (!in_time) return WaitEnd::TimedOut;
    if (deadline >= 0) timeout = std::max<int64_t>(0, deadline - now());
    return WaitEnd::Interrupted;
}

uint32_t notify(const void* at, uint32_t count) {
    Queues& q = *g_queues;
    const std::lock_guard lock(q.lock);
    const auto it = q.by_address.find(at);
    if (it == q.by_address.end()) return 0;
    auto& waiters = it->second;
    const auto n = std::min<size_t>(count, waiters.size());
    for (size_t i = 0; i < n; ++i) {
        std::atomic<uint32_t>& word = waiters[i]->wait_word;
        word.store(ExecContext::kWoken);
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
    waiters.erase(waiters.begin(), waiters.begin() + static_cast<ptrdiff_t>(n));
    if (waiters.empty()) q.by_address.erase(it);
    return static_cast<uint32_t>(n);
}

void forget_waiters() { g_queues->by_address.clear(); }

}  // namespace wasm
