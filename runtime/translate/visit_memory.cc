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
    const uint32_t at = emitter_.emit(bounds_check_handler(a), 32);
    emitter_.u16(at, layout::kD, xa);
    emitter_.u64(at, layout::kExtra, in.memory_offset + bytes);
    if (a == Loc::Imm) emitter_.u64(at, layout::kExtra + 8, static_cast<uint32_t>(address.value));
    note_other(at);
}

// The address has just been computed as a + b, a + constant, or a + (b << constant): one load does it all. The sum wraps
// at 32 bits, as i32.add does.
bool Translator::on_load_of_sum(const Instr& in, ValType result) {
    if (bounds_checks_ || !is_last(top()) || records_.back().shape != Shape::IntBinary || records_.back().op != Op::I32Add) {
        return false;
    }
    const Record sum = records_.back();
    Record r;
    r.op = in.op;
    r.shape = Shape::LoadIndexed;
    r.a = sum.a;
    r.b = sum.b;
    r.xa = sum.xa;
    r.xb = sum.xb;
    remove_last();
    pop();
    uint32_t shift = 0;
    // One of the summands is the shift before, still in the accumulator and used by nothing else.
    if (!records_.empty() && static_cast<int32_t>(records_.size()) > barrier_ && info(in.op).align >= 2 && sum.b != Loc::Imm) {
        const Record shifted = records_.back();
        const bool is_shift = shifted.shape == Shape::IntBinary && shifted.op == Op::I32Shl && shifted.b == Loc::Imm &&
                              shifted.d == Loc::Acc && (sum.a == Loc::Acc || sum.b == Loc::Acc);
        const Loc other = sum.a == Loc::Acc ? sum.b : sum.a;
        if (is_shift && load_scaled_handler(in.op, Loc::Acc, other, shifted.a) != 0) {
            r.a = other;
            if (sum.a == Loc::Acc) r.xa = sum.xb;
            r.b = shifted.a;
            r.xb = shifted.xa;
            r.shape = Shape::LoadScaled;
            shift = static_cast<uint32_t>(shifted.imm) & 31;
            remove_last();
        }
    }
    spill_acc(is_float(result));
    r.at = emitter_.emit(0, 24);
    emitter_.u16(r.at, layout::kA, r.xa);
    emitter_.i32(r.at, layout::kImm32, static_cast<int64_t>(in.memory_offset));
    if (sum.b == Loc::Imm) emitter_.i32(r.at, layout::kExtra, static_cast<int64_t>(sum.imm));
    else emitter_.u16(r.at, layout::kExtra, r.xb);
    if (r.shape == Shape::LoadScaled) emitter_.u16(r.at, layout::kExtra + 2, shift);
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
    r.at = emitter_.emit(0, r.a == Loc::Imm ? 24 : 16);
    if (r.a == Loc::Imm) {
        emitter_.u64(r.at, layout::kExtra, uint64_t{static_cast<uint32_t>(a.value)} + in.memory_offset);
    } else {
        emitter_.u16(r.at, layout::kA, xa);
        emitter_.i32(r.at, layout::kImm32, static_cast<int64_t>(in.memory_offset));
    }
    push_result(result, r);
}

void Translator::on_store(const Instr& in) {
    const auto size = static_cast<uint32_t>(stack_.size());
    const bool fp = is_float(top(0).type);
    const bool address_const = top(1).kind == Operand::Kind::Const;
    if (store_variable(in)) return;
    if (top(0).kind == Operand::Kind::Const && (fp || address_const || !fits_imm32(top(0)))) materialize(size - 1);
    if (bounds_checks_) check_bounds(top(1), in);
    if (!(is_base(top(1)) && top(0).kind == Operand::Kind::Mem)) settle_sources(2);
    const Operand v = pop();
    const Operand a = pop();
    uint32_t xa = 0;
    uint32_t xv = 0;
    const Loc la = location(a, xa);
    const Loc lv = location(v, xv);
    const bool wide = la == Loc::Imm || lv == Loc::Imm;
    const uint32_t at = emitter_.emit(store_handler(in.op, la, lv), wide ? 24 : 16);
    emitter_.u16(at, layout::kD, xa);
    emitter_.u16(at, layout::kA, xv);
    emitter_.i32(at, layout::kImm32, static_cast<int64_t>(in.memory_offset));
    if (la == Loc::Imm) emitter_.u64(at, layout::kExtra, uint64_t{static_cast<uint32_t>(a.value)} + in.memory_offset);
    else if (lv == Loc::Imm) emitter_.i32(at, layout::kExtra, static_cast<int64_t>(v.value));
    note_other(at);
}

// Operands in their homes, one behind the other; results over them.
void Translator::on_in_place(const Instr& in) {
    const OpInfo& op = info(in.op);
    // The two of special signature: table.grow (ref, n) -> i32 and table.fill (i, ref, n) -> ().
    load_variables(0);
    const uint32_t operands = in.op == Op::TableGrow ? 2 : in.op == Op::TableFill ? 3 : static_cast<uint32_t>(op.params.size());
    materialize_top(operands);
    drop_to(static_cast<uint32_t>(stack_.size()) - operands);
    const uint32_t base = home_slot(top_position());
    home_slot(top_position() + operands);
    const uint32_t at = emitter_.emit(in_place_handler(in.op), 32);
    emitter_.u16(at, layout::kD, base);
    emitter_.i32(at, layout::kImm32, int64_t{in.index});
    const bool memarg = op.imm == Imm::MemArg;
    emitter_.u64(at, layout::kExtra, memarg ? in.memory_offset : uint64_t{in.index2});
    note_other(at);
    if (in.op == Op::TableGrow) push_home(kI32);
    if (!op.results.empty()) push_home(facts(in.op).result);
}

void Translator::on_ref_or_table(const Instr& in) {
    uint32_t x = 0;
    uint32_t xv = 0;
    uint32_t at = 0;
    load_variables(0);
    switch (in.op) {
        case Op::RefNull: push(Operand::Kind::Const, in.type, 0); return;
        case Op::RefIsNull:
            pop_slot(x);
            at = emitter_.emit(code_op_handler(CodeOp::RefIsNull), 16);
            emitter_.u16(at, layout::kA, x);
            push_home(kI32);
            break;
        case Op::RefFunc:
            at = emitter_.emit(code_op_handler(CodeOp::RefFunc), 24);
            emitter_.u64(at, layout::kExtra, env_.func(in.index).word);
            push_home(kFuncRef);
            break;
        case Op::MemorySize:
            at = emitter_.emit(code_op_handler(CodeOp::MemorySize), 16);
            emitter_.i32(at, layout::kImm32, int64_t{in.index});
            push_home(kI32);
            break;
        case Op::TableGet:
            pop_slot(x);
            at = emitter_.emit(code_op_handler(CodeOp::TableGet), 24);
            emitter_.u16(at, layout::kA, x);
            emitter_.u64(at, layout::kExtra, env_.table_word(in.index));
            push_home(module_.tables[in.index].type.element);
            break;
        default:  // TableSet
            pop_slot(xv);
            pop_slot(x);
            at = emitter_.emit(code_op_handler(CodeOp::TableSet), 24);
            emitter_.u16(at, layout::kD, x);
            emitter_.u16(at, layout::kA, xv);
            emitter_.u64(at, layout::kExtra, env_.table_word(in.index));
            note_other(at);
            return;
    }
    uint32_t d = 0;
    location(top(), d);
    emitter_.u16(at, layout::kD, d);
    note_other(at);
}

}  // namespace wasm
