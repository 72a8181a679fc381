// SPDX-License-Identifier: Apache-2.0
// The limits of this implementation (spec appendix "Implementation Limitations"), with the values the JavaScript
// embedding uses where it names one. Exceeding one is ErrorKind::Limit. There is no limit on the size of a function
// body, on nesting or on br_table targets: those cost memory in proportion to the bytes read.
#pragma once

#include <cstdint>

namespace wasm {

inline constexpr uint64_t kMaxModuleSize = uint64_t{1} << 30;
inline constexpr uint32_t kMaxTypes = 1'000'000;
inline constexpr uint32_t kMaxImports = 1'000'000;
inline constexpr uint32_t kMaxExports = 1'000'000;
inline constexpr uint32_t kMaxFunctions = 1'000'000;  // imported ones included, as in the next four
inline constexpr uint32_t kMaxTables = 100'000;
inline constexpr uint32_t kMaxMemories = 1;  // multi-memory is not supported yet
inline constexpr uint32_t kMaxGlobals = 1'000'000;
inline constexpr uint32_t kMaxTags = 1'000'000;
inline constexpr uint32_t kMaxDataSegments = 100'000;
inline constexpr uint32_t kMaxElementSegments = 1'000'000;
inline constexpr uint32_t kMaxElements = 10'000'000;  // in one element segment
inline constexpr uint32_t kMaxCustomSections = 1'000'000;
inline constexpr uint32_t kMaxParams = 1'000;
inline constexpr uint32_t kMaxResults = 1'000;
inline constexpr uint32_t kMaxLocals = 50'000;  // of one function, parameters included
// Operands of one function that are alive at the same time. Keeps a run of calls with 1,000 results each from
// turning 2 bytes of code into 4 KB of validator state and of stack frame.
inline constexpr uint32_t kMaxOperands = 1'000'000;

inline constexpr uint64_t kMaxMemory32Pages = 65'536;
inline constexpr uint64_t kMaxTable32Size = 0xFFFF'FFFF;

}  // namespace wasm
