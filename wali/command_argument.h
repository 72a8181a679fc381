// SPDX-License-Identifier: Apache-2.0
// The argument of a command that options.def knows.
#pragma once

#include "dispatch.h"
#include "options.h"

#include <cstdint>

namespace wali {

// As the kernel wants it; `low` is what the guest has passed.
long command_argument(const Call& call, const Command& command, uint32_t low);

}  // namespace wali
