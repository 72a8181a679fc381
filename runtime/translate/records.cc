// SPDX-License-Identifier: Apache-2.0
// Emitted instructions that may still change: a result goes to the accumulator provisionally and is redirected to a
// local or to its home if the next instructions want it there.
#include "translate/translator.h"

#include <cassert>

namespace wasm {

HandlerBits Translator::handler_of(const Record& r) const {
    switch (r.shape) {
        case Shape::IntUnary: return int_unary_handler(r.op, r.d, r.a);
        case Shape::IntBinary: return int_binary_handler(r.op, r.d, r.a, r.is_imm16 ? Loc::Imm16 : r.b);
        case Shape::FloatUnary: return float_unary_handler(r.op, r.d, r.a);
        case Shape::FloatBinary: return float_binary_handler(r.op, r.d, r.a, r.b);
        case Shape::FloatCompare: return float_compare_handler(r.op, r.d, r.a, r.b);
        case Shape::Convert: return convert_handler(r.op, r.d, r.a);
        case Shape::Load: return load_handler(r.op, r.d, r.a);
        case Shape::LoadIndexed: return load_indexed_handler(r.op, r.d, r.a, r.b);
        case Shape::LoadScaled: return load_scaled_handler(r.op, r.d, r.a, r.b);
        case Shape::ShiftCombine: return shift_combine_handler(r.op, r.shift, r.d, r.a, r.b);
        case Shape::ProductSum: return product_sum_handler(r.op, r.from, r.d, r.a, r.b, r.c);
        case Shape::ShiftMask: return shift_mask_handler(r.shift, r.d, r.a);
        case Shape::Select: return r.is_float ? float_select_handler(r.d, r.a) : select_handler(r.d, r.a, r.b, r.c);
        case Shape::Move:
        case Shape::SlotMove: return move_handler(r.d, r.is_imm16 ? Loc::Imm16 : r.a);
        case Shape::FloatMove: return float_move_handler(r.d, r.a);
        case Shape::Const: return const_handler(r.d);
        case Shape::FloatConst: return float_const_handler(r.d);
        case Shape::GlobalGet: return global_get_handler(r.d, r.is_float, r.indirect);
        case Shape::GlobalSetSum:
        case Shape::Other:
        case Shape::SpillOne: break;
    }
    return 0;
}

bool Translator::yields_bool(const Record& r) {
    return r.shape == Shape::FloatCompare || (r.shape == Shape::IntBinary && info(r.op).family == Family::IntCompare);
}

int32_t Translator::add_record(const Record& r) {
    records_.push_back(r);
    return static_cast<int32_t>(records_.size()) - 1;
}

// The result of an instruction, which is in the accumulator so far, goes to d instead. That may need a field, behind
// which everything moves, unless something refers to a place there.
bool Translator::retarget(int32_t record, Loc d, uint32_t slot) {
    const auto index = static_cast<size_t>(record);
    Record& r = records_[index];
    assert(r.d == Loc::Acc);
    const bool is_newest = index + 1 == records_.size();
    const uint32_t field = is_newest ? emitter_.here() : records_[index + 1].at;
    const bool needs_field = layout::width(d, 0) != 0;
    if (needs_field && field <= referred_to_) return false;
    r.d = d;
    const HandlerBits handler = handler_of(r);
    if (handler == 0) {
        r.d = Loc::Acc;
        return false;
    }
    r.xd = static_cast<uint16_t>(slot);
    emitter_.set_handler(r.at, handler);
    if (!needs_field) return true;
    emitter_.insert_u16(field, slot);
    for (size_t i = index + 1; i < records_.size(); ++i) records_[i].at += 2;
    return true;
}

bool Translator::is_last(const Operand& o) const {
    return o.kind == Operand::Kind::Acc && o.producer >= 0 && o.producer == static_cast<int32_t>(records_.size()) - 1 &&
           o.producer >= barrier_;
}

void Translator::remove_last() {
    emitter_.truncate(records_.back().at);
    records_.pop_back();
}

void Translator::push_result(ValType type, Record r) {
    r.d = Loc::Acc;
    emitter_.set_handler(r.at, handler_of(r));
    const int32_t id = add_record(r);
    push(Operand::Kind::Acc, type, 0, id);
}

}  // namespace wasm
