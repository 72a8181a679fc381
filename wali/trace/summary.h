// SPDX-License-Identifier: Apache-2.0
// --strace-summary: printed when the last process of the guest is gone, however it ended. A process of our own waits
// for that: detached, so that the guest cannot see or wait for it, and holding nothing but its end of a pipe.
#pragma once

#include "sink.h"

namespace wali::trace {

// Starts the process that prints to `out` when the write end it returns, and every copy of it, is closed; -1 when the
// host refuses. `shared` must be memory that children share.
int start_reporter(SharedState& shared, int out);
// At the end of the first process: gives the reporter time to print before the caller's shell does. A guest whose other
// processes go on is not waited for longer than a second.
void await_report(SharedState& shared);

std::string summary_text(const SharedState& shared);

}  // namespace wali::trace
