// SPDX-License-Identifier: Apache-2.0
// How a run of wali-run ends: the statuses that are ours, and death by the signal a native program would die of.
#pragma once

#include <wasm/result.h>
#include <wasm/trap.h>

namespace cli {

enum ExitStatus : int {
    kOwnFailure = 125,   // usage, limits, the host refuses memory
    kNotRunnable = 126,  // the file is there, but is not a module that can run here
    kNotFound = 127,
};

// What a failed load or link ends with: kOwnFailure for Resource, else kNotRunnable.
int status_of(wasm::ErrorKind kind);
// Errors of our own that end with these.
wasm::Error own_failure(std::string message);
wasm::Error not_runnable(std::string message);

// The end of a trap that no guest handler took: either a signal number or, when signal is 0, a status.
struct TrapEnd {
    int signal = 0;
    int status = 0;
};
TrapEnd end_of(const wasm::Trap& trap);

// Ends the process at once, with all its threads, without destructors: other threads may be running in what they
// would destroy.
[[noreturn]] void end_with(int status);
[[noreturn]] void end_with(TrapEnd end);

}  // namespace cli
