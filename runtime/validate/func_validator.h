// SPDX-License-Identifier: Apache-2.0
// Validation of function bodies (spec §3.4, algorithm of appendix "Validation Algorithm"): the only place where
// operand types and control structure are checked. Fed one instruction at a time, beside the translator.
#pragma once

#include "decode/code_iterator.h"
#include "decode/module_data.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace wasm {

class FuncValidator {
  public:
    // Starts on function `func_index`, whose local declarations are `locals`.
    FuncValidator(const ModuleData& module, uint32_t func_index, const std::vector<LocalGroup>& locals);
    ~FuncValidator();

    // Checks one instruction; errors carry its offset.
    Result<void> on(const Instr& instr);
    // After the last instruction: all blocks closed.
    Result<void> finish(uint64_t end_offset);
    // True once the function's own `end` has been seen.
    bool done() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Iterator and validator over one body, without translation.
Result<void> validate_body(const ModuleData& module, uint32_t func_index);
// Every body, in order; the first error wins.
Result<void> validate_all_bodies(const ModuleData& module);

}  // namespace wasm
