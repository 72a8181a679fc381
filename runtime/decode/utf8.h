// SPDX-License-Identifier: Apache-2.0
// UTF-8 as names in modules must be (spec §5.2.4).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wasm {

// Well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::span<const uint8_t> bytes);

// For one line of terminal output: control characters (C0, C1, DEL) and bytes that are not UTF-8 become \xx.
std::string printable(std::string_view text);

}  // namespace wasm
