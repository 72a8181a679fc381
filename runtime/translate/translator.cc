// SPDX-License-Identifier: Apache-2.0
// One function: its frame, its instructions, its code.
//
// Frame, in 8-byte slots from fp: parameters | return pc, caller's fp | other locals | operand homes and the frames of
// callees. A caller's outgoing arguments are the callee's parameters in place.
#include "translate/translator.h"

#include "isa/op_facts.h"

#include <algorithm>

namespace wasm {

namespace {
constexpr uint32_t kMaxFrameSlots = 65535;  // what a u16 operand can name
}  // namespace

Translator::Translator(const TranslateEnv& env,
                       uint32_t func_index,
                       const std::vector<LocalGroup>& locals,
                       const LocalUses& uses)
    : env_(env),
      module_(env.module()),
      type_(module_.func_type(func_index)),
      uses_(uses),
      bounds_checks_(!module_.memories.empty() && env.bounds_checks()) {
    // Typical sizes: growing step by step would copy everything several times.
    const size_t bytes = module_.body(func_index).code.size();
    emitter_.reserve(bytes * 3);
    records_.reserve(bytes / 4);
    stack_.reserve(16);
    control_.reserve(16);
    local_types_ = type_.params;
    for (const LocalGroup& group : locals) local_types_.insert(local_types_.end(), group.count, group.type);
    local_refs_.assign(local_types_.size(), 0);
    pinning_ = choose_pins(uses_, local_types_);
    // What a setjmp returns to a second time must find every value where it was the first time.
    const auto is_carrier = [](const LocalUse& use) { return use.is_carrier; };
    if (!uses_.calls_returning_twice && std::any_of(uses_.locals.begin(), uses_.locals.end(), is_carrier)) {
        carriers_.resize(local_types_.size());
    }
    const uint32_t first_zeroed = place_locals();
    const uint32_t zeroed = zero_end_ - first_zeroed;
    const unsigned mask = enter_mask_ = pinning_.live_at_entry(uses_, type_.params.size());
    enter_at_ = emitter_.begin(enter_handler(mask));
    emitter_.u16(first_zeroed);
    emitter_.u16(zeroed);
    emitter_.i32(0);  // the frame's size: finish() knows it
    append_pins(mask);
    note_other(enter_at_);
    Control body;
    body.kind = Control::Kind::Func;
    body.params = &kNoTypes;
    body.results = &type_.results;
    control_.push_back(std::move(body));
    barrier();
}

// Parameters, link, locals that start as zero, all others. Returns the first slot to clear; zero_end_ is behind the
// last.
uint32_t Translator::place_locals() {
    local_slots_.resize(local_types_.size());
    uint32_t next = 0;
    const auto params = static_cast<uint32_t>(type_.params.size());
    const auto place = [&](uint32_t i) {
        local_slots_[i] = next;
        next += local_types_[i].slots();
    };
    for (uint32_t i = 0; i < params; ++i) place(i);
    link_slot_ = next;
    next += 2;
    const uint32_t first_zeroed = next;
    if (uses_.calls_returning_twice) serial_slot_ = next++;
    for (const bool zero : {true, false}) {
        for (uint32_t i = params; i < local_types_.size(); ++i) {
            if (uses_.locals[i].needs_zero == zero) place(i);
        }
        if (zero) zero_end_ = next;
    }
    first_home_ = next;
    return first_zeroed;
}

std::unique_ptr<const Code> Translator::finish() {
    const uint64_t frame = uint64_t{first_home_} + max_position_;
    if (frame > kMaxFrameSlots) return nullptr;
    emitter_.set_i32(enter_at_ + layout::kFrame, static_cast<int64_t>(frame));
    auto code = std::make_unique<Code>();
    code->size = emitter_.here();
    code->bytes = std::make_unique<uint8_t[]>(code->size);
    std::copy(emitter_.bytes().begin(), emitter_.bytes().end(), code->bytes.get());
    code->frame_slots = static_cast<uint32_t>(frame);
    code->link_slot = link_slot_;
    code->serial_slot = serial_slot_;
    code->regions = std::move(regions_);
    code->jump_sites = std::move(jump_sites_);
    return code;
}

void Translator::on(const Instr& in) {
    if (control_.empty()) return;
    if (dead_) return on_dead(in);
    if (on_control(in)) return;
    const OpInfo& op = info(in.op);
    const ValType result = facts(in.op).result;
    switch (op.family) {
        case Family::IntBinary: on_int_binary(in.op, result); return;
        case Family::IntCompare: on_int_binary(in.op, kI32); return;
        case Family::IntEqz: on_eqz(in.op); return;
        case Family::IntUnary:
            if (in.op == Op::I32WrapI64)
                on_wrap();
            else
                on_unary(Shape::IntUnary, in.op, result);
            return;
        case Family::FloatUnary: on_unary(Shape::FloatUnary, in.op, result); return;
        case Family::FloatBinary: on_float_binary(in.op, result, false); return;
        case Family::FloatCompare: on_float_binary(in.op, kI32, true); return;
        case Family::IntToFloat:
        case Family::FloatToInt: on_unary(Shape::Convert, in.op, result); return;
        case Family::Load: on_load(in); return;
        case Family::Store: on_store(in); return;
        case Family::InPlace: on_in_place(in); return;
        case Family::Special: break;
    }
    switch (in.op) {
        case Op::Nop: return;
        case Op::Drop:
            if (top().kind == Operand::Kind::Mem) load_variable(static_cast<uint32_t>(stack_.size()) - 1);
            pop();
            return;
        case Op::Select: on_select(top(1).type); return;
        case Op::SelectTyped: on_select(in.types[0]); return;
        case Op::LocalGet:
            if (!get_carrier(in.index)) push(Operand::Kind::Local, local_types_[in.index], in.index);
            return;
        case Op::LocalSet: on_local_set(in.index, false); return;
        case Op::LocalTee: on_local_set(in.index, true); return;
        case Op::GlobalGet: on_global_get(in.index); return;
        case Op::GlobalSet: on_global_set(in.index); return;
        case Op::I32Const: push(Operand::Kind::Const, kI32, in.bits); return;
        case Op::I64Const: push(Operand::Kind::Const, kI64, in.bits); return;
        case Op::F32Const: push(Operand::Kind::Const, kF32, in.bits); return;
        case Op::F64Const: push(Operand::Kind::Const, kF64, in.bits); return;
        default: on_ref_or_table(in); return;
    }
}

}  // namespace wasm
