// SPDX-License-Identifier: Apache-2.0
// Lazy translation of an instance's functions, and the way back from code to module offsets.
#pragma once

#include "instance/objects.h"

#include <wasm/result.h>

#include <cstdint>

namespace wasm {

// Gives `f` translated code and publishes its entry. Safe when threads race: one translates, the others wait.
Result<void> translate_function(FuncData& f);
// Offset in the module of the instruction at code offset `at` of `f`; 0 when unknown.
uint64_t module_offset(const FuncData& f, uint32_t at);
// Points f.entry at a stub that translates first.
void set_stub(FuncData& f);

}  // namespace wasm
