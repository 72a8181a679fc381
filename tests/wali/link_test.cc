// SPDX-License-Identifier: Apache-2.0
// Tolerant linking: modules of every generation of the ABI get their imports, wrong ones are refused with a reason,
// and unknown names do what --unknown-imports says.
#include "support/module_builder.h"
#include "wali/wali.h"

#include <wasm/linker.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <vector>

namespace wali {
namespace {

using wasm::kF64;
using wasm::kI32;
using wasm::kI64;
using wasm::Value;
using wasm::test::Code;
using wasm::test::ModuleBuilder;
using wasm::test::TypeList;

std::vector<std::string> g_log;
void remember(wasm::LogLevel, std::string_view, std::string_view message) { g_log.emplace_back(message); }

// A module with one import and an export "call" that passes its own arguments on.
struct Guest {
    Guest(std::string_view import, const TypeList& params, const TypeList& returns, Options options = {})
        : host(store, prepared(std::move(options))) {
        g_log.clear();
        host.define(linker);
        ModuleBuilder m;
        const uint32_t imported = m.import_func("wali", import, params, returns);
        m.memory(1, 1);
        m.export_item("memory", wasm::ExternKind::Memory, 0);
        Code body;
        for (uint32_t i = 0; i < params.size(); ++i) body.local_get(i);
        m.export_func("call", m.func(params, returns, body.call(imported).end()));
        auto bytes = std::make_shared<wasm::test::Buffer>(m.build());
        auto module = wasm::Module::load(*bytes, {}, bytes);
        REQUIRE(module);
        auto made = linker.instantiate(std::move(module).value());
        if (!made) {
            error = made.error().describe();
            return;
        }
        instance = made->instance;
        REQUIRE(host.attach(instance));
    }
    static Options prepared(Options options) {
        options.args = {"guest", "two words"};
        options.log = &remember;
        return options;
    }

    wasm::Stop call(const std::vector<Value>& args) {
        REQUIRE(error.empty());
        return store.main_thread().call(*instance.func("call"), args, results);
    }
    int64_t value(const std::vector<Value>& args) {
        const wasm::Stop stop = call(args);
        REQUIRE(stop.finished());
        REQUIRE(results.size() == 1);
        return results[0].type == kI64 ? results[0].as_i64() : results[0].as_i32();
    }

