// SPDX-License-Identifier: Apache-2.0
// What a function does with its locals, found in one linear look through its body: which ones are worth a machine
// register, which ones only carry a value from one instruction to a near one, which ones are read before written.
#pragma once

#include "decode/code_iterator.h"
#include "translate/env.h"

#include <cstdint>
#include <vector>

namespace wasm {

struct LocalUse {
    double weight = 0;       // uses, weighted by loop depth
    double base_weight = 0;  // of those, as the address of a variable in memory
    double set_weight = 0;   // of those, writes
    uint32_t sets = 0;
    uint32_t gets = 0;
    // Set once, and every read follows the set with no label in between: the value need not be in the local at all.
    bool is_carrier = false;
    // Some read may come before any write: the local must start as zero. (Parameters never are.)
    bool needs_zero = false;
};

struct LocalUses {
    std::vector<LocalUse> locals;  // parameters first
    double calls = 0;              // weighted alike; host functions do not count
    bool has_try = false;
    bool calls_returning_twice = false;  // the function calls a setjmp
};

// Loads and stores that can be an operand of another instruction (Loc::Mem), if their address is in the right register.
inline constexpr uint64_t kMaxVariableOffset = 0xFFFF;
bool is_variable_load(const Instr& in);
bool is_variable_store(const Instr& in);

// Stops quietly at malformed code, which the validator reports.
LocalUses find_local_uses(const TranslateEnv& env,
                          uint32_t func_index,
                          const std::vector<LocalGroup>& groups,
                          CodeIterator code);

}  // namespace wasm
