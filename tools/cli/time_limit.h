// SPDX-License-Identifier: Apache-2.0
// --timeout: a thread of its own that ends the process when the time is over, whatever the guest is doing then; and,
// because a stopped process has no thread that runs, a process of its own that continues it for this, or kills it if it
// has not ended two seconds later. They take no signal and no timer from the guest.
#pragma once

#include <cstdint>
#include <string>

namespace cli {

uint64_t monotonic_ns();
// Returns false when the host refuses a thread or a process. Also covers processes that the guest forks.
bool start_time_limit(uint64_t deadline_ns, std::string message);

}  // namespace cli
