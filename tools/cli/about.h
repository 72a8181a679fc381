// SPDX-License-Identifier: Apache-2.0
// Texts about wali-run itself: --version and --list-syscalls.
#pragma once

#include <string>

namespace cli {

std::string version_text();
// Every row of the system call table, by number.
std::string syscalls_text();

}  // namespace cli
