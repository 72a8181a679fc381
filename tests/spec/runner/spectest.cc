// SPDX-License-Identifier: Apache-2.0
#include "spectest.h"

#include <wasm/bind.h>

namespace spec {
namespace {

using wasm::Value;

// The suite looks at what a print function takes, never at what it prints.
template <class... A>
void print(A...) {}

void define_functions(wasm::Linker& linker) {
    const auto define = [&](std::string_view name, const wasm::HostFunc& f) {
        linker.define_func("spectest", name, f);
    };
    define("print", wasm::bind<&print<>>());
    define("print_i32", wasm::bind<&print<int32_t>>());
    define("print_i64", wasm::bind<&print<int64_t>>());
    define("print_f32", wasm::bind<&print<float>>());
    define("print_f64", wasm::bind<&print<double>>());
    define("print_i32_f32", wasm::bind<&print<int32_t, float>>());
    define("print_f64_f64", wasm::bind<&print<double, double>>());
}

void define_memory(wasm::Linker& linker, wasm::Store& store, std::string_view name, bool shared) {
    const wasm::MemoryType type{.limits = {.min = 1, .max = 2}, .shared = shared};
    // An object that this engine cannot make yet stays undefined: the scripts that want it say so.
    if (auto memory = store.make_memory(type)) linker.define("spectest", name, *memory);
}

void define_table(wasm::Linker& linker, wasm::Store& store, std::string_view name, bool is64) {
    const wasm::TableType type{.element = wasm::kFuncRef, .limits = {.min = 10, .max = 20}, .is64 = is64};
    if (auto table = store.make_table(type, Value::null(wasm::kFuncRef))) linker.define("spectest", name, *table);
}

}  // namespace

void define_spectest(wasm::Linker& linker, wasm::Store& store) {
    define_functions(linker);
    const auto global = [&](std::string_view name, Value value) {
        linker.define("spectest", name, store.make_global({.type = value.type, .is_mutable = false}, value));
    };
    global("global_i32", Value::i32(666));
    global("global_i64", Value::i64(666));
    global("global_f32", Value::f32(666.6F));
    global("global_f64", Value::f64(666.6));
    define_memory(linker, store, "memory", false);
    define_memory(linker, store, "shared_memory", true);
    define_table(linker, store, "table", false);
    define_table(linker, store, "table64", true);
}

}  // namespace spec
