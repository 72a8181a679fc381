// SPDX-License-Identifier: Apache-2.0
// What a file is, by the file alone: no name proves anything.
#pragma once

#include <cstdint>

namespace wali {

enum class FileKind : uint8_t {
    Plain,
    OfProc,     // harmless, and on a procfs: perhaps it describes this process
    Forbidden,  // the memory of the machine or of the runtime
    Unclear,    // the memory of a process, or a parameter of the kernel that only its owner may use
};
// Of any descriptor, also one opened with O_PATH.
FileKind kind_of(int fd);

// Of what is Unclear, through a descriptor that can read or write: whether it is the memory of a process.
bool positions_like_memory(int fd);

// Of a descriptor that can read or write: nothing is unclear then.
inline bool is_forbidden(int fd) {
    const FileKind kind = kind_of(fd);
    return kind == FileKind::Forbidden || (kind == FileKind::Unclear && positions_like_memory(fd));
}

}  // namespace wali
