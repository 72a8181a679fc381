// SPDX-License-Identifier: Apache-2.0
#include "translate/pinning.h"

#include <algorithm>

namespace wasm {

namespace {

// Uses at loop depth d weigh 8^d, up to a bound that keeps one deep loop from hiding all others.
constexpr double kLoopFactor = 8;
constexpr double kMaxWeight = 4096;
// A pinned local is spilled and reloaded around each call.
constexpr double kCallCost = 2;
constexpr double kWorthwhile = 3;

struct Uses {
    std::vector<double> of_local;
    double calls = 0;
    bool has_try = false;              // a caught exception finds locals in memory only
    bool calls_returning_twice = false;
};

void count(const TranslateEnv& env, CodeIterator& code, Uses& uses) {
    std::vector<double> weights{1};
    Instr in;
    while (!code.at_end() && !weights.empty() && code.next(in)) {
        switch (in.op) {
            case Op::Block: case Op::If: weights.push_back(weights.back()); break;
            case Op::Loop: weights.push_back(std::min(weights.back() * kLoopFactor, kMaxWeight)); break;
            case Op::End: weights.pop_back(); break;
            case Op::LocalGet: case Op::LocalSet: case Op::LocalTee:
                if (in.index < uses.of_local.size()) uses.of_local[in.index] += weights.back();
                break;
            case Op::Call:
                if (in.index >= env.module().functions.size()) return;
                if (env.func(in.index).returns_twice) uses.calls_returning_twice = true;
                if (env.func(in.index).kind != FuncLink::Kind::Host) uses.calls += weights.back();
                break;
            case Op::CallIndirect: uses.calls += weights.back(); break;
            case Op::Try: case Op::TryTable: uses.has_try = true; break;
            default: break;
        }
    }
}

}  // namespace

Pinning choose_pins(const TranslateEnv& env, uint32_t func_index, const std::vector<LocalGroup>& locals,
                    CodeIterator code) {
    Pinning pins;
    std::vector<ValType> types = env.module().func_type(func_index).params;
    for (const LocalGroup& g : locals) types.insert(types.end(), g.count, g.type);
    Uses uses;
    uses.of_local.assign(types.size(), 0);
    count(env, code, uses);
    pins.calls_returning_twice = uses.calls_returning_twice;
    if (uses.has_try || uses.calls_returning_twice) return pins;
    for (const bool fp : {false, true}) {
        for (unsigned k = 0; k < kPins; ++k) {
            uint32_t best = Pinning::kNone;
            for (uint32_t i = 0; i < types.size(); ++i) {
                if (fp ? !types[i].is_float() : !types[i].is_int()) continue;
                if (uses.of_local[i] > kCallCost * uses.calls + kWorthwhile &&
                    (best == Pinning::kNone || uses.of_local[i] > uses.of_local[best])) {
                    best = i;
                }
            }
            if (best == Pinning::kNone) break;
            (fp ? pins.floats : pins.ints)[k] = best;
            uses.of_local[best] = 0;
        }
    }
    return pins;
}

}  // namespace wasm
