// SPDX-License-Identifier: Apache-2.0
// Running: stack limits, interrupts, threads, calls between instances and to the host, mistyped calls.
#include "engine.h"

#include <wasm/bind.h>

#include <atomic>
#include <thread>

using namespace wasm;
using namespace wasm::test;

namespace {

// f(n) = n == 0 ? 0 : 1 + f(n - 1)
uint32_t add_counter(ModuleBuilder& m) {
    return m.func({kI32}, {kI32},
                  Code()
                      .local_get(0)
                      .op("i32.eqz")
                      .block("if", kI32)
                      .i32_const(0)
                      .op("else")
                      .local_get(0)
                      .i32_const(1)
                      .op("i32.sub")
                      .call(0)
                      .i32_const(1)
                      .op("i32.add")
                      .end()
                      .end());
}

uint32_t add_endless_loop(ModuleBuilder& m) { return m.func({}, {}, Code().block("loop").br(0).end().end()); }

struct Hook {
    std::atomic<int> calls{0};
    int stop_after = 1;
};
HostOutcome on_interrupt(Caller& caller, void* env) {
    auto& hook = *static_cast<Hook*>(env);
    if (++hook.calls < hook.stop_after) return HostOutcome::Continue;
    return caller.exit(7);
}

int32_t add_numbers(int32_t a, int32_t b) { return a + b; }

}  // namespace

TEST_CASE("recursion ends in a trap, and the thread goes on") {
    StoreOptions options;
    options.stack_bytes = 1 << 20;
    Engine engine(options);
    ModuleBuilder m;
    m.export_func("count", add_counter(m));
    const Instance instance = engine.add(m);
    CHECK(engine.call_i32(instance, "count", {Value::i32(5000)}) == 5000);
    for (int i = 0; i < 3; ++i) engine.require_trap(instance, "count", {Value::i32(-1)}, TrapKind::StackExhausted);
    CHECK(engine.trap.backtrace.size() == 64);
    CHECK(engine.call_i32(instance, "count", {Value::i32(5000)}) == 5000);
}

TEST_CASE("an interrupt stops a loop and a wait") {
    Engine engine;
    ModuleBuilder m;
    m.memory(1, 1, true);
    m.export_func("loop", add_endless_loop(m));
    m.export_func(
        "wait",
        m.func({}, {kI32}, Code().i32_const(0).i32_const(0).i64_const(-1).op("memory.atomic.wait32", {2, 0}).end()));
    const Instance instance = engine.add(m);
    const std::string_view name = GENERATE("loop", "wait");
    Hook hook;
    hook.stop_after = 3;
    engine.store.set_interrupt_hook(&on_interrupt, &hook);
    std::atomic<bool> done{false};
    Thread& thread = engine.store.main_thread();
    std::thread other([&] {
        while (!done) {
            thread.request_interrupt();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    const Stop stop = engine.call(instance, name);
    done = true;
    other.join();
    CHECK(stop.exited());
    CHECK(stop.exit_status == 7);
    CHECK(hook.calls == 3);
}

TEST_CASE("an interrupt leaves the interrupted code as it was") {
    Engine engine;
    ModuleBuilder m;
    // Sums 1..n in two pinned locals, with calls in between.
    const uint32_t id = m.func({kI32}, {kI32}, Code().local_get(0).end());
    Code body;
    body.block("loop")
        .local_get(1)
        .local_get(0)
        .call(id)
        .op("i32.add")
        .local_set(1)
        .local_get(0)
        .i32_const(1)
        .op("i32.sub")
        .local_tee(0)
        .br_if(0)
        .end()
        .local_get(1)
        .end();
    m.export_func("sum", m.func({kI32}, {kI32}, body, {{1, kI32}}));
    const Instance instance = engine.add(m);
    Hook hook;
    hook.stop_after = 1 << 30;
    engine.store.set_interrupt_hook(&on_interrupt, &hook);
    std::atomic<bool> done{false};
    Thread& thread = engine.store.main_thread();
    std::thread other([&] {
        while (!done) thread.request_interrupt();
    });
    // However slowly the other thread comes to its turn.
    while (hook.calls < 20) REQUIRE(engine.call_i32(instance, "sum", {Value::i32(60000)}) == 1800030000);
    done = true;
    other.join();
}

TEST_CASE("threads race to translate and share memory, not globals") {
    Engine engine;
    ModuleBuilder m;
    m.memory(1, 1, true);
    const uint32_t g = m.global(kI32, true, Code().i32_const(5));
    std::vector<uint32_t> callees;
    for (int i = 0; i < 50; ++i)
        callees.push_back(m.func({kI32}, {kI32}, Code().local_get(0).i32_const(i).op("i32.add").end()));
    Code body;
    for (const uint32_t f : callees) body.global_get(g).call(f).global_set(g);
    body.block("loop")
        .i32_const(8)
        .i32_const(1)
        .op("i32.atomic.rmw.add", {2, 0})
        .drop()
        .local_get(0)
        .i32_const(1)
        .op("i32.sub")
        .local_tee(0)
        .br_if(0)
        .end()
        .global_get(g)
        .end();
    m.export_func("work", m.func({kI32}, {kI32}, body));
    m.export_func("count", m.func({}, {kI32}, Code().i32_const(8).op("i32.atomic.load", {2, 0}).end()));
    const Instance instance = engine.add(m);
    const Func work = *instance.func("work");
    constexpr int kThreads = 8;
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            auto thread = Thread::create(engine.store, instance, engine.store.main_thread());
            if (!thread) return;
            std::vector<Value> results;
            const Value n = Value::i32(2000);
            const Stop stop = (*thread)->call(work, {&n, 1}, results);
            if (stop.finished() && results[0].as_i32() == 5 + 49 * 50 / 2) ++right;
        });
    }
    for (auto& t : threads) t.join();
    CHECK(right == kThreads);
    CHECK(engine.call_i32(instance, "count") == kThreads * 2000);
}

