// SPDX-License-Identifier: Apache-2.0
// The list of all shims of this build. A new shim is one line in registry.cc.
#pragma once

#include "shim.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace shims {

std::span<const Shim* const> all();
// The shim that `import_module` belongs to, or nullptr.
const Shim* find(std::string_view import_module);
// Defines every shim that `module` imports from, each once; keep what is returned as long as the Store.
std::vector<std::unique_ptr<State>> define_for(const wasm::Module& module,
                                               wasm::Linker& linker,
                                               wasm::Store& store,
                                               const Setup& setup);

}  // namespace shims
