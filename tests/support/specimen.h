// SPDX-License-Identifier: Apache-2.0
// One small valid module with every kind of section and most kinds of immediates: what mutations start from.
#pragma once

#include "support/module_builder.h"

namespace wasm::test {

Buffer specimen();

}  // namespace wasm::test
