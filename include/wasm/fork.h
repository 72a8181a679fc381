// SPDX-License-Identifier: Apache-2.0
// Locks, in a process that is copied. fork() copies one thread only: a lock that another one holds would stay closed in
// the child for ever. So there is one type of lock, each of which is in a list from its constructor on, and whoever
// forks takes what is in the list. It is process-wide, as fork is.
#pragma once

#include <cstdint>
#include <mutex>

namespace wasm {

// In which order a thread takes locks of which it needs several, and fork all. Of one kind, the older lock first.
enum class LockRank : uint8_t {
    Store,         // the containers of a Store
    Translation,   // of an instance
    Exceptions,    // what tables and globals hold of them
    Growth,        // of a memory or a table
    Waiters,       // of memory.atomic.wait
    Types,         // the registry of function types
    Names,         // a module's name section
    Stacks,        // kept for later threads
    Statistics,    // of builds that count
    Actions,       // of those above the engine, from here on: actions of signals
    MemoryLimits,  //
    AddressSpace,  // what is mapped in a memory
    Descriptors,   //
    Other,         // innermost
};

class ForkLock {
  public:
    explicit ForkLock(LockRank rank);
    ~ForkLock();
    ForkLock(const ForkLock&) = delete;
    ForkLock& operator=(const ForkLock&) = delete;

    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }
    bool try_lock() { return mutex_.try_lock(); }

  private:
    friend class ForkLocks;
    std::mutex mutex_;
    const LockRank rank_;
    bool wanted_by_fork_ = false;
    ForkLock* before_ = nullptr;  // in the list
    ForkLock* behind_ = nullptr;
};

// All of them, taken by the thread that forks; it opens them in both processes.
void lock_for_fork();
void unlock_after_fork(bool in_child);

// A thread of the host that this process has made, as long as it may run code of ours: whoever makes one says so before
// it begins, and it says so at its end.
void count_thread_in();
void count_thread_out();

// Whether the calling thread is the process's only one. Then nobody is in the middle of anything, and no lock need be
// taken before fork. Nothing that a guest can mount or replace is asked. False if that cannot be found out.
bool is_only_thread();

}  // namespace wasm
