// SPDX-License-Identifier: Apache-2.0
// Does what happened agree with what a script expects? Values bit for bit, messages by their beginning.
#pragma once

#include "script.h"

#include <wasm/result.h>
#include <wasm/trap.h>
#include <wasm/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace spec {

bool matches(const wasm::Value& got, const ScriptValue& expected);
// The argument `value` for a parameter of type `type`; nullopt when it is of another type.
std::optional<wasm::Value> to_argument(const ScriptValue& value, wasm::ValType type);

bool message_matches(std::string_view got, std::string_view expected);

std::string to_string(const ScriptValue& value);
std::string to_string(const wasm::Value& value);

}  // namespace spec
