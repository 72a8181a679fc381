// SPDX-License-Identifier: Apache-2.0
// Emitted instructions that may still change: a result goes to the accumulator provisionally and is redirected to a
// local or to its home if the next instructions want it there.
#include "translate/translator.h"

namespace wasm {

HandlerBits Translator::handler_of(const Record& r) const {
    switch (r.shape) {
        case Shape::IntUnary: return int_unary_handler(r.op, r.d, r.a);
        case Shape::IntBinary: return int_binary_handler(r.op, r.d, r.a, r.b);
        case Shape::FloatUnary: return float_unary_handler(r.op, r.d, r.a);
        case Shape::FloatBinary: return float_binary_handler(r.op, r.d, r.a, r.b);
        case Shape::FloatCompare: return float_compare_handler(r.op, r.d, r.a, r.b);
        case Shape::Convert: return convert_handler(r.op, r.d, r.a);
        case Shape::Load: return load_handler(r.op, r.d, r.a);
        case Shape::LoadIndexed: return load_indexed_handler(r.op, r.d, r.a, r.b);
        case Shape::LoadScaled: return load_scaled_handler(r.op, r.d, r.a, r.b);
        case Shape::ShiftCombine: return shift_combine_handler(r.op, r.shift, r.d, r.a, r.b);
        case Shape::ShiftMask: return shift_mask_handler(r.shift, r.d, r.a);
        case Shape::Select: return r.is_float ? float_select_handler(r.d, r.a) : select_handler(r.d, r.a, r.b, r.c);
        case Shape::Move:
        case Shape::SlotMove: return move_handler(r.d, r.a);
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

bool Translator::retarget(int32_t record, Loc d, uint32_t slot) {
    Record changed = records_[static_cast<size_t>(record)];
    changed.d = d;
    const HandlerBits handler = handler_of(changed);
    if (handler == 0) return false;
    records_[static_cast<size_t>(record)].d = d;
    records_[static_cast<size_t>(record)].xd = static_cast<uint16_t>(slot);
    emitter_.set_handler(changed.at, handler);
    emitter_.u16(changed.at, layout::kD, slot);
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
