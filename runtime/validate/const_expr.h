// SPDX-License-Identifier: Apache-2.0
// Constant expressions (spec §3.4.16): initialisers of globals and tables, offsets and elements of segments.
#pragma once

#include "validate/body_checker.h"

namespace wasm {

class ConstExprChecker {
  public:
    explicit ConstExprChecker(ModuleData& module) : module_(module), body_(module) {}

    // `expr` yields one value of type `type` and sees the globals below `visible_globals`. Functions that it
    // references become declared.
    Result<void> check(const ConstExpr& expr, ValType type, size_t visible_globals);

  private:
    Result<void> check_constant(const Instr& instr, size_t visible_globals);

    ModuleData& module_;
    BodyChecker body_;
    Instr instr_;
};

}  // namespace wasm
