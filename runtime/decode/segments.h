// SPDX-License-Identifier: Apache-2.0
// Element and data segments and the constant expressions they and others contain (spec §5.5.12, §5.5.14, §5.4.9).
#pragma once

#include "decode/module_data.h"
#include "decode/reader.h"

namespace wasm {

// Delimits a constant expression; which instructions are constant is for validation to say.
ConstExpr read_const_expr(Reader& r, const ModuleData& m);

void element_section(Reader& r, ModuleData& m);
void data_section(Reader& r, ModuleData& m);

}  // namespace wasm
