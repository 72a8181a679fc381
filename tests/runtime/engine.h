// SPDX-License-Identifier: Apache-2.0
// What tests of the engine share: a module from a builder, instantiated, with its exports called by name.
#pragma once

#include "support/module_builder.h"

#include <wasm/linker.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string_view>
#include <vector>

namespace wasm::test {

class Engine {
  public:
    explicit Engine(StoreOptions options = {}) : store(options), linker(store) {}

    Instance add(const ModuleBuilder& builder, ModuleOptions options = {}) {
        auto bytes = std::make_shared<Buffer>(builder.build());
        auto module = Module::load(*bytes, options, bytes);
        if (!module) FAIL(module.error().describe());
        auto made = linker.instantiate(std::move(module).value());
        if (!made) FAIL(made.error().describe());
        last_start = made->stop;
        return made->instance;
    }
    // The only result, or the stop.
    Stop call(Instance instance, std::string_view name, std::vector<Value> args = {}) {
        const auto func = instance.func(name);
        REQUIRE(func);
        return store.main_thread().call(*func, args, results);
    }
    int32_t call_i32(Instance instance, std::string_view name, std::vector<Value> args = {}) {
        const Stop stop = call(instance, name, std::move(args));
        INFO(stop.trap.message());
        REQUIRE(stop.finished());
        REQUIRE(results.size() == 1);
        return results[0].as_i32();
    }
    void require_trap(Instance instance, std::string_view name, std::vector<Value> args, TrapKind kind) {
        const Stop stop = call(instance, name, std::move(args));
        REQUIRE(stop.trapped());
        CHECK(to_string(stop.trap.kind) == to_string(kind));
        trap = stop.trap;
    }

    Store store;
    Linker linker;
    std::vector<Value> results;
    Stop last_start;
    Trap trap;
};

}  // namespace wasm::test
