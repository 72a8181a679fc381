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

// Of a regular file, its first `size` bytes; fewer if it has become shorter. 0 or an errno. It is copied into memory
// that is a sealed file of its own (wasm/sealed_memory.h): processes that are forked share it without copying its page
// tables. Where the system has no such file, into ordinary memory.
int read_file(int fd, uint64_t size, FileBytes& file);

}  // namespace wasm
