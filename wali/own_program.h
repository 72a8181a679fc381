// SPDX-License-Identifier: Apache-2.0
// /proc/self/exe: to the kernel the runtime is what runs, to the guest it is the module.
#pragma once

#include "dispatch.h"

#include <string>

namespace wali {

// The module's path if that is what the guest names; else null.
const std::string* own_program(const Call& call, Path path);

}  // namespace wali
