// SPDX-License-Identifier: Apache-2.0
// Signals that the host's libc takes for itself, and that are the guest's.
#pragma once

#include "signals.h"

#include <csignal>
#include <cstdint>
#include <vector>

namespace wali {

// 32 and 33, from a process's first thread on.
inline bool is_signal_of_libc(int signal) { return signal >= 32 && signal < SIGRTMIN; }

// Gives them back the host actions that the guest's demand.
void take_back_from_libc(SignalActions& actions);

// Lives while a thread is made. With the first one, libc gives handlers to these signals and unblocks them; its
// handlers believe what they are told. So what waits for the guest is put aside, and put back afterwards.
class LibcTakesSignals {
  public:
    explicit LibcTakesSignals(SignalActions& actions);
    ~LibcTakesSignals();
    LibcTakesSignals(const LibcTakesSignals&) = delete;
    LibcTakesSignals& operator=(const LibcTakesSignals&) = delete;

  private:
    SignalActions& actions_;
    const bool takes_;
    uint64_t mask_ = 0;
    std::vector<siginfo_t> waiting_;
};

}  // namespace wali
