// SPDX-License-Identifier: Apache-2.0
// Values of --invoke: words to arguments by the function's type, results to text.
#pragma once

#include <wasm/result.h>
#include <wasm/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

// The error is a usage error: one line.
wasm::Result<std::vector<wasm::Value>> parse_values(const wasm::FuncType& type, std::span<const std::string> words);
wasm::Result<wasm::Value> parse_value(wasm::ValType type, std::string_view word);
// Integers signed and in decimal, floats in the fewest digits that read back as the same number.
std::string format_value(const wasm::Value& value);

}  // namespace cli
