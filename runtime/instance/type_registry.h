// SPDX-License-Identifier: Apache-2.0
// Canonical function types: equal types of all modules of the process have one id, so that a type check is one
// integer compare (spec §4.4.10, call_indirect). Ids live as long as the process; thread-safe.
#pragma once

#include <wasm/types.h>

#include <cstdint>

namespace wasm {

enum class TypeId : uint32_t {};

TypeId intern(const FuncType& type);
const FuncType& type_of(TypeId id);

// Slots that values of these types take.
uint32_t slots_of(const std::vector<ValType>& types);

}  // namespace wasm
