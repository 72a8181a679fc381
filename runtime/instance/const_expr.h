// SPDX-License-Identifier: Apache-2.0
// Evaluation of constant expressions (spec §3.3.10), which validation has already checked.
#pragma once

#include "instance/objects.h"

namespace wasm {

// Value bits. Globals below the evaluated one must be initialised.
uint64_t evaluate(const InstanceData& instance, const ConstExpr& expr);

}  // namespace wasm
