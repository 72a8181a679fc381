// SPDX-License-Identifier: Apache-2.0
// Variables in memory as operands. Code that was not optimised keeps its variables there, all addressed by one local,
// the base; an instruction that reads or writes one names it by its offset (Loc::Mem) instead of being fed by a load.
//
// A load that waits to become an operand must not be seen to have waited: it happens before anything that can write
// memory, transfer control, or trap for another reason. Among each other loads may change places; they all trap alike.
#include "isa/op_facts.h"
#include "translate/identities.h"
#include "translate/translator.h"

namespace wasm {

bool Translator::push_variable(const Instr& in) {
    if (bounds_checks_ || !is_base(top()) || !is_variable_load(in)) return false;
    const ValType type = facts(in.op).result;
    pop();
    push(Operand::Kind::Mem, type, in.memory_offset);
    return true;
}

// True: the instruction that made the value writes the variable itself.
bool Translator::store_variable(const Instr& in) {
    if (bounds_checks_) return false;
    if (!is_base(top(1)) || !is_variable_store(in)) {
        load_variables(2);
        return false;
    }
    const uint64_t bytes = uint64_t{1} << info(in.op).align;
    load_overlapping(in.memory_offset, in.memory_offset + bytes, 2);
    if (!is_last(top(0))) return false;
    // Only what writes exactly the bytes to be stored: an i32 may be the half of an i64 result.
    const Record& maker = records_.back();
    const OpInfo& made = info(maker.op);
    const bool typed = maker.shape != Shape::Select && maker.shape != Shape::GlobalGet && !made.results.empty();
    if (!typed || made.results[0] != info(in.op).params[1]) return false;
    if (!retarget(top(0).producer, Loc::Mem, static_cast<uint32_t>(in.memory_offset))) return false;
    pop();
    pop();
    return true;
}

void Translator::load_variable(uint32_t index) {
    Operand& o = stack_[index];
    const bool fp = is_float(o.type);
    if (acc_[fp ? 1 : 0] >= 0 || acc_carrier_[fp ? 1 : 0] >= 0) return materialize(index);
    Record r;
    r.shape = Shape::Load;
    r.op = load_of(o.type);
    r.d = Loc::Acc;
    r.a = Loc::R1;
    r.at = emitter_.begin(handler_of(r));
    emitter_.i32(static_cast<int64_t>(o.value));
    count_read(o, -1);
    o.kind = Operand::Kind::Acc;
    o.value = 0;
    o.producer = add_record(r);
    set_acc(fp, static_cast<int32_t>(index));
}

void Translator::load_variables(uint32_t keep) { load_overlapping(0, ~uint64_t{0}, keep); }

void Translator::load_overlapping(uint64_t begin, uint64_t end, uint32_t keep) {
    if (pending_loads_ == 0) return;
    const auto overlaps = [&](const Operand& o) {
        const uint64_t bytes = o.type == kI32 || o.type == kF32 ? 4 : 8;
        return o.kind == Operand::Kind::Mem && o.value < end && o.value + bytes > begin;
    };
    for (uint32_t i = settled_; i + keep < stack_.size(); ++i) {
        if (overlaps(stack_[i])) materialize(i);
    }
    for (size_t i = copies_.size(); i > 0; --i) {
        if (overlaps(carriers_[copies_[i - 1]].value)) spill_carrier(copies_[i - 1]);
    }
}

// No instruction has both a pinned register and a variable as sources.
void Translator::settle_sources(uint32_t count) {
    if (pending_loads_ == 0) return;
    const auto first = static_cast<uint32_t>(stack_.size()) - count;
    bool pinned = false;
    for (uint32_t i = first; i < stack_.size(); ++i) {
        uint32_t slot = 0;
        pinned = pinned || is_pinned(location(stack_[i], slot));
    }
    for (uint32_t i = first; pinned && i < stack_.size(); ++i) {
        if (stack_[i].kind == Operand::Kind::Mem) load_variable(i);
    }
}

}  // namespace wasm
