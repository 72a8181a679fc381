// SPDX-License-Identifier: Apache-2.0
// Detours of compilers that did not optimise: a bool is masked to one bit, a byte that was loaded as a byte is masked
// to eight, a sign is extended by two shifts. Each is recognised at its second operation, whose constant is on top.
#include "isa/op_facts.h"
#include "translate/translator.h"

namespace wasm {

namespace {

// The load of the other signedness, of the same bytes.
Op signed_load(Op op) {
    switch (op) {
        case Op::I32Load8U: return Op::I32Load8S;
        case Op::I32Load16U: return Op::I32Load16S;
        default: return Op::Nop;
    }
}

}  // namespace

bool Translator::simplify(Op op) {
    if (top(0).kind != Operand::Kind::Const || !is_last(top(1))) return false;
    return narrow_by_mask(op) || extend_sign(op);
}

// (x & constant) where x has no other bits, or is masked already.
bool Translator::narrow_by_mask(Op op) {
    if (op != Op::I32And) return false;
    Record& r = records_.back();
    const auto mask = static_cast<uint32_t>(top(0).value);
    const bool is_load = r.shape == Shape::Load || r.shape == Shape::LoadIndexed || r.shape == Shape::LoadScaled;
    if (is_load && signed_load(r.op) != Op::Nop) {
        const uint32_t bits = 8U << info(r.op).align;
        const uint32_t all = (1U << bits) - 1;
        if ((mask & all) != all) return false;
    } else if (r.shape == Shape::IntBinary && r.op == Op::I32And && r.b == Loc::Imm) {
        const auto both = static_cast<uint64_t>(int64_t{static_cast<int32_t>(static_cast<uint32_t>(r.imm) & mask)});
        const uint32_t field = r.at + layout::behind(layout::kFirst, r.a);
        if (r.is_imm16 && narrowed(Loc::Imm, both) == Loc::Imm) return false;
        r.imm = both;
        if (r.is_imm16)
            emitter_.set_u16(field, static_cast<uint16_t>(both));
        else
            emitter_.set_i32(field, static_cast<int32_t>(both));
    } else if (!yields_bool(r) || (mask & 1) == 0) {
        return false;
    }
    pop();
    return true;
}

// (x << 24) >> 24 and (x << 16) >> 16.
bool Translator::extend_sign(Op op) {
    const Record shift = records_.back();
    const uint64_t count = top(0).value & 31;
    const bool is_pair = op == Op::I32ShrS && shift.shape == Shape::IntBinary && shift.op == Op::I32Shl &&
                         shift.b == Loc::Imm && (shift.imm & 31) == count && (count == 16 || count == 24);
    if (!is_pair) return false;
    remove_last();
    pop();
    pop();
    Record r;
    const bool follows =
        static_cast<int32_t>(records_.size()) > barrier_ && shift.a == Loc::Acc && records_.back().d == Loc::Acc;
    if (follows && records_.back().shape == Shape::Load && signed_load(records_.back().op) != Op::Nop &&
        8U << info(records_.back().op).align == 32 - count) {
        // The shifted value was just loaded: it is loaded with its sign instead.
        r = records_.back();
        records_.pop_back();
        r.op = signed_load(r.op);
    } else {
        r.shape = Shape::IntUnary;
        r.op = count == 16 ? Op::I32Extend16S : Op::I32Extend8S;
        r.a = shift.a;
        r.xa = shift.xa;
        r.at = emitter_.begin();
        emitter_.operand(r.a, r.xa);
    }
    push_result(kI32, r);
    return true;
}

}  // namespace wasm
