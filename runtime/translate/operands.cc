// SPDX-License-Identifier: Apache-2.0
// The simulated operand stack: where each value is, and moving it home.
//
// Invariants: at most one operand per register class is in the accumulator (acc_). An operand of kind Local is a read
// that has not happened yet, so its local must not be written before it is materialized; likewise Mem. Operands below
// settled_ are in their homes, which bounds every scan by kMaxLazy and keeps translation linear.
#include "translate/identities.h"
#include "translate/translator.h"

namespace wasm {

namespace {
constexpr uint32_t kMaxLazy = 64;
}  // namespace

uint32_t Translator::home_slot(uint32_t position) {
    if (position + 2 > max_position_) max_position_ = position + 2;
    return first_home_ + position;
}

uint32_t Translator::top_position() const {
    return stack_.empty() ? 0 : stack_.back().position + stack_.back().type.slots();
}

void Translator::push(Operand::Kind kind, ValType type, uint64_t value, int32_t producer) {
    Operand o;
    o.kind = kind;
    o.type = type;
    o.position = top_position();
    o.value = value;
    o.producer = producer;
    home_slot(o.position);
    stack_.push_back(o);
    count_read(o, 1);
    if (kind == Operand::Kind::Acc) set_acc(is_float(type), static_cast<int32_t>(stack_.size()) - 1);
    settle_deep();
}

// Operands far below the top are moved home early.
void Translator::settle_deep() {
    while (stack_.size() - settled_ > kMaxLazy) materialize(settled_++);
}

// `o` begins (+1) or ceases (-1) to be a pending read of a local or of memory.
void Translator::count_read(const Operand& o, int by) {
    if (o.kind == Operand::Kind::Local) local_refs_[o.value] += static_cast<uint32_t>(by);
    if (o.kind != Operand::Kind::Mem) return;
    local_refs_[pinning_.base] += static_cast<uint32_t>(by);
    pending_loads_ += static_cast<uint32_t>(by);
}

Translator::Operand Translator::pop() {
    const Operand o = stack_.back();
    stack_.pop_back();
    count_read(o, -1);
    if (o.kind == Operand::Kind::Acc) set_acc(is_float(o.type), -1);
    if (settled_ > stack_.size()) settled_ = static_cast<uint32_t>(stack_.size());
    return o;
}

void Translator::drop_to(uint32_t height) {
    while (stack_.size() > height) pop();
}

Loc Translator::location(const Operand& o, uint32_t& slot) {
    slot = 0;
    switch (o.kind) {
        case Operand::Kind::Local: {
            const Loc pin = pinning_.of(o.value);
            if (pin == Loc::Slot) slot = local_slot(o.value);
            return pin;
        }
        case Operand::Kind::Acc: return Loc::Acc;
        case Operand::Kind::Const: return Loc::Imm;
        case Operand::Kind::Mem: slot = static_cast<uint32_t>(o.value); return Loc::Mem;
        case Operand::Kind::Home: break;
    }
    slot = home_slot(o.position);
    return Loc::Slot;
}

bool Translator::fits_imm32(const Operand& o) {
    const auto v = static_cast<int64_t>(o.value);
    return v == static_cast<int32_t>(v);
}

void Translator::spill_acc(bool fp) {
    const int32_t index = acc_[fp ? 1 : 0];
    if (index >= 0) spill(static_cast<uint32_t>(index));
    const int64_t carrier = acc_carrier_[fp ? 1 : 0];
    if (carrier >= 0) spill_carrier(static_cast<uint32_t>(carrier));
}

void Translator::spill(uint32_t index) {
    Operand& o = stack_[index];
    if (o.kind != Operand::Kind::Acc) return;
    const uint32_t home = home_slot(o.position);
    if (o.producer < 0 || !retarget(o.producer, Loc::Slot, home)) {
        move_to(o, Loc::Slot, home);
    }
    set_acc(is_float(o.type), -1);
    o.kind = Operand::Kind::Home;
    o.producer = -1;
}

void Translator::materialize(uint32_t index) {
    Operand& o = stack_[index];
    if (o.kind == Operand::Kind::Home) return;
    if (o.kind == Operand::Kind::Acc) return spill(index);
    move_to(o, Loc::Slot, home_slot(o.position));
    count_read(o, -1);
    o.kind = Operand::Kind::Home;
    o.producer = -1;
}

void Translator::materialize_top(uint32_t count) {
    for (uint32_t i = count; i > 0; --i) materialize(static_cast<uint32_t>(stack_.size()) - i);
}

void Translator::flush() {
    for (uint32_t i = settled_; i < stack_.size(); ++i) {
        materialize(i);
        stack_[i].producer = -1;
    }
    settled_ = static_cast<uint32_t>(stack_.size());
    // Carriers are not read behind a label; constants among them may stay.
    spill_acc(false);
    spill_acc(true);
    while (!copies_.empty()) spill_carrier(copies_.back());
}

void Translator::preserve_local(uint64_t local) {
    if (local_refs_[local] == 0) return;
    for (uint32_t i = settled_; i < stack_.size(); ++i) {
        const Operand& o = stack_[i];
        if ((o.kind == Operand::Kind::Local && o.value == local) ||
            (o.kind == Operand::Kind::Mem && local == pinning_.base)) {
            materialize(i);
        }
    }
    spill_carriers_of(local);
}

Translator::Operand Translator::pop_slot(uint32_t& slot) {
    const Operand& t = stack_.back();
    const bool in_slot =
        t.kind == Operand::Kind::Home || (t.kind == Operand::Kind::Local && pinning_.of(t.value) == Loc::Slot);
    if (!in_slot) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    const Operand o = pop();
    location(o, slot);
    return o;
}

Loc Translator::pop_local(uint32_t& slot) {
    const bool may_stay = top().kind == Operand::Kind::Local && !is_float(top().type);
    return location(may_stay ? pop() : pop_slot(slot), slot);
}

// A move between locals of the integer class, or between slots. Two in a row become one instruction.
void Translator::move_local(Loc d, uint32_t to, Loc a, uint32_t from) {
    if (static_cast<int32_t>(records_.size()) > barrier_ && records_.back().shape == Shape::SlotMove) {
        Record& first = records_.back();
        emitter_.set_handler(first.at, move_two_handler(first.d, first.a, d, a));
        emitter_.operand(a, from);
        emitter_.operand(d, to);
        first.shape = Shape::Other;
        return;
    }
    Record r;
    r.shape = Shape::SlotMove;
    r.d = d;
    r.a = a;
    r.xd = static_cast<uint16_t>(to);
    r.xa = static_cast<uint16_t>(from);
    r.at = emitter_.begin(move_handler(d, a));
    emitter_.operand(a, from);
    emitter_.operand(d, to);
    add_record(r);
}

// Copies the value of `o` without changing where it is thought to be.
void Translator::move_to(const Operand& o, Loc d, uint32_t slot) {
    const bool fp = is_float(o.type);
    uint32_t from = 0;
    Record r;
    if (o.kind == Operand::Kind::Mem) {
        const uint32_t at = emitter_.begin(load_handler(load_of(o.type), d, Loc::R1));
        emitter_.i32(static_cast<int64_t>(o.value));
        emitter_.operand(d, slot);
        note_other(at);
        return;
    }
    r.d = d;
    r.a = location(o, from);
    r.xa = static_cast<uint16_t>(from);
    if (o.kind == Operand::Kind::Const) {
        // In a slot a float is bits like any other.
        const bool float_register = fp && d != Loc::Slot;
        if (float_register || !fits_imm32(o)) {
            r.shape = float_register ? Shape::FloatConst : Shape::Const;
            r.imm = o.value;
        } else {
            r.shape = Shape::Move;
        }
    } else {
        const bool both_slots = d == Loc::Slot && r.a == Loc::Slot;
        r.shape = fp && !both_slots ? Shape::FloatMove : Shape::Move;
    }
    if (r.shape == Shape::Move && r.a != Loc::Acc && r.a != Loc::Imm && d != Loc::Acc)
        return move_local(d, slot, r.a, from);
    const Loc encoded = narrowed(r.a, o.value);
    r.is_imm16 = r.shape == Shape::Move && encoded == Loc::Imm16;
    r.at = emitter_.begin(handler_of(r));
    if (r.shape == Shape::Const || r.shape == Shape::FloatConst)
        emitter_.u64(o.value);
    else
        source(encoded, from, o.value);
    emitter_.operand(d, slot);
    // Only what may still be made part of a branch is worth remembering.
    if (r.shape == Shape::Move && r.a == Loc::Acc) {
        r.xd = static_cast<uint16_t>(slot);
        add_record(r);
    } else {
        note_other(r.at);
    }
}

}  // namespace wasm