TEST_CASE("calls between instances, host functions in tables") {
    Engine engine;
    engine.linker.define_func("host", "add", bind<&add_numbers>());
    ModuleBuilder lib;
    const uint32_t counter = lib.global(kI32, true, Code().i32_const(0));
    lib.export_func(
        "next",
        lib.func({}, {kI32},
                 Code().global_get(counter).i32_const(1).op("i32.add").global_set(counter).global_get(counter).end()));
    lib.export_func("pair", lib.func({kI32, kI32}, {kI32, kI32}, Code().local_get(1).local_get(0).end()));
    engine.linker.define_instance("lib", engine.add(lib));
    ModuleBuilder m;
    const uint32_t add = m.import_func("host", "add", {kI32, kI32}, {kI32});
    const uint32_t next = m.import_func("lib", "next", {}, {kI32});
    const uint32_t pair = m.import_func("lib", "pair", {kI32, kI32}, {kI32, kI32});
    const uint32_t own = m.global(kI32, true, Code().i32_const(100));
    m.table(kFuncRef, 4);
    m.elem(0, {add, next});
    m.export_func("sum",
                  m.func({}, {kI32}, Code().call(next).call(next).global_get(own).op("i32.add").call(add).end()));
    const uint32_t ii_i = m.type({kI32, kI32}, {kI32});
    m.export_func(
        "indirect",
        m.func({kI32}, {kI32}, Code().i32_const(20).i32_const(22).local_get(0).op("call_indirect", {ii_i, 0}).end()));
    m.export_func("swap", m.func({}, {kI32}, Code().i32_const(1).i32_const(50).call(pair).op("i32.sub").end()));
    m.export_func(
        "tail",
        m.func({}, {kI32}, Code().i32_const(3).i32_const(4).i32_const(0).op("return_call_indirect", {ii_i, 0}).end()));
    const Instance instance = engine.add(m);
    CHECK(engine.call_i32(instance, "sum") == 1 + 2 + 100);
    CHECK(engine.call_i32(instance, "indirect", {Value::i32(0)}) == 42);
    CHECK(engine.call_i32(instance, "swap") == 49);
    CHECK(engine.call_i32(instance, "tail") == 7);
    engine.require_trap(instance, "indirect", {Value::i32(1)}, TrapKind::IndirectCallMismatch);
    engine.require_trap(instance, "indirect", {Value::i32(2)}, TrapKind::UninitializedElement);
    engine.require_trap(instance, "indirect", {Value::i32(4)}, TrapKind::UndefinedElement);
}

