// SPDX-License-Identifier: Apache-2.0
// Who holds an exception, and that nobody else does: tables, globals, other exceptions, frames of threads.
#include "engine.h"
#include "instance/objects.h"

#include <thread>

using namespace wasm;
using namespace wasm::test;

namespace {

using test::Code;

// try_table with a catch_all_ref: what `thrown` throws becomes a reference.
Code caught(const Code& thrown) {
    return Code()
        .block("block", kExnRef)
        .op("try_table")
        .u8(0x40)
        .raw({1, 3, 0})
        .raw(thrown)
        .end()
        .op("unreachable")
        .end();
}
// Local 0 times.
Code repeated(const Code& body) {
    return Code().block("loop").raw(body).local_get(0).i32_const(1).op("i32.sub").local_tee(0).br_if(0).end();
}
// The number that the exception in local 0 has.
Code number_of(uint32_t tag) {
    return Code()
        .block("block", kI32)
        .op("try_table")
        .u8(0x40)
        .raw({1, 0, static_cast<uint8_t>(tag), 0})
        .local_get(0)
        .op("throw_ref")
        .end()
        .op("unreachable")
        .end()
        .end();
}

// A program that makes exceptions with a number, keeps them in a table and a global, and tells their numbers.
class Keeper {
  public:
    Keeper() {
        m.table(kFuncRef, 1);
        table = m.table(kExnRef, 8);
        global = m.global(kExnRef, true, Code().zero(kExnRef));
        const uint32_t tag = m.tag({kI32});
        make = m.func({kI32}, {kExnRef}, caught(Code().local_get(0).op("throw", {tag})).end());
        number = m.func({kExnRef}, {kI32}, number_of(tag));
        churn = repeated(Code().local_get(0).call(make).drop());
        simple();
        bulk();
        m.export_item("table", ExternKind::Table, table);
        m.export_item("global", ExternKind::Global, global);
        instance = engine.add(m);
    }

    uint64_t alive() { return engine.store.data()->live_exceptions.load(); }
    void run(std::string_view name, std::vector<Value> args = {}) {
        const Stop stop = engine.call(instance, name, std::move(args));
        INFO(stop.trap.message());
        REQUIRE(stop.finished());
    }
    int32_t ask(std::string_view name, std::vector<Value> args = {}) {
        return engine.call_i32(instance, name, std::move(args));
    }
    // On a thread of its own, which ends.
    int32_t on_thread(std::string_view name, std::vector<Value> args = {}) {
        auto thread = Thread::create(engine.store, instance, engine.store.main_thread());
        REQUIRE(thread);
        std::vector<Value> results;
        const Stop stop = (*thread)->call(*instance.func(name), args, results);
        REQUIRE(stop.finished());
        return results.empty() ? 0 : results[0].as_i32();
    }

    Engine engine;
    Instance instance;

  private:
    void add(std::string_view name, const TypeList& params, const TypeList& results, const Code& body) {
        Code code = body;
        m.export_func(name, m.func(params, results, code.end(), {{1, kExnRef}}));
    }
    void simple() {
        add("put", {kI32, kI32}, {}, Code().local_get(0).local_get(1).call(make).op("table.set", {table}));
        add("get", {kI32}, {kI32}, Code().local_get(0).op("table.get", {table}).call(number));
        add("clear", {kI32}, {}, Code().local_get(0).zero(kExnRef).op("table.set", {table}));
        add("churn", {kI32}, {}, churn);
        // Reads the same one many times.
        add("look", {kI32}, {}, repeated(Code().i32_const(0).op("table.get", {table}).drop()));
        add("set", {kI32}, {}, Code().local_get(0).call(make).global_set(global));
        add("tell", {}, {kI32}, Code().global_get(global).call(number));
    }
    void bulk() {
        // Takes one out of the table, empties the table, makes thousands, and tells the number of the first.
        const Code take = Code().i32_const(0).op("table.get", {table}).local_set(1);
        const Code empty = Code().i32_const(0).zero(kExnRef).op("table.set", {table});
        add("hold", {kI32}, {kI32}, Code().raw(take).raw(empty).raw(churn).local_get(1).call(number));
        // An exception that mentions one that mentions one …
        const uint32_t chained = m.tag({kExnRef});
        const Code link = caught(Code().local_get(1).op("throw", {chained})).local_set(1);
        const Code first = Code().i32_const(7).call(make).local_set(1);
        add("chain", {kI32}, {},
            Code().raw(first).raw(repeated(link)).i32_const(0).local_get(1).op("table.set", {table}));
        add("grow", {kI32}, {kI32}, Code().local_get(0).call(make).local_get(0).op("table.grow", {table}));
        add("fill", {kI32}, {}, Code().i32_const(0).local_get(0).call(make).i32_const(8).op("table.fill", {table}));
        add("copy", {}, {}, Code().i32_const(1).i32_const(0).i32_const(3).op("table.copy", {table, table}));
    }

    ModuleBuilder m;
    uint32_t table = 0, global = 0, make = 0, number = 0;
    Code churn;
};

constexpr int32_t kMany = 5000;       // more than a thread holds before it looks what it needs
constexpr uint64_t kFew = 1024 + 16;  // that many

}  // namespace

TEST_CASE("a table and a global hold exceptions") {
    Keeper k;
    k.run("put", {Value::i32(3), Value::i32(42)});
    k.run("set", {Value::i32(43)});
    k.run("churn", {Value::i32(kMany)});
    CHECK(k.ask("get", {Value::i32(3)}) == 42);
    CHECK(k.ask("tell") == 43);
}

