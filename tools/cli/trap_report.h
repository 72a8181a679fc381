// SPDX-License-Identifier: Apache-2.0
// What a person sees when a guest crashes: what, where, and how execution came there.
#pragma once

#include <wasm/trap.h>

#include <string>
#include <string_view>

namespace cli {

// "wali-run: MODULE: trap: reason in function", then the backtrace, indented, innermost first. A long one is cut
// in the middle: the two ends tell a runaway recursion.
std::string describe_trap(std::string_view module, const wasm::Trap& trap);

// Reports and ends the process as the trap demands. `module` names it in the report; set once, before it runs.
void name_running_module(std::string_view module);
[[noreturn]] void die_of_trap(const wasm::Trap& trap);

}  // namespace cli
