// SPDX-License-Identifier: Apache-2.0
// Calls. Arguments go to their homes, which are the first slots of the callee's frame; a single result comes back in
// the accumulator, several over the arguments. The accumulators and pinned registers do not survive a call.
#include "translate/translator.h"

#include <algorithm>
#include <bit>

namespace wasm {

// The slots of pinned registers: the end of an instruction.
void Translator::append_pins(unsigned mask) {
    for (uint32_t k = 0; k < 3; ++k) {
        if ((mask >> k & 1) != 0) emitter_.u16(local_slot(pinning_.ints[k]));
    }
    for (uint32_t k = 0; k < 3; ++k) {
        if ((mask >> (3 + k) & 1) != 0) emitter_.u16(local_slot(pinning_.floats[k]));
    }
}

void Translator::emit_pins(bool reload, unsigned mask) {
    if (mask == 0) return;
    Record r;
    r.at = emitter_.begin(reload ? reload_handler(mask) : spill_handler(mask));
    append_pins(mask);
    if (std::has_single_bit(mask) && !reload) r.shape = Shape::SpillOne;
    add_record(r);
}

// Moves the arguments, which are on top of the stack, to their homes, and pops them.
uint32_t Translator::stage_arguments(const FuncType& type) {
    const auto n = static_cast<uint32_t>(type.params.size());
    load_variables(n);
    spill_acc(false);
    spill_acc(true);
    materialize_top(n);
    drop_to(static_cast<uint32_t>(stack_.size()) - n);
    // Room for the results, and for the link behind the arguments.
    uint32_t slots = 2;
    for (const ValType t : type.params) slots += t.slots();
    uint32_t result_slots = 0;
    for (const ValType t : type.results) result_slots += t.slots();
    home_slot(top_position() + std::max(slots, result_slots));
    return home_slot(top_position());
}

void Translator::push_call_results(const FuncType& type) {
    if (type.results.size() == 1) {
        push(Operand::Kind::Acc, type.results[0]);
        return;
    }
    for (const ValType t : type.results) push_home(t);
}

void Translator::on_call(uint32_t func_index) {
    const FuncType& callee_type = module_.func_type(func_index);
    const FuncLink callee = env_.func(func_index);
    if (callee.returns_twice) materialize_top(static_cast<uint32_t>(stack_.size()));
    const uint32_t delta = stage_arguments(callee_type);
    uint32_t param_slots = 0;
    for (const ValType t : callee_type.params) param_slots += t.slots();
    const bool host = callee.kind == FuncLink::Kind::Host;
    const bool same = callee.kind == FuncLink::Kind::Same;
    if (!host && !same) spill_pins();
    const unsigned spilled = same ? pinning_.mask() & ~pinning_.written_through : 0;
    const HandlerBits handler =
        same ? call_handler(spilled) : code_op_handler(host ? CodeOp::CallHost : CodeOp::CallOther);
    const uint32_t at = emitter_.begin(handler);
    emitter_.u16(delta);
    emitter_.u16(delta + param_slots);
    emitter_.u64(callee.word);
    append_pins(spilled);
    note_other(at);
    if (callee.returns_twice) {
        const bool has_refs =
            std::any_of(stack_.begin(), stack_.end(), [](const Operand& o) { return o.type.is_ref(); });
        jump_sites_.push_back({refer(), home_slot(0), top_position(), has_refs});
    }
    if (!host) reload_pins();
    push_call_results(callee_type);
    barrier();
}

void Translator::on_call_indirect(uint32_t type_index, uint32_t table) {
    const FuncType& callee_type = module_.types[type_index];
    // The index is read by the call itself: it must not be in a register that staging arguments may need.
    if (top().kind != Operand::Kind::Local) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    const Operand index = pop();
    uint32_t xi = 0;
    const Loc li = location(index, xi);
    const uint32_t delta = stage_arguments(callee_type);
    uint32_t param_slots = 0;
    for (const ValType t : callee_type.params) param_slots += t.slots();
    // The index may stand where the callee's link goes: it is read before the link is written.
    spill_pins();
    const uint32_t at = emitter_.begin(call_indirect_handler(li));
    emitter_.u16(delta);
    emitter_.u16(delta + param_slots);
    emitter_.i32(int64_t{static_cast<int32_t>(env_.canonical_type(type_index))});
    emitter_.u64(env_.table_word(table));
    emitter_.operand(li, xi);
    note_other(at);
    reload_pins();
    push_call_results(callee_type);
    barrier();
}

// The callee takes the place of this frame: arguments are moved to its bottom, the link behind them.
void Translator::on_tail_call(const Instr& in) {
    const bool indirect = in.op == Op::ReturnCallIndirect;
    const FuncType& callee_type = indirect ? module_.types[in.index] : module_.func_type(in.index);
    uint32_t xi = 0;
    if (indirect) {
        pop_slot(xi);
    } else if (env_.func(in.index).kind != FuncLink::Kind::Same) {
        // A host function or one of another instance: there is no frame of ours to take over.
        on_call(in.index);
        on_return();
        go_dead();
        return;
    }
    const uint32_t first = stage_arguments(callee_type);
    const uint32_t at = emitter_.begin(code_op_handler(indirect ? CodeOp::TailCallIndirect : CodeOp::TailCall));
    emitter_.u16(first);
    emitter_.u16(link_slot_);
    if (indirect) {
        emitter_.i32(int64_t{static_cast<int32_t>(env_.canonical_type(in.index))});
        emitter_.u64(env_.table_word(in.index2));
        emitter_.u16(xi);
    } else {
        emitter_.u64(env_.func(in.index).word);
    }
    note_other(at);
    go_dead();
}

}  // namespace wasm
