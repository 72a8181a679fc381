// SPDX-License-Identifier: Apache-2.0
// Where the lines of a trace go: one descriptor for all processes of a guest, and what they share to write whole lines
// and to count. A call that may block begins a line and ends it later; when another thread or process writes in
// between, the line says <unfinished ...> and its end begins with <... resumed>, as strace's do.
// Nothing here may change what the guest does: descriptors are the runtime's own, no signal is raised or delivered by
// writing, and waiting for others is bounded, because they may be stopped or killed at any time.
#pragma once

#include "../fd_guard.h"
#include "../table.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wali::trace {

struct CallCount {
    std::atomic<uint64_t> calls, errors, nanoseconds;
};

// In memory that forked children map too.
struct SharedState {
    std::atomic<uint32_t> writer;     // tid of who writes; a futex word
    std::atomic<uint32_t> open_line;  // tid of the call whose line is not ended
    std::atomic<uint32_t> several;    // others than its main thread have written too: lines begin with a tid
    std::atomic<uint32_t> main;       // pid of the first process
    std::atomic<uint32_t> reported;   // the summary has been printed; a futex word
    static constexpr size_t kCounts = 512;
    CallCount counts[kCounts];  // by row
};

class Sink {
  public:
    explicit Sink(FdGuard& fds) : fds_(fds) {}

    // `out` becomes the runtime's own. False: the host refuses descriptors or memory.
    bool start(int out);
    // `life` too; it is open as long as there is a process of this trace, or release_life() has been called in it.
    bool hold(int life);
    void release_life();
    // In a program that execve has started, with what words() said there.
    bool resume(std::string_view text);
    // For execve: how the next program finds the trace again. The descriptors survive it, until keep_back().
    std::string hand_on();
    void keep_back();

    void begin(std::string_view text);                       // a line that is not ended
    void end(std::string_view name, std::string_view text);  // ends it
    void line(std::string_view text);                        // a whole one

    // For the summary: when a call begins, since it may not come back, and when it has ended.
    void count_call(const Row& row);
    void count_end(const Row& row, bool failed, uint64_t nanoseconds);
    SharedState& shared() { return *shared_; }
    int out() const { return fds_.number(out_); }

  private:
    bool map(int memory);
    enum class Part : uint8_t { Begin, End, Whole };
    void emit(Part part, std::string_view name, std::string_view text);

    FdGuard& fds_;
    int out_ = -1;     // handles of fds_
    int memory_ = -1;  // -1: not handed on by execve
    int life_ = -1;
    SharedState* shared_ = nullptr;
    // How many moments this process waits for another that writes.
    static constexpr uint32_t kPatience = 100;
    std::atomic<uint32_t> patience_{kPatience};
};

}  // namespace wali::trace