TEST_CASE("calls through a pointer of another type are adapted only when asked") {
    Engine engine;
    ModuleBuilder m;
    m.table(kFuncRef, 4);
    const uint32_t none = m.func({}, {}, Code().end());
    const uint32_t wide =
        m.func({kI64, kI32}, {kI64}, Code().local_get(0).local_get(1).op("i64.extend_i32_u").op("i64.add").end());
    const uint32_t real = m.func({kF64}, {}, Code().end());
    m.elem(0, {none, wide, real});
    const uint32_t i_i = m.type({kI32}, {kI32});
    m.export_func("call",
                  m.func({kI32}, {kI32}, Code().i32_const(-1).local_get(0).op("call_indirect", {i_i, 0}).end()));
    m.export_func("tail",
                  m.func({kI32}, {kI32}, Code().i32_const(-1).local_get(0).op("return_call_indirect", {i_i, 0}).end()));
    const Instance instance = engine.add(m);
    for (const std::string_view name : {"call", "tail"}) {
        engine.require_trap(instance, name, {Value::i32(0)}, TrapKind::IndirectCallMismatch);
        CHECK(engine.trap.detail.find("(i32) -> (i32)") != std::string::npos);
    }
    engine.store.set_call_mismatch(CallMismatch::AdaptIntegers);
    for (const std::string_view name : {"call", "tail"}) {
        CHECK(engine.call_i32(instance, name, {Value::i32(0)}) == 0);
        CHECK(engine.call_i32(instance, name, {Value::i32(1)}) == -1);
        engine.require_trap(instance, name, {Value::i32(2)}, TrapKind::IndirectCallMismatch);
    }
}

TEST_CASE("an invalid body ends the run only when it is called") {
    Engine engine;
    ModuleBuilder m;
    m.export_func("good", m.func({}, {kI32}, Code().i32_const(1).end()));
    m.export_func("bad", m.func({}, {kI32}, Code().end()));
    ModuleOptions lazy;
    lazy.validate_bodies = false;
    const Instance instance = engine.add(m, lazy);
    CHECK(engine.call_i32(instance, "good") == 1);
    engine.require_trap(instance, "bad", {}, TrapKind::InvalidBody);
    CHECK(engine.trap.detail.find("type mismatch") != std::string::npos);
    const Buffer bytes = m.build();
    CHECK_FALSE(Module::load(bytes));
}

TEST_CASE("frames have a limit of slots") {
    Engine engine;
    ModuleBuilder m;
    m.export_func("wide", m.func({}, {kI32}, Code().local_get(49000).end(), {{49900, kI32}}));
    Code deep;
    for (int i = 0; i < 60000; ++i) deep.i32_const(i);
    for (int i = 0; i < 59999; ++i) deep.op("i32.add");
    m.export_func("deep", m.func({}, {kI32}, deep.end()));
    Code both;
    for (int i = 0; i < 30000; ++i) both.i32_const(i);
    for (int i = 0; i < 29999; ++i) both.op("i32.add");
    m.export_func("both", m.func({}, {kI32}, both.end(), {{49900, kI32}}));
    const Instance instance = engine.add(m);
    CHECK(engine.call_i32(instance, "wide") == 0);
    CHECK(engine.call_i32(instance, "deep") == 1799970000);
    engine.require_trap(instance, "both", {}, TrapKind::InvalidBody);
}

TEST_CASE("a carried value is not written to a home that others used meanwhile") {
    Engine engine;
    ModuleBuilder m;
    const uint32_t second = m.func({kI32, kF64, kI32}, {kI32}, Code().local_get(1).op("i32.trunc_f64_s").end());
    // Locals 1 (f64) and 2 carry values; the constants of select come to lie where the call's f64 argument will.
    m.export_func("carry", m.func({kI32}, {kI32},
                                  Code()
                                      .local_get(0)
                                      .op("f64.convert_i32_s")
                                      .local_set(1)
                                      .i32_const(26)
                                      .i32_const(16)
                                      .local_get(0)
                                      .op("select")
                                      .local_set(2)
                                      .i32_const(148)
                                      .local_get(1)
                                      .local_get(2)
                                      .call(second)
                                      .end(),
                                  {{1, kF64}, {1, kI32}}));
    const Instance instance = engine.add(m);
    CHECK(engine.call_i32(instance, "carry", {Value::i32(77)}) == 77);
}
