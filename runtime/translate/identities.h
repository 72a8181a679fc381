// SPDX-License-Identifier: Apache-2.0
// Identities of integer operations that the translator uses.
#pragma once

#include <optional>

#include "isa/wasm_ops.h"

namespace wasm {

// The same operation with its operands exchanged, or nullopt.
inline std::optional<Op> swapped(Op op) {
    switch (op) {
        case Op::I32Add: case Op::I32Mul: case Op::I32And: case Op::I32Or: case Op::I32Xor: case Op::I32Eq: case Op::I32Ne:
        case Op::I64Add: case Op::I64Mul: case Op::I64And: case Op::I64Or: case Op::I64Xor: case Op::I64Eq: case Op::I64Ne:
            return op;
        case Op::I32LtS: return Op::I32GtS;
        case Op::I32LtU: return Op::I32GtU;
        case Op::I32GtS: return Op::I32LtS;
        case Op::I32GtU: return Op::I32LtU;
        case Op::I32LeS: return Op::I32GeS;
        case Op::I32LeU: return Op::I32GeU;
        case Op::I32GeS: return Op::I32LeS;
        case Op::I32GeU: return Op::I32LeU;
        case Op::I64LtS: return Op::I64GtS;
        case Op::I64LtU: return Op::I64GtU;
        case Op::I64GtS: return Op::I64LtS;
        case Op::I64GtU: return Op::I64LtU;
        case Op::I64LeS: return Op::I64GeS;
        case Op::I64LeU: return Op::I64GeU;
        case Op::I64GeS: return Op::I64LeS;
        case Op::I64GeU: return Op::I64LeU;
        default: return std::nullopt;
    }
}

// Integer comparisons come in pairs of opposites, in the order of the table: eq ne, lt ge …
inline Op opposite(Op compare) {
    switch (compare) {
        case Op::I32Eq: return Op::I32Ne;
        case Op::I32Ne: return Op::I32Eq;
        case Op::I32LtS: return Op::I32GeS;
        case Op::I32GeS: return Op::I32LtS;
        case Op::I32LtU: return Op::I32GeU;
        case Op::I32GeU: return Op::I32LtU;
        case Op::I32GtS: return Op::I32LeS;
        case Op::I32LeS: return Op::I32GtS;
        case Op::I32GtU: return Op::I32LeU;
        case Op::I32LeU: return Op::I32GtU;
        case Op::I64Eq: return Op::I64Ne;
        case Op::I64Ne: return Op::I64Eq;
        case Op::I64LtS: return Op::I64GeS;
        case Op::I64GeS: return Op::I64LtS;
        case Op::I64LtU: return Op::I64GeU;
        case Op::I64GeU: return Op::I64LtU;
        case Op::I64GtS: return Op::I64LeS;
        case Op::I64LeS: return Op::I64GtS;
        case Op::I64GtU: return Op::I64LeU;
        case Op::I64LeU: return Op::I64GtU;
        default: return compare;
    }
}

}  // namespace wasm
