// SPDX-License-Identifier: Apache-2.0
// Exception objects live on the thread that made them. An exnref is a plain pointer in a slot, so unused objects are
// found by looking at everything that could hold one.
#pragma once

#include "instance/objects.h"

namespace wasm {

ExceptionData* new_exception(ExecContext& ctx);

}  // namespace wasm
