// SPDX-License-Identifier: Apache-2.0
// Standard output of wali-run's own texts, without a buffer that a guest's fork could write twice.
#pragma once

#include <string_view>

namespace cli {

// False when not all of it could be written.
bool write_stdout(std::string_view text);
// The same for any descriptor.
bool write_all(int fd, std::string_view text);

}  // namespace cli
