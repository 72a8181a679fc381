// SPDX-License-Identifier: Apache-2.0
// Bytes of MODULE: a file, a pipe or standard input. Refuses in one line what plainly is something else, before the
// decoder would call it malformed.
#pragma once

#include <wasm/file_bytes.h>

#include <cstdint>
#include <span>
#include <string>
#include <variant>

namespace cli {

using ModuleBytes = wasm::FileBytes;
struct ModuleRefused {
    int status = 0;  // to exit with
    std::string reason;
};

// "-" is standard input. A first line "#!…" in front of a module is left out.
std::variant<ModuleBytes, ModuleRefused> read_module(const std::string& path);
// From a descriptor, which is closed.
std::variant<ModuleBytes, ModuleRefused> read_module(int fd);

// Why bytes that start like this are no module; empty when they may be one.
std::string why_not_a_module(std::span<const uint8_t> bytes);

}  // namespace cli
