// SPDX-License-Identifier: Apache-2.0
// Loads and stores, in-place operations (bulk memory, atomics), references and tables.
#include "isa/op_facts.h"
#include "translate/translator.h"

namespace wasm {

// Where no reservation catches wild addresses, an explicit check goes before each access.
void Translator::check_bounds(const Operand& address, const Instr& in) {
    uint32_t xa = 0;
    const Loc a = location(address, xa);
    const uint64_t bytes = uint64_t{1} << info(in.op).align;
    const uint32_t at = emitter_.begin(bounds_check_handler(a));
    if (a == Loc::Imm)
        emitter_.u64(static_cast<uint32_t>(address.value));
    else
        emitter_.operand(a, xa);
    emitter_.u64(in.memory_offset + bytes);
    note_other(at);
}

// The address has just been computed as a + b, a + constant, or a + (b << constant): one load does it all. The sum
// wraps at 32 bits, as i32.add does.
bool Translator::on_load_of_sum(const Instr& in, ValType result) {
    if (bounds_checks_ || !is_last(top()) || records_.back().op != Op::I32Add) return false;
    const Record sum = records_.back();
    const bool scaled = sum.shape == Shape::ShiftCombine && sum.shift == Op::I32Shl;
    if (scaled ? sum.b == Loc::Imm : sum.shape != Shape::IntBinary) return false;
    // The shifted summand is the second of a load, the first of a sum.
    if (scaled && (info(in.op).align < 2 || load_scaled_handler(in.op, Loc::Acc, sum.b, sum.a) == 0)) return false;
    Record r;
    r.op = in.op;
    r.shape = scaled ? Shape::LoadScaled : Shape::LoadIndexed;
    r.a = scaled ? sum.b : sum.a;
    r.b = scaled ? sum.a : sum.b;
    r.xa = scaled ? sum.xb : sum.xa;
    r.xb = scaled ? sum.xa : sum.xb;
    remove_last();
    pop();
    spill_acc(is_float(result));
    r.at = emitter_.begin();
    emitter_.operand(r.a, r.xa);
    source(r.b, r.xb, sum.imm);
    if (scaled) emitter_.u16(static_cast<uint32_t>(sum.imm) & 31);
    emitter_.i32(static_cast<int64_t>(in.memory_offset));
    push_result(result, r);
    return true;
}

void Translator::on_load(const Instr& in) {
    const ValType result = facts(in.op).result;
    const bool fp = is_float(result);
    if (push_variable(in)) return;
    if (on_load_of_sum(in, result)) return;
    Record r;
    r.op = in.op;
    if (bounds_checks_) check_bounds(top(), in);
    const Operand a = pop();
    uint32_t xa = 0;
    r.shape = Shape::Load;
    r.a = location(a, xa);
    spill_acc(fp);
    r.at = emitter_.begin();
    if (r.a == Loc::Imm) {
        emitter_.u64(uint64_t{static_cast<uint32_t>(a.value)} + in.memory_offset);
    } else {
        emitter_.operand(r.a, xa);
        emitter_.i32(static_cast<int64_t>(in.memory_offset));
    }
    push_result(result, r);
}

// The address has just been computed as a + b or a + (b << constant), after the value: the store does it all.
bool Translator::store_to_sum(const Instr& in) {
    if (bounds_checks_ || !is_last(top(1)) || records_.back().op != Op::I32Add) return false;
    const Record sum = records_.back();
    const bool scaled = sum.shape == Shape::ShiftCombine && sum.shift == Op::I32Shl;
    if ((!scaled && sum.shape != Shape::IntBinary) || sum.b == Loc::Imm) return false;
    if (top(0).kind == Operand::Kind::Const && !fits_imm32(top(0))) return false;
    uint32_t xv = 0;
    const Loc v = location(top(0), xv);
    const HandlerBits handler =
        scaled ? store_scaled_handler(in.op, sum.b, sum.a, v) : store_indexed_handler(in.op, sum.a, sum.b, v);
    if (handler == 0) return false;
    const Operand value = pop();
    pop();
    remove_last();
    const uint32_t at = emitter_.begin(handler);
    emitter_.operand(scaled ? sum.b : sum.a, scaled ? sum.xb : sum.xa);
    emitter_.operand(scaled ? sum.a : sum.b, scaled ? sum.xa : sum.xb);
    source(v, xv, value.value);
    if (scaled) emitter_.u16(static_cast<uint32_t>(sum.imm) & 31);
    emitter_.i32(static_cast<int64_t>(in.memory_offset));
    note_other(at);
    return true;
}

void Translator::on_store(const Instr& in) {
    const auto size = static_cast<uint32_t>(stack_.size());
    const bool fp = is_float(top(0).type);
    const bool address_const = top(1).kind == Operand::Kind::Const;
    if (store_variable(in) || store_to_sum(in)) return;
    if (top(0).kind == Operand::Kind::Const && (fp || address_const || !fits_imm32(top(0)))) materialize(size - 1);
    if (bounds_checks_) check_bounds(top(1), in);
    if (!(is_base(top(1)) && top(0).kind == Operand::Kind::Mem)) settle_sources(2);
    const Operand v = pop();
    const Operand a = pop();
    uint32_t xa = 0;
    uint32_t xv = 0;
    const Loc la = location(a, xa);
    const Loc lv = narrowed(location(v, xv), v.value);
    const uint32_t at = emitter_.begin(store_handler(in.op, la, lv));
    if (la == Loc::Imm)
        emitter_.u64(uint64_t{static_cast<uint32_t>(a.value)} + in.memory_offset);
    else
        emitter_.operand(la, xa);
    source(lv, xv, v.value);
    if (la != Loc::Imm) emitter_.i32(static_cast<int64_t>(in.memory_offset));
    note_other(at);
}

// Operands in their homes, one after the other; a result over them.
void Translator::emit_in_place(HandlerBits handler, uint32_t operands, uint32_t index, uint64_t extra) {
    load_variables(0);
    materialize_top(operands);
    drop_to(static_cast<uint32_t>(stack_.size()) - operands);
    const uint32_t base = home_slot(top_position());
    home_slot(top_position() + operands);
    const uint32_t at = emitter_.begin(handler);
    emitter_.u16(base);
    emitter_.i32(int64_t{index});
    emitter_.u64(extra);
    note_other(at);
}

void Translator::on_in_place(const Instr& in) {
    const OpInfo& op = info(in.op);
    // The two of special signature: table.grow (ref, n) -> i32 and table.fill (i, ref, n) -> ().
    const uint32_t operands = in.op == Op::TableGrow   ? 2
                              : in.op == Op::TableFill ? 3
                                                       : static_cast<uint32_t>(op.params.size());
    emit_in_place(in_place_handler(in.op), operands, in.index, op.imm == Imm::MemArg ? in.memory_offset : in.index2);
    if (in.op == Op::TableGrow) push_home(kI32);
    if (!op.results.empty()) push_home(facts(in.op).result);
}

bool Translator::on_exception_table(const Instr& in) {
    const ValType element = module_.tables[in.index].type.element;
    if (!refers_to_exception(element)) return false;
    if (in.op == Op::TableGet) {
        emit_in_place(code_op_handler(CodeOp::ExceptionTableGet), 1, in.index, 0);
        push_home(element);
    } else {
        emit_in_place(code_op_handler(CodeOp::ExceptionTableSet), 2, in.index, 0);
    }
    return true;
}

void Translator::on_ref_or_table(const Instr& in) {
    uint32_t x = 0;
    uint32_t xv = 0;
    uint32_t at = 0;
    if ((in.op == Op::TableGet || in.op == Op::TableSet) && on_exception_table(in)) return;
    load_variables(0);
    switch (in.op) {
        case Op::RefNull: push(Operand::Kind::Const, in.type, 0); return;
        case Op::RefIsNull:
            pop_slot(x);
            at = emitter_.begin(code_op_handler(CodeOp::RefIsNull));
            emitter_.u16(0);
            emitter_.u16(x);
            push_home(kI32);
            break;
        case Op::RefFunc:
            at = emitter_.begin(code_op_handler(CodeOp::RefFunc));
            emitter_.u16(0);
            emitter_.u64(env_.func(in.index).word);
            push_home(kFuncRef);
            break;
        case Op::MemorySize:
            at = emitter_.begin(code_op_handler(CodeOp::MemorySize));
            emitter_.u16(0);
            emitter_.i32(int64_t{in.index});
            push_home(kI32);
            break;
        case Op::TableGet:
            pop_slot(x);
            at = emitter_.begin(code_op_handler(CodeOp::TableGet));
            emitter_.u16(0);
            emitter_.u16(x);
            emitter_.u64(env_.table_word(in.index));
            push_home(module_.tables[in.index].type.element);
            break;
        default:  // TableSet
            pop_slot(xv);
            pop_slot(x);
            at = emitter_.begin(code_op_handler(CodeOp::TableSet));
            emitter_.u16(x);
            emitter_.u16(xv);
            emitter_.u64(env_.table_word(in.index));
            note_other(at);
            return;
    }
    uint32_t d = 0;
    location(top(), d);
    emitter_.set_u16(at + layout::kFirst, d);
    note_other(at);
}

}  // namespace wasm
