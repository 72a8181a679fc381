// SPDX-License-Identifier: Apache-2.0
// Files through which a process could reach into a runtime's memory behind its back.
#pragma once

namespace wali {

// True if the open file `fd` is the memory of a process or of the machine, by whatever name, link, mount or
// descriptor it was opened. For a descriptor opened with O_PATH, which cannot be read or written, the answer is no.
bool is_memory_file(int fd);

}  // namespace wali
