// SPDX-License-Identifier: Apache-2.0
// The host module "spectest" that the scripts of the official suite import from.
#pragma once

#include <wasm/linker.h>
#include <wasm/store.h>

namespace spec {

void define_spectest(wasm::Linker& linker, wasm::Store& store);

}  // namespace spec
