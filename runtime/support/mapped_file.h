// SPDX-License-Identifier: Apache-2.0
// A file mapped read-only, or read into memory when it cannot be mapped (a pipe, an empty file).
#pragma once

#include <wasm/result.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wasm {

class MappedFile {
  public:
    // Resource error, naming the path, when the file cannot be opened or read or is larger than `max_size`.
    static Result<std::shared_ptr<const MappedFile>> open(const std::string& path, uint64_t max_size);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const uint8_t> bytes() const { return bytes_; }

  private:
    MappedFile() = default;

    std::span<const uint8_t> bytes_;
    std::vector<uint8_t> copy_;
    void* mapping_ = nullptr;
};

}  // namespace wasm
