// SPDX-License-Identifier: Apache-2.0
// A file that exists only as a descriptor of the guest's: what the runtime has to say in the place of the kernel.
#pragma once

#include "sys_result.h"

#include <cstdint>
#include <string_view>

namespace wali {

// Holds `text`, read from its beginning; nobody can change it. Of the open flags, O_CLOEXEC counts. A descriptor or an
// error; `name` is what its link shows.
SysResult make_text_file(const char* name, std::string_view text, uint64_t flags);

}  // namespace wali
