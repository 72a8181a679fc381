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

}  // namespace cli
