// SPDX-License-Identifier: Apache-2.0
// The bytes of a file as they are when it is read. What anybody does to the file afterwards (write, truncate, punch
// holes, replace it) changes nothing: an engine that looks at them again later, as ours does, needs that.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace wasm {

struct FileBytes {
    std::span<const uint8_t> bytes;
    std::shared_ptr<const void> owner;  // keeps them
};

// Of a regular file, its first `size` bytes; fewer if it has become shorter. 0 or an errno. They are a copy in memory
// of this process alone, which nobody can write to.
int read_file(int fd, uint64_t size, FileBytes& file);

}  // namespace wasm
