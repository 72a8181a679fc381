// SPDX-License-Identifier: Apache-2.0
// UTF-8 as names in modules must be (spec §5.2.4).
#pragma once

#include <cstdint>
#include <span>

namespace wasm {

// Well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::span<const uint8_t> bytes);

}  // namespace wasm
