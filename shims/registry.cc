// SPDX-License-Identifier: Apache-2.0
#include "registry.h"

#include "wasi/wasi.h"

#include <algorithm>

namespace shims {
namespace {

// Pointers, so that nothing is constructed at start.
constexpr const Shim* kAll[] = {
    &wasi::kShim,
};

}  // namespace

std::span<const Shim* const> all() { return kAll; }

const Shim* find(std::string_view import_module) {
    for (const Shim* shim : kAll) {
        if (std::find(shim->modules.begin(), shim->modules.end(), import_module) != shim->modules.end()) return shim;
    }
    return nullptr;
}

std::vector<std::unique_ptr<State>> define_for(const wasm::Module& module,
                                               wasm::Linker& linker,
                                               wasm::Store& store,
                                               const Setup& setup) {
    std::vector<const Shim*> wanted;
    for (const wasm::ImportType& import : module.imports()) {
        const Shim* shim = find(import.module);
        if (shim != nullptr && std::find(wanted.begin(), wanted.end(), shim) == wanted.end()) wanted.push_back(shim);
    }
    std::vector<std::unique_ptr<State>> states;
    states.reserve(wanted.size());
    for (const Shim* shim : wanted) states.push_back(shim->define(linker, store, setup));
    return states;
}

}  // namespace shims
