// SPDX-License-Identifier: Apache-2.0
#include "translate/pinning.h"

#include <algorithm>

namespace wasm {

namespace {

// A pinned local is spilled by each call and reloaded after it; one that is written once and for all goes to its slot
// then.
constexpr double kWorthwhile = 3;
constexpr double kReloadCost = 1, kSpillCost = 0.5;
bool is_written_through(const LocalUse& use, const LocalUses& uses) {
    return use.set_weight <= std::min(uses.calls, 1.0);
}
double cost(const LocalUse& use, const LocalUses& uses) {
    return kWorthwhile + uses.calls * (is_written_through(use, uses) ? kReloadCost : kReloadCost + kSpillCost);
}

// Of the pinned integers, the one that addresses variables most goes to R1.
void choose_base(Pinning& pins, const LocalUses& uses) {
    double best = 0;
    for (uint32_t& pin : pins.ints) {
        if (pin == Pinning::kNone || uses.locals[pin].base_weight <= best) continue;
        best = uses.locals[pin].base_weight;
        pins.base = pin;
    }
    for (uint32_t& pin : pins.ints) {
        if (pin == pins.base && pin != Pinning::kNone) std::swap(pin, pins.ints[0]);
    }
}

}  // namespace

unsigned Pinning::live_at_entry(const LocalUses& uses, size_t params) const {
    unsigned m = 0;
    for (const uint32_t* registers : {ints, floats}) {
        for (unsigned k = 0; k < 3; ++k) {
            const uint32_t local = registers[k];
            if (local != kNone && (local < params || uses.locals[local].needs_zero)) m |= bit_of(local);
        }
    }
    return m;
}

Pinning choose_pins(const LocalUses& uses, const std::vector<ValType>& types) {
    Pinning pins;
    // A caught exception, and the second return of a setjmp, find locals in memory only.
    if (uses.has_try || uses.calls_returning_twice) return pins;
    for (const bool fp : {false, true}) {
        uint32_t* registers = fp ? pins.floats : pins.ints;
        for (uint32_t i = 0; i < types.size(); ++i) {
            if (fp ? !types[i].is_float() : !types[i].is_int()) continue;
            const LocalUse& use = uses.locals[i];
            if ((use.is_carrier && use.gets <= 1) || use.weight <= cost(use, uses)) continue;
            // Insertion into the kPins best so far; of equals the first stays.
            uint32_t candidate = i;
            for (unsigned k = 0; k < kPins; ++k) {
                if (registers[k] == Pinning::kNone ||
                    uses.locals[registers[k]].weight < uses.locals[candidate].weight) {
                    std::swap(registers[k], candidate);
                }
                if (candidate == Pinning::kNone) break;
            }
        }
    }
    choose_base(pins, uses);
    for (const uint32_t* registers : {pins.ints, pins.floats}) {
        for (unsigned k = 0; k < 3; ++k) {
            const uint32_t local = registers[k];
            if (local != Pinning::kNone && is_written_through(uses.locals[local], uses))
                pins.written_through |= pins.bit_of(local);
        }
    }
    return pins;
}

}  // namespace wasm