TEST_CASE("memory is bounded, whatever is thrown and read") {
    Keeper k;
    k.run("churn", {Value::i32(300'000)});
    CHECK(k.alive() <= kFew);
    k.run("put", {Value::i32(0), Value::i32(1)});
    k.run("look", {Value::i32(300'000)});
    CHECK(k.engine.store.main_thread().data()->ctx.held.size() <= kFew);
    CHECK(k.ask("get", {Value::i32(0)}) == 1);
}

TEST_CASE("an exception outlives the thread that made it, in a table") {
    Keeper k;
    k.on_thread("put", {Value::i32(2), Value::i32(7)});
    k.on_thread("churn", {Value::i32(kMany)});
    CHECK(k.ask("get", {Value::i32(2)}) == 7);
    CHECK(k.alive() <= 2);  // that one: the thread's others have ended with it
    k.run("clear", {Value::i32(2)});
    k.run("churn", {Value::i32(kMany)});
    CHECK(k.alive() <= kFew);
}

TEST_CASE("a frame holds what it has taken out of a table") {
    Keeper k;
    k.run("put", {Value::i32(0), Value::i32(111)});
    CHECK(k.ask("hold", {Value::i32(kMany)}) == 111);
    k.on_thread("put", {Value::i32(0), Value::i32(112)});
    CHECK(k.ask("hold", {Value::i32(kMany)}) == 112);
}

TEST_CASE("a thread's globals are copies, and hold what they mention") {
    Keeper k;
    k.run("set", {Value::i32(5)});
    auto thread = Thread::create(k.engine.store, k.instance, k.engine.store.main_thread());
    REQUIRE(thread);
    k.run("set", {Value::i32(6)});
    k.run("churn", {Value::i32(kMany)});
    std::vector<Value> results;
    REQUIRE((*thread)->call(*k.instance.func("tell"), {}, results).finished());
    CHECK(results[0].as_i32() == 5);
    CHECK(k.ask("tell") == 6);
}

TEST_CASE("a long chain of exceptions ends without recursion") {
    Keeper k;
    k.run("chain", {Value::i32(1'000'000)});
    CHECK(k.alive() >= 1'000'000);
    k.run("chain", {Value::i32(1)});  // writes over what the first call has left on the thread's stack
    k.run("clear", {Value::i32(0)});
    k.run("churn", {Value::i32(3'000'000)});  // more than is held before it is looked at again
    CHECK(k.alive() <= kFew);
}

TEST_CASE("operations on many elements count") {
    Keeper k;
    CHECK(k.ask("grow", {Value::i32(4)}) == 8);
    k.run("fill", {Value::i32(9)});
    k.run("put", {Value::i32(0), Value::i32(1)});
    k.run("copy");
    k.run("churn", {Value::i32(kMany)});
    for (const auto& [index, number] : {std::pair{0, 1}, {1, 1}, {2, 9}, {7, 9}, {8, 4}, {11, 4}}) {
        CHECK(k.ask("get", {Value::i32(index)}) == number);
    }
    for (int32_t i = 0; i < 12; ++i) k.run("clear", {Value::i32(i)});
    k.on_thread("churn", {Value::i32(1)});
    k.run("churn", {Value::i32(kMany)});
    CHECK(k.alive() <= kFew);
}

TEST_CASE("the host looks at exceptions and puts only nulls") {
    Keeper k;
    k.run("put", {Value::i32(0), Value::i32(1)});
    k.run("set", {Value::i32(2)});
    const Table table = *k.instance.table("table");
    const Global global = *k.instance.global("global");
    const Value seen = *table.get(0);
    CHECK_FALSE(seen.is_null());
    CHECK_FALSE(table.set(1, seen));
    CHECK_FALSE(table.grow(1, seen));
    CHECK_FALSE(global.set(seen));
    CHECK_FALSE(k.engine.store.make_global({kExnRef, true}, seen));
    CHECK_FALSE(k.engine.store.make_table({kExnRef, {1, {}}}, seen));
    CHECK_FALSE(Func::from_ref(seen));
    CHECK(table.set(0, Value::null(kExnRef)));
    CHECK(global.set(Value::null(kExnRef)));
    k.run("churn", {Value::i32(kMany)});
    CHECK(k.alive() <= kFew);
}

TEST_CASE("threads put, take and make exceptions at the same time") {
    Keeper k;
    std::vector<std::unique_ptr<Thread>> threads;
    for (int i = 0; i < 3; ++i) {
        threads.push_back(std::move(*Thread::create(k.engine.store, k.instance, k.engine.store.main_thread())));
    }
    std::vector<std::thread> hosts;
    std::atomic<int> failed{0};
    k.run("put", {Value::i32(0), Value::i32(9)});
    for (auto& thread : threads) {
        hosts.emplace_back([&k, &failed, &thread] {
            std::vector<Value> results;
            for (int i = 0; i < 300; ++i) {
                const Value put[] = {Value::i32(0), Value::i32(9)}, get[] = {Value::i32(0)}, many[] = {Value::i32(20)};
                failed += thread->call(*k.instance.func("put"), put, results).finished() ? 0 : 1;
                failed +=
                    thread->call(*k.instance.func("get"), get, results).finished() && results[0].as_i32() == 9 ? 0 : 1;
                failed += thread->call(*k.instance.func("churn"), many, results).finished() ? 0 : 1;
            }
        });
    }
    for (std::thread& host : hosts) host.join();
    threads.clear();
    CHECK(failed == 0);
    k.run("clear", {Value::i32(0)});
    k.run("churn", {Value::i32(kMany)});
    CHECK(k.alive() <= kFew);
}