    wasm::Store store;
    wasm::Linker linker{store};
    Host host;
    wasm::Instance instance;
    std::vector<Value> results;
    std::string error;
};

Options with(UnknownImports unknown) {
    Options options;
    options.unknown_imports = unknown;
    options.warn_missing = true;
    return options;
}

}  // namespace

TEST_CASE("arguments may be i32 or i64, whatever the row says") {
    // lseek(-1, offset, whence): EBADF tells that the descriptor arrived.
    CHECK(Guest("SYS_lseek", {kI32, kI64, kI32}, {kI64}).value({Value::i32(-1), Value::i64(0), Value::i32(0)}) ==
          -EBADF);
    CHECK(Guest("SYS_lseek", {kI64, kI32, kI64}, {kI64}).value({Value::i64(-1), Value::i32(0), Value::i64(0)}) ==
          -EBADF);
    CHECK(Guest("SYS_lseek", {kI32, kI32, kI32}, {kI32}).value({Value::i32(-1), Value::i32(0), Value::i32(0)}) ==
          -EBADF);
    // poll and fcntl of 2025.
    CHECK(Guest("SYS_poll", {kI32, kI32, kI32}, {kI64}).value({Value::i32(0), Value::i32(0), Value::i32(0)}) == 0);
    CHECK(Guest("SYS_fcntl", {kI32, kI32, kI32}, {kI64}).value({Value::i32(-1), Value::i32(1), Value::i32(0)}) ==
          -EBADF);
}

TEST_CASE("an address with high bits is a fault, not another address") {
    const int64_t far = (int64_t{1} << 32) + 64;
    CHECK(Guest("SYS_uname", {kI64}, {kI64}).value({Value::i64(64)}) == 0);
    CHECK(Guest("SYS_uname", {kI64}, {kI64}).value({Value::i64(far)}) == -EFAULT);
    CHECK(Guest("SYS_uname", {kI64}, {kI64}).value({Value::i64(-1)}) == -EFAULT);
}

TEST_CASE("the result may be absent") {
    Guest guest("SYS_sched_yield", {}, {});
    CHECK(guest.call({}).finished());
    Guest leaving("SYS_exit_group", {kI32}, {});
    const wasm::Stop stop = leaving.call({Value::i32(0x123)});
    CHECK(stop.exited());
    CHECK(stop.exit_status == 0x23);
}

TEST_CASE("old names still work") {
    CHECK(Guest("SYS_fstatat", {kI32, kI32, kI32, kI32}, {kI64})
              .value({Value::i32(-1), Value::i32(0), Value::i32(64), Value::i32(0)}) == -EFAULT);
    CHECK(Guest("__init", {}, {kI32}).value({}) == 0);
    CHECK(Guest("__init", {}, {}).call({}).finished());
    CHECK(Guest("__call_ctors", {}, {}).call({}).finished());
    CHECK(Guest("__deinit", {}, {kI32}).value({}) == 0);
}

TEST_CASE("another number of arguments, or a float, does not link") {
    const Guest many("SYS_close", {kI32, kI32}, {kI64});
    INFO(many.error);
    CHECK(many.error.find("SYS_close") != std::string::npos);
    CHECK(many.error.find("(i32) -> (i64)") != std::string::npos);
    CHECK_FALSE(Guest("SYS_close", {kF64}, {kI64}).error.empty());
    CHECK_FALSE(Guest("SYS_close", {kI32}, {kF64}).error.empty());
    CHECK_FALSE(Guest("__proc_exit", {kI32, kI32}, {}).error.empty());
}

TEST_CASE("a missing syscall answers ENOSYS and is named once") {
    Options options;
    options.warn_missing = true;
    Guest unknown("SYS_of_the_future", {kI64, kF64, kI32}, {kI64}, options);
    CHECK(unknown.value({Value::i64(0), Value::f64(0), Value::i32(0)}) == -ENOSYS);
    CHECK(unknown.value({Value::i64(0), Value::f64(0), Value::i32(0)}) == -ENOSYS);
    REQUIRE(g_log.size() == 1);
    CHECK(g_log[0].find("SYS_of_the_future") != std::string::npos);

    Guest absent("SYS_io_uring_setup", {kI32, kI32}, {kI64}, options);
    CHECK(absent.value({Value::i32(0), Value::i32(0)}) == -ENOSYS);
    REQUIRE(g_log.size() == 1);
    CHECK(g_log[0].find("SYS_io_uring_setup") != std::string::npos);

    Guest quiet("SYS_of_the_future", {}, {kI64});
    CHECK(quiet.value({}) == -ENOSYS);
    CHECK(g_log.empty());
}

TEST_CASE("--unknown-imports=trap: a missing call traps and says its name") {
    for (const char* name : {"SYS_of_the_future", "SYS_io_uring_setup", "feclearexcept"}) {
        Guest guest(name, {kI32}, {kI64}, with(UnknownImports::Trap));
        const wasm::Stop stop = guest.call({Value::i32(0)});
        REQUIRE(stop.trapped());
        CHECK(stop.trap.kind == wasm::TrapKind::MissingImport);
        CHECK(stop.trap.message().find(name) != std::string::npos);
    }
}

TEST_CASE("--unknown-imports=refuse: a module with a missing call does not link") {
    for (const char* name : {"SYS_of_the_future", "SYS_io_uring_setup", "feclearexcept"}) {
        const Guest guest(name, {kI32}, {kI64}, with(UnknownImports::Refuse));
        INFO(guest.error);
        CHECK(guest.error.find(name) != std::string::npos);
    }
}

TEST_CASE("another missing import of the module traps when called, whatever is done about system calls") {
    Guest guest("feclearexcept", {kI32}, {kI32}, with(UnknownImports::Enosys));
    const wasm::Stop stop = guest.call({Value::i32(0)});
    REQUIRE(stop.trapped());
    CHECK(stop.trap.message().find("wali.feclearexcept") != std::string::npos);
}

TEST_CASE("arguments are copied with their end, and only where they fit") {
    CHECK(Guest("__cl_get_argc", {}, {kI32}).value({}) == 2);
    Guest length("__cl_get_argv_len", {kI32}, {kI32});
    CHECK(length.value({Value::i32(1)}) == 9);
    CHECK(length.value({Value::i32(7)}) == 0);
    Guest copy("__cl_copy_argv", {kI32, kI32}, {kI32});
    CHECK(copy.value({Value::i32(100), Value::i32(1)}) == 0);
    CHECK(copy.instance.memory(0).load_string(wasm::GuestAddr{100}, 20) == "two words");
    CHECK(copy.value({Value::i32(65536 - 10), Value::i32(1)}) == 0);
    CHECK(copy.value({Value::i32(65536 - 9), Value::i32(1)}) == -1);
    CHECK(copy.value({Value::i32(100), Value::i32(2)}) == -1);
}

TEST_CASE("a module without a 32-bit memory, or without _start, cannot be run") {
    wasm::Store store;
    Host host(store, Guest::prepared({}));
    wasm::Linker linker(store);
    ModuleBuilder m;
    auto bytes = std::make_shared<wasm::test::Buffer>(m.build());
    auto made = linker.instantiate(*wasm::Module::load(*bytes, {}, bytes));
    REQUIRE(made);
    auto stop = host.run(made->instance);
    REQUIRE_FALSE(stop);
    CHECK(stop.error().describe().find("memory") != std::string::npos);

    Guest guest("SYS_sched_yield", {}, {kI64});
    auto without_start = guest.host.run(guest.instance);
    REQUIRE_FALSE(without_start);
    CHECK(without_start.error().describe().find("_start") != std::string::npos);
}

TEST_CASE("calls come from the attached instance, and from no other") {
    const auto module = [](bool with_memory) {
        ModuleBuilder m;
        const uint32_t getpid = m.import_func("wali", "SYS_getpid", {}, {kI64});
        const uint32_t argc = m.import_func("wali", "__cl_get_argc", {}, {kI32});
        if (with_memory) m.memory(1, 1);
        m.export_func("getpid", m.func({}, {kI64}, Code().call(getpid).end()));
        m.export_func("argc", m.func({}, {kI32}, Code().call(argc).end()));
        m.start(m.func({}, {}, Code().call(getpid).drop().end()));
        auto bytes = std::make_shared<wasm::test::Buffer>(m.build());
        return *wasm::Module::load(*bytes, {}, bytes);
    };
    wasm::Store store;
    Host host(store, Guest::prepared({}));
    wasm::Linker linker(store);
    host.define(linker);
    auto process = linker.prepare(module(true));
    REQUIRE(process);
    CHECK(linker.start(process->instance).trap.kind == wasm::TrapKind::HostLimit);
    REQUIRE(host.attach(process->instance));
    CHECK(linker.start(process->instance).finished());

    std::vector<Value> results;
    for (const bool with_memory : {false, true}) {
        auto other = linker.prepare(module(with_memory));
        REQUIRE(other);
        CHECK_FALSE(host.attach(other->instance));
        for (const char* name : {"getpid", "argc"}) {
            CHECK(store.main_thread().call(*other->instance.func(name), {}, results).trapped());
            CHECK(store.main_thread().call(*process->instance.func(name), {}, results).finished());
        }
    }
}

TEST_CASE("a module may declare results that a call does not have: they are zero") {
    for (const char* name : {"SYS_nosuch", "SYS_ptrace"}) {
        Guest guest(name, {kI64, kI64}, {kI64, kI64, kI32});
        REQUIRE(guest.call({Value::i64(-1), Value::i64(-1)}).finished());
        REQUIRE(guest.results.size() == 3);
        CHECK(guest.results[0].as_i64() == -ENOSYS);
        CHECK(guest.results[1].as_i64() == 0);
        CHECK(guest.results[2].as_i32() == 0);
    }
}

}  // namespace wali
