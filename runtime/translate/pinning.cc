// SPDX-License-Identifier: Apache-2.0
#include "translate/pinning.h"

#include <algorithm>

namespace wasm {

namespace {

// A pinned local is spilled and reloaded around each call.
constexpr double kCallCost = 2;
constexpr double kWorthwhile = 3;

}  // namespace

Pinning choose_pins(const LocalUses& uses, const std::vector<ValType>& types) {
    Pinning pins;
    // A caught exception, and the second return of a setjmp, find locals in memory only.
    if (uses.has_try || uses.calls_returning_twice) return pins;
    const double worth = kCallCost * uses.calls + kWorthwhile;
    for (const bool fp : {false, true}) {
        uint32_t* registers = fp ? pins.floats : pins.ints;
        for (uint32_t i = 0; i < types.size(); ++i) {
            if (fp ? !types[i].is_float() : !types[i].is_int()) continue;
            if (uses.locals[i].is_carrier || uses.locals[i].weight <= worth) continue;
            // Insertion into the kPins best so far; of equals the first stays.
            uint32_t candidate = i;
            for (unsigned k = 0; k < kPins; ++k) {
                if (registers[k] == Pinning::kNone || uses.locals[registers[k]].weight < uses.locals[candidate].weight) {
                    std::swap(registers[k], candidate);
                }
                if (candidate == Pinning::kNone) break;
            }
        }
    }
    return pins;
}

}  // namespace wasm
