// SPDX-License-Identifier: Apache-2.0
#include <wasm/fork.h>

#include <sched.h>
#include <sys/single_threaded.h>

#include <array>
#include <atomic>

namespace wasm {

// A list for each rank, new locks at its end. Fork waits for one lock at a time, without the lists being locked: who
// holds that lock may be about to make another. Meanwhile, and as long as it holds it, that lock is not destroyed.
class ForkLocks {
  public:
    void add(ForkLock& lock) {
        const std::lock_guard guard(lists_mutex_);
        List& list = list_of(lock);
        lock.before_ = list.last;
        (list.last != nullptr ? list.last->behind_ : list.first) = &lock;
        list.last = &lock;
    }
    void remove(ForkLock& lock) {
        std::unique_lock guard(lists_mutex_);
        while (lock.wanted_by_fork_) {
            guard.unlock();
            sched_yield();
            guard.lock();
        }
        List& list = list_of(lock);
        (lock.before_ != nullptr ? lock.before_->behind_ : list.first) = lock.behind_;
        (lock.behind_ != nullptr ? lock.behind_->before_ : list.last) = lock.before_;
    }

    void take_all() {
        fork_mutex_.lock();
        lists_mutex_.lock();
        take_in_order();
        // What has been made while it waited is of ranks that it had passed: it may not wait for that.
        while (!take_what_is_free()) {
            open_listed();
            lists_mutex_.unlock();
            sched_yield();
            lists_mutex_.lock();
            take_in_order();
        }
    }
    void open_all() {
        open_listed();
        lists_mutex_.unlock();
        fork_mutex_.unlock();
    }

  private:
    struct List {
        ForkLock* first = nullptr;
        ForkLock* last = nullptr;
    };
    List& list_of(const ForkLock& lock) { return lists_[static_cast<size_t>(lock.rank_)]; }
    template <class Do>
    void for_each(Do action) {
        for (const List& list : lists_) {
            for (ForkLock* lock = list.first; lock != nullptr; lock = lock->behind_) action(*lock);
        }
    }

    void take_in_order() {
        for_each([this](ForkLock& lock) {
            lock.wanted_by_fork_ = true;
            if (lock.mutex_.try_lock()) return;
            lists_mutex_.unlock();
            lock.mutex_.lock();
            lists_mutex_.lock();
        });
    }
    bool take_what_is_free() {
        bool all = true;
        for_each([&all](ForkLock& lock) {
            if (!lock.wanted_by_fork_) all = (lock.wanted_by_fork_ = lock.mutex_.try_lock()) && all;
        });
        return all;
    }
    void open_listed() {
        for_each([](ForkLock& lock) {
            if (!lock.wanted_by_fork_) return;
            lock.wanted_by_fork_ = false;
            lock.mutex_.unlock();
        });
    }

    std::mutex fork_mutex_;  // one fork at a time
    std::mutex lists_mutex_;
    std::array<List, static_cast<size_t>(LockRank::Other) + 1> lists_{};
};

namespace {
constinit ForkLocks g_locks;  // before main, there are locks already
std::atomic<uint32_t> g_other_threads{0};
}  // namespace

ForkLock::ForkLock(LockRank rank) : rank_(rank) { g_locks.add(*this); }
ForkLock::~ForkLock() { g_locks.remove(*this); }

void lock_for_fork() { g_locks.take_all(); }
void unlock_after_fork(bool in_child) {
    if (in_child) g_other_threads.store(0, std::memory_order_relaxed);
    g_locks.open_all();
}

void count_thread_in() { g_other_threads.fetch_add(1); }
void count_thread_out() { g_other_threads.fetch_sub(1); }

bool is_only_thread() {
    if (g_other_threads.load() != 0) return false;
    // libc does not come back to that when threads have ended. The kernel accepts this from a process of one thread,
    // and does nothing.
    return __libc_single_threaded != 0 || ::unshare(CLONE_THREAD) == 0;
}

}  // namespace wasm
