// SPDX-License-Identifier: Apache-2.0
// Numeric instructions, locals, globals and select.
#include "translate/identities.h"
#include "translate/translator.h"

namespace wasm {

void Translator::on_int_binary(Op op, ValType result) {
    if (simplify(op)) return;
    if (fuse_mask(op, result) || fuse_shift(op, result)) return;
    // A constant is possible as the second source, rarely as the first.
    bool swap = false;
    if (top(1).kind == Operand::Kind::Const && top(0).kind != Operand::Kind::Const && fits_imm32(top(1))) {
        if (const auto other = swapped(op)) {
            op = *other;
            swap = true;
        }
    }
    const auto size = static_cast<uint32_t>(stack_.size());
    const bool first = takes_const_first(op) && top(0).kind != Operand::Kind::Const && fits_imm32(top(1));
    if (!swap && !first && top(1).kind == Operand::Kind::Const) materialize(size - 2);
    if (top(0).kind == Operand::Kind::Const && !fits_imm32(top(0))) materialize(size - 1);
    if (may_trap(op)) load_variables(2);
    settle_sources(2);
    Operand b = pop();
    Operand a = pop();
    if (swap) std::swap(a, b);
    Record r;
    uint32_t xa = 0;
    uint32_t xb = 0;
    r.shape = Shape::IntBinary;
    r.op = op;
    r.a = location(a, xa);
    r.b = location(b, xb);
    r.xa = static_cast<uint16_t>(xa);
    r.xb = static_cast<uint16_t>(xb);
    r.imm = b.value;
    spill_acc(false);
    r.at = emitter_.begin();
    const Loc encoded = narrowed(r.b, b.value);
    r.is_imm16 = encoded == Loc::Imm16;
    source(r.a, xa, a.value);
    source(encoded, xb, b.value);
    push_result(result, r);
}

// (a << constant) + b, and the like, in either order.
bool Translator::fuse_shift(Op op, ValType result) {
    for (const uint32_t place : {0U, 1U}) {
        const Operand& other = top(1 - place);
        if (!is_last(top(place)) || (other.kind == Operand::Kind::Const && !fits_imm32(other))) continue;
        const Record shift = records_.back();
        if (shift.shape != Shape::IntBinary || shift.b != Loc::Imm) continue;
        Record r;
        uint32_t xb = 0;
        r.shape = Shape::ShiftCombine;
        r.op = op;
        r.shift = shift.op;
        r.d = Loc::Acc;
        r.a = shift.a;
        r.xa = shift.xa;
        r.b = location(other, xb);
        r.xb = static_cast<uint16_t>(xb);
        r.imm = shift.imm;
        if (handler_of(r) == 0) continue;
        const uint64_t constant = other.value;
        remove_last();
        pop();
        pop();
        spill_acc(false);
        r.at = emitter_.begin();
        emitter_.operand(r.a, r.xa);
        source(r.b, r.xb, constant);
        emitter_.u16(static_cast<uint32_t>(r.imm) & 63);
        push_result(result, r);
        return true;
    }
    return false;
}

// (a >> constant) & constant
bool Translator::fuse_mask(Op op, ValType result) {
    if ((op != Op::I32And && op != Op::I64And) || top(0).kind != Operand::Kind::Const || !fits_imm32(top(0)))
        return false;
    if (!is_last(top(1))) return false;
    Record r = records_.back();
    if (r.shape != Shape::IntBinary || r.b != Loc::Imm) return false;
    r.shape = Shape::ShiftMask;
    r.shift = r.op;
    r.op = op;
    if (handler_of(r) == 0) return false;
    const uint64_t mask = top(0).value;
    remove_last();
    pop();
    pop();
    r.at = emitter_.begin();
    emitter_.operand(r.a, r.xa);
    emitter_.u16(static_cast<uint32_t>(r.imm) & 63);
    emitter_.i32(static_cast<int64_t>(mask));
    push_result(result, r);
    return true;
}

// x == 0. Of a comparison that has just been emitted: its opposite.
void Translator::on_eqz(Op op) {
    const Operand& o = top();
    if (is_last(o) && yields_bool(records_.back()) && records_.back().shape == Shape::IntBinary) {
        Record& r = records_.back();
        r.op = opposite(r.op);
        emitter_.set_handler(r.at, handler_of(r));
        return;
    }
    push(Operand::Kind::Const, op == Op::I64Eqz ? kI64 : kI32, 0);
    on_int_binary(op == Op::I64Eqz ? Op::I64Eq : Op::I32Eq, kI32);
}

void Translator::on_unary(Shape shape, Op op, ValType result) {
    if (top().kind == Operand::Kind::Const) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    if (may_trap(op)) load_variables(1);
    const Operand a = pop();
    Record r;
    uint32_t xa = 0;
    r.shape = shape;
    r.op = op;
    r.a = location(a, xa);
    r.xa = static_cast<uint16_t>(xa);
    spill_acc(is_float(result));
    r.at = emitter_.begin();
    emitter_.operand(r.a, xa);
    push_result(result, r);
}

// The low half of an integer is where the whole is: the upper half of an i32 is unspecified.
void Translator::on_wrap() {
    // The upper half of a variable must be there, though nobody wants it.
    if (top().kind == Operand::Kind::Mem) load_variable(static_cast<uint32_t>(stack_.size()) - 1);
    Operand& o = top();
    o.type = kI32;
    if (o.kind == Operand::Kind::Const) o.value = static_cast<uint64_t>(int64_t{static_cast<int32_t>(o.value)});
}

// (a * b) + c, and the like, in either order.
bool Translator::fuse_product(Op op, ValType result) {
    for (const uint32_t place : {0U, 1U}) {
        if (!is_last(top(place))) continue;
        const Record product = records_.back();
        if (product.op != Op::F32Mul && product.op != Op::F64Mul) continue;
        Record r;
        uint32_t xc = 0;
        r.shape = Shape::ProductSum;
        r.op = op;
        r.from = place == 0 && swapped(op) != op;
        r.d = Loc::Acc;
        r.a = product.a;
        r.xa = product.xa;
        r.b = product.b;
        r.xb = product.xb;
        if (r.a > r.b) {
            std::swap(r.a, r.b);
            std::swap(r.xa, r.xb);
        }
        r.c = location(top(1 - place), xc);
        if (handler_of(r) == 0) continue;
        remove_last();
        pop();
        pop();
        r.at = emitter_.begin();
        emitter_.operand(r.a, r.xa);
        emitter_.operand(r.b, r.xb);
        emitter_.operand(r.c, xc);
        push_result(result, r);
        return true;
    }
    return false;
}

void Translator::on_float_binary(Op op, ValType result, bool compare) {
    if (fuse_product(op, result)) return;
    const auto size = static_cast<uint32_t>(stack_.size());
    const bool both = top(0).kind == Operand::Kind::Const;
    const bool swap = top(1).kind == Operand::Kind::Const && !both && swapped(op) == op;
    if (top(1).kind == Operand::Kind::Const && !swap && (both || !takes_const_first(op))) materialize(size - 2);
    settle_sources(2);
    Operand b = pop();
    Operand a = pop();
    if (swap) std::swap(a, b);
    Record r;
    uint32_t xa = 0;
    uint32_t xb = 0;
    r.shape = compare ? Shape::FloatCompare : Shape::FloatBinary;
    r.op = op;
    r.a = location(a, xa);
    r.b = location(b, xb);
    r.xa = static_cast<uint16_t>(xa);
    r.xb = static_cast<uint16_t>(xb);
    r.imm = b.value;
    spill_acc(!compare);
    r.at = emitter_.begin();
    float_source(r.a, xa, a.value);
    float_source(r.b, xb, b.value);
    push_result(result, r);
}

void Translator::on_select(ValType type) {
    if (top().kind == Operand::Kind::Const) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    const Operand condition = pop();
    uint32_t xa = 0;
    uint32_t xb = 0;
    uint32_t xc = 0;
    Record r;
    r.shape = Shape::Select;
    r.a = location(condition, xc);
    r.is_float = is_float(type);
    r.c = pop_local(xb);
    r.b = pop_local(xa);
    spill_acc(r.is_float);
    r.at = emitter_.begin();
    emitter_.operand(r.a, xc);
    emitter_.operand(r.b, xa);
    emitter_.operand(r.c, xb);
    push_result(type, r);
}

void Translator::on_local_set(uint32_t local, bool tee) {
    if (!tee && set_carrier(local)) return;
    const Loc d = pinning_.of(local);
    const uint32_t slot = local_slot(local);
    // The value's own instruction may write the local directly, if no earlier read of the local is pending.
    const bool direct = is_last(top()) && local_refs_[local] == 0 && retarget(top().producer, d, slot);
    if (direct) {
        pop();
    } else {
        const bool itself = top().kind == Operand::Kind::Local && top().value == local;
        if (itself) {
            pop();
        } else {
            Operand o = pop();
            preserve_local(local);
            move_to(o, d, slot);
        }
    }
    if (d != Loc::Slot) emit_pins(false, pinning_.bit_of(local) & pinning_.written_through);
    if (tee) push(Operand::Kind::Local, local_types_[local], local);
}

void Translator::on_global_get(uint32_t index) {
    const GlobalLink g = env_.global(index);
    const ValType type = module_.globals[index].type.type;
    if (refers_to_exception(type)) {
        emit_in_place(code_op_handler(CodeOp::ExceptionGlobalGet), 0, g.slot, g.indirect ? 1 : 0);
        push_home(type);
        return;
    }
    Record r;
    r.shape = Shape::GlobalGet;
    r.is_float = is_float(type);
    r.indirect = g.indirect;
    r.imm = g.slot;
    spill_acc(r.is_float);
    r.at = emitter_.begin();
    emitter_.i32(g.slot);
    push_result(type, r);
}

// local = global + constant; global = local. Or global = local + constant. (A constant is subtracted just as well.)
bool Translator::move_stack_pointer(uint32_t global_slot) {
    const auto is_sum = [](const Record& r) {
        return r.shape == Shape::IntBinary && (r.op == Op::I32Add || r.op == Op::I32Sub) && r.b == Loc::Imm;
    };
    const auto summand = [](const Record& r) {
        const auto n = static_cast<uint32_t>(r.imm);
        return static_cast<int32_t>(r.op == Op::I32Sub ? -n : n);
    };
    const auto emit = [&](HandlerBits handler, const Record& sum, Loc l, uint32_t slot) {
        const uint32_t at = emitter_.begin(handler);
        emitter_.operand(l, slot);
        emitter_.i32(summand(sum));
        emitter_.i32(global_slot);
        note_other(at);
    };
    if (is_last(top())) {
        const Record sum = records_.back();
        if (!is_sum(sum) || global_set_sum_handler(sum.a) == 0) return false;
        remove_last();
        pop();
        load_variables(0);
        emit(global_set_sum_handler(sum.a), sum, sum.a, sum.xa);
        Record& set = records_.back();
        set.shape = Shape::GlobalSetSum;
        set.a = sum.a;
        set.imm = uint64_t{global_slot} << 32 | static_cast<uint32_t>(summand(sum));
        return true;
    }
    // The local may have been written through to its slot since.
    const size_t spill = !records_.empty() && records_.back().shape == Shape::SpillOne ? 1 : 0;
    if (top().kind != Operand::Kind::Local || records_.size() < static_cast<size_t>(barrier_) + 2 + spill) return false;
    const Record sum = records_[records_.size() - 1 - spill];
    const Record get = records_[records_.size() - 2 - spill];
    uint32_t slot = 0;
    const Loc d = location(top(), slot);
    const bool fits = is_sum(sum) && sum.a == Loc::Acc && sum.d == d && (is_pinned(d) || sum.xd == slot) &&
                      get.shape == Shape::GlobalGet && get.d == Loc::Acc && !get.indirect && get.imm == global_slot;
    if (!fits || global_step_handler(d) == 0 || pending_loads_ != 0) return false;
    const uint32_t own_slot = local_slot(top().value);
    for (size_t i = 0; i < 2 + spill; ++i) remove_last();
    pop();
    if (!enter_with_step(d, own_slot, summand(sum), global_slot))
        emit(global_step_handler(d), sum, Loc::Slot, own_slot);
    return true;
}

// The function's first instruction does the step too.
bool Translator::enter_with_step(Loc d, uint32_t own_slot, int32_t summand, uint32_t global_slot) {
    if (d != Loc::R1 || enter_mask_ != 0 || records_.size() != 1 || records_.back().at != enter_at_) return false;
    emitter_.set_handler(enter_at_, enter_step_handler());
    emitter_.u16(own_slot);
    emitter_.i32(summand);
    emitter_.i32(global_slot);
    return true;
}

void Translator::on_global_set(uint32_t index) {
    const GlobalLink g = env_.global(index);
    if (refers_to_exception(module_.globals[index].type.type)) {
        emit_in_place(code_op_handler(CodeOp::ExceptionGlobalSet), 1, g.slot, g.indirect ? 1 : 0);
        return;
    }
    const bool fp = is_float(module_.globals[index].type.type);
    if (module_.globals[index].type.type == kI32 && !g.indirect && move_stack_pointer(g.slot)) return;
    load_variables(1);
    if (top().kind == Operand::Kind::Mem) load_variable(static_cast<uint32_t>(stack_.size()) - 1);
    const Operand& o = top();
    if (o.kind == Operand::Kind::Const && (fp || !fits_imm32(o))) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    const Operand v = pop();
    uint32_t xv = 0;
    const Loc a = location(v, xv);
    const uint32_t at = emitter_.begin(global_set_handler(a, fp, g.indirect));
    source(a, xv, v.value);
    emitter_.i32(g.slot);
    note_other(at);
}

}  // namespace wasm
