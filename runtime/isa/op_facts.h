// SPDX-License-Identifier: Apache-2.0
// The columns of the opcode table that decoding and validation read for every instruction, packed densely.
#pragma once

#include "isa/wasm_ops.h"

#include <wasm/types.h>

namespace wasm {

struct OpFacts {
    static constexpr size_t kMaxParams = 3;
    ValType params[kMaxParams];
    ValType result;
    Imm imm = Imm::None;
    OpFeature feature = OpFeature::Core;
    uint8_t param_count = 0;
    uint8_t result_count = 0;
    uint8_t align = 0;
    bool special = false;
};

namespace detail {
constexpr ValType type_of_letter(char letter) {
    switch (letter) {
        case 'i': return kI32;
        case 'l': return kI64;
        case 'f': return kF32;
        case 'd': return kF64;
        default: return {};
    }
}
constexpr auto make_op_facts() {
    std::array<OpFacts, kOpCount> facts{};
    for (size_t i = 0; i < kOpCount; ++i) {
        const OpInfo& op = kOps[i];
        OpFacts& f = facts[i];
        f.imm = op.imm;
        f.feature = op.feature;
        f.align = op.align;
        f.special = op.special;
        f.param_count = static_cast<uint8_t>(op.params.size());
        f.result_count = static_cast<uint8_t>(op.results.size());
        for (size_t p = 0; p < op.params.size(); ++p) f.params[p] = type_of_letter(op.params[p]);
        if (!op.results.empty()) f.result = type_of_letter(op.results[0]);
    }
    return facts;
}
constexpr bool op_signatures_known() {
    for (const OpInfo& op : kOps) {
        if (op.params.size() > OpFacts::kMaxParams || op.results.size() > 1) return false;
        for (const char c : op.params) {
            if (type_of_letter(c).is_bottom()) return false;
        }
        for (const char c : op.results) {
            if (type_of_letter(c).is_bottom()) return false;
        }
    }
    return true;
}
}  // namespace detail
static_assert(detail::op_signatures_known(), "a signature in wasm_ops.def has an unknown letter or too many operands");

inline constexpr auto kOpFacts = detail::make_op_facts();
constexpr const OpFacts& facts(Op op) { return kOpFacts[static_cast<size_t>(op)]; }

}  // namespace wasm
