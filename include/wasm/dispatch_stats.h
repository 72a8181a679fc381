// SPDX-License-Identifier: Apache-2.0
// What the interpreter has executed, in builds that count (-Ddispatch_stats=true): for those who choose instructions.
#pragma once

#include <optional>
#include <string>

namespace wasm {

// Lines of words separated by tabs; nothing if this build does not count. All threads' runs so far, added up: exact
// when no thread runs.
//   pair FIRST SECOND COUNT          internal instructions executed one after the other, as offsets of their handlers
//                                    from the program's symbol __executable_start
//   function INDEX WASM CODE         a function that was translated: bytes of its body, and of the internal code
std::optional<std::string> dispatch_stats();

}  // namespace wasm
