// SPDX-License-Identifier: Apache-2.0
// What other processes see of this one (ps, pidof, killall, top): the guest, not the program that runs it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cli {

// The name of the process (/proc/PID/comm) becomes `name`, and its command line (/proc/PID/cmdline) `first`, then the
// last `rest` words of `argv`, which are those of main: their memory is what the kernel shows. Some of it is written
// over. Before there are threads that allocate memory.
void look_like_guest(std::string_view name, const std::string& first, size_t rest, std::span<char* const> argv);

}  // namespace cli
