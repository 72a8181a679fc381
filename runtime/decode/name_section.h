// SPDX-License-Identifier: Apache-2.0
// The "name" custom section (spec appendix "Custom Sections"), read when first asked for. It is advice: whatever is
// wrong with it costs names, never the module.
#pragma once

#include "decode/module_data.h"

#include <memory>
#include <string>

namespace wasm {

std::shared_ptr<ModuleData::LazyNames> make_lazy_names();

// From the name section, else an export, else "module.name" of an import; empty if there is none.
std::string function_name(const ModuleData& module, uint32_t func_index);

}  // namespace wasm
