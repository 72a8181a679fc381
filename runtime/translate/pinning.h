// SPDX-License-Identifier: Apache-2.0
// Which locals of a function live in machine registers: the most used ones, weighted by loop depth, unless calls
// (which spill and reload them) dominate.
#pragma once

#include "isa/code_ops.h"
#include "translate/local_uses.h"

#include <cstdint>
#include <vector>

namespace wasm {

struct Pinning {
    static constexpr uint32_t kNone = ~0U;
    // The local in R1..R3 of the integer and of the float class, or kNone.
    uint32_t ints[3] = {kNone, kNone, kNone};
    uint32_t floats[3] = {kNone, kNone, kNone};
    // The local in R1, when variables in memory are addressed by it (Loc::Mem).
    uint32_t base = kNone;
    // Pins (bits as in mask()) whose slot is written whenever the register is: nothing to spill before a call.
    unsigned written_through = 0;
    unsigned mask() const {
        unsigned m = 0;
        for (unsigned k = 0; k < 3; ++k) m |= (ints[k] != kNone ? 1U << k : 0U) | (floats[k] != kNone ? 8U << k : 0U);
        return m;
    }
    unsigned bit_of(uint64_t local) const {
        unsigned bit = 0;
        for (unsigned k = 0; k < 3; ++k) bit |= (ints[k] == local ? 1U << k : 0U) | (floats[k] == local ? 8U << k : 0U);
        return bit;
    }
    // Those that have a value when the function begins: parameters, and what may be read before it is written.
    unsigned live_at_entry(const LocalUses& uses, size_t params) const;
    // Location of a local: its register, or Slot.
    Loc of(uint64_t local) const {
        for (unsigned k = 0; k < 3; ++k) {
            if (ints[k] == local || floats[k] == local) return static_cast<Loc>(static_cast<unsigned>(Loc::R1) + k);
        }
        return Loc::Slot;
    }
};

// `types`: of all locals, parameters first.
Pinning choose_pins(const LocalUses& uses, const std::vector<ValType>& types);

}  // namespace wasm
