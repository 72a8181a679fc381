// SPDX-License-Identifier: Apache-2.0
// Validation of everything but function bodies (spec §3.5).
#pragma once

#include "validate/const_expr.h"

namespace wasm {

class ModuleValidator {
  public:
    explicit ModuleValidator(ModuleData& module) : m_(module), const_expr_(module) {}
    Result<void> run();

  private:
    Result<void> check_type_index(uint32_t index, uint64_t offset) const;
    Result<void> check_function_index(uint32_t index, uint64_t offset) const;
    Result<void> check_functions() const;
    Result<void> check_tables();
    Result<void> check_memories() const;
    Result<void> check_tags() const;
    Result<void> check_globals();
    Result<void> check_exports();
    Result<void> check_export_names() const;
    Result<void> check_start() const;
    Result<void> check_elements();
    Result<void> check_element(const ElementSegment& segment);
    Result<void> check_datas();

    ModuleData& m_;
    ConstExprChecker const_expr_;
};

}  // namespace wasm
