// SPDX-License-Identifier: Apache-2.0
// Embedding, the shortest complete program: load a module, run one of its exported functions, print the results.
//
//   run_export MODULE FUNCTION [INTEGER…]
//
// For a function of integers, such as C's `int64_t gcd(int64_t, int64_t)`. Everything used here is in include/wasm.
#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

int fail(const std::string& message) {
    std::fprintf(stderr, "run_export: %s\n", message.c_str());
    return 1;
}

// The words of the command line as values of the types the function wants.
std::vector<wasm::Value> make_arguments(const wasm::FuncType& type, char** words) {
    std::vector<wasm::Value> values;
    for (const wasm::ValType param : type.params) {
        const long long number = std::strtoll(*words++, nullptr, 0);
        values.push_back(param == wasm::kI32 ? wasm::Value::i32(static_cast<int32_t>(number))
                                             : wasm::Value::i64(number));
    }
    return values;
}

void print(const wasm::Value& value) {
    if (value.type == wasm::kI32) {
        std::printf("%" PRId32 "\n", value.as_i32());
    } else {
        std::printf("%" PRId64 "\n", value.as_i64());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return fail("usage: run_export MODULE FUNCTION [INTEGER…]");

    // A Module is the decoded and validated file. It can be shared by many instances and threads.
    auto module = wasm::Module::load_file(argv[1]);
    if (!module) return fail(module.error().describe());

    // A Store owns everything that exists at run time; a Linker finds the imports (here there are none to find) and
    // makes an Instance.
    wasm::Store store;
    wasm::Linker linker(store);
    auto made = linker.instantiate(*module);
    if (!made) return fail(made.error().describe());
    if (made->stop.trapped()) return fail("the start function trapped: " + made->stop.trap.message());

    const auto func = made->instance.func(argv[2]);
    if (!func) return fail(std::string("no exported function ") + argv[2]);
    const wasm::FuncType type = func->type();
    if (type.params.size() != static_cast<size_t>(argc - 3)) {
        return fail(std::string(argv[2]) + " has type " + to_string(type));
    }
    for (const auto& types : {type.params, type.results}) {
        for (const wasm::ValType t : types) {
            if (!t.is_int()) return fail("this example speaks only of integers, not " + to_string(t));
        }
    }

    // A call ends in one of three ways: finished, trapped, or exited by a host function that said so.
    std::vector<wasm::Value> results;
    const wasm::Stop stop = store.main_thread().call(*func, make_arguments(type, argv + 3), results);
    if (stop.trapped()) return fail("trap: " + stop.trap.message());
    for (const wasm::Value& result : results) print(result);
    return 0;
}
