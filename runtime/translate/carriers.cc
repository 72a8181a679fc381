// SPDX-License-Identifier: Apache-2.0
// Unoptimised code moves every value through a local of its own. Where such a local is written once and read once,
// close by, the value stays where it is: a constant becomes an immediate, a result stays in the accumulator.
#include "translate/translator.h"

#include <algorithm>

namespace wasm {

namespace {
constexpr size_t kMaxCopies = 32;  // searched linearly
}  // namespace

bool Translator::set_carrier(uint32_t local) {
    if (carriers_.empty() || !uses_.locals[local].is_carrier) return false;
    const Operand& o = top();
    const uint32_t reads = uses_.locals[local].gets;
    if (o.kind == Operand::Kind::Const) {
        carriers_[local] = {true, pop()};
        return true;
    }
    if (reads == 0) {
        if (o.kind == Operand::Kind::Mem) load_variable(static_cast<uint32_t>(stack_.size()) - 1);
        pop();
        return true;
    }
    if (reads > 1) return false;
    if (o.kind == Operand::Kind::Acc) {
        carriers_[local] = {true, pop()};
        acc_carrier_[is_float(o.type) ? 1 : 0] = local;
        return true;
    }
    if ((o.kind == Operand::Kind::Local || o.kind == Operand::Kind::Mem) && copies_.size() < kMaxCopies) {
        carriers_[local] = {true, pop()};
        count_read(carriers_[local].value, 1);
        copies_.push_back(local);
        return true;
    }
    return false;
}

bool Translator::get_carrier(uint32_t local) {
    if (carriers_.empty() || !carriers_[local].active) return false;
    Carrier& carrier = carriers_[local];
    const Operand value = carrier.value;
    if (value.kind == Operand::Kind::Const) {
        push(Operand::Kind::Const, local_types_[local], value.value);
        return true;
    }
    carrier.active = false;
    if (value.kind == Operand::Kind::Acc) {
        acc_carrier_[is_float(value.type) ? 1 : 0] = -1;
    } else {
        count_read(value, -1);
        copies_.erase(std::find(copies_.begin(), copies_.end(), local));
    }
    // The value stands at another place of the operand stack now. Its instruction can write that place's home only if
    // nothing else has used the home since.
    push(value.kind, local_types_[local], value.value, is_last(value) ? value.producer : -1);
    return true;
}

void Translator::spill_carrier(uint32_t local) {
    Carrier& carrier = carriers_[local];
    if (!carrier.active) return;
    carrier.active = false;
    const Operand& value = carrier.value;
    const uint32_t slot = local_slot(local);
    if (value.kind == Operand::Kind::Local || value.kind == Operand::Kind::Mem) {
        count_read(value, -1);
        copies_.erase(std::find(copies_.begin(), copies_.end(), local));
    } else if (value.kind == Operand::Kind::Acc) {
        acc_carrier_[is_float(value.type) ? 1 : 0] = -1;
        if (value.producer >= 0 && retarget(value.producer, Loc::Slot, slot)) return;
    }
    move_to(value, Loc::Slot, slot);
}

void Translator::spill_carriers_of(uint64_t local) {
    for (size_t i = copies_.size(); i > 0; --i) {
        const uint32_t carrier = copies_[i - 1];
        const Operand& value = carriers_[carrier].value;
        if (value.kind == Operand::Kind::Mem ? local == pinning_.base : value.value == local) spill_carrier(carrier);
    }
}

}  // namespace wasm
