// SPDX-License-Identifier: Apache-2.0
// Leaving several frames at once: setjmp and longjmp through the embedding API, exceptions through host frames.
#include "engine.h"

using namespace wasm;
using namespace wasm::test;

namespace {

struct Jumps {
    JumpPoint point;
    Func callback;
    bool captured = false;
};
HostOutcome host_setjmp(Caller& caller, Slot* slots, void* env) {
    auto& jumps = *static_cast<Jumps*>(env);
    jumps.captured = caller.capture(jumps.point);
    slots[0].set<int32_t>(0);
    return HostOutcome::Continue;
}
HostOutcome host_longjmp(Caller& caller, Slot* slots, void* env) {
    const JumpPoint copy = static_cast<Jumps*>(env)->point;
    return caller.resume_at(copy, slots[0].u32());
}
HostOutcome host_callback(Caller& caller, Slot* slots, void* env) {
    Slot result[1];
    Stop stop = caller.call(static_cast<Jumps*>(env)->callback, slots, result);
    if (!stop.finished()) return caller.forward(std::move(stop));
    slots[0] = result[0];
    return HostOutcome::Continue;
}

struct Jumping {
    Engine engine;
    Jumps jumps;
    ModuleBuilder m;
    uint32_t set = 0, jump = 0, callback = 0;

    Jumping() {
        engine.linker.define_func("h", "setjmp", {{{}, {kI32}}, &host_setjmp, &jumps, true});
        engine.linker.define_func("h", "longjmp", {{{kI32}, {}}, &host_longjmp, &jumps, false});
        engine.linker.define_func("h", "callback", {{{kI32}, {kI32}}, &host_callback, &jumps, false});
        set = m.import_func("h", "setjmp", {}, {kI32});
        jump = m.import_func("h", "longjmp", {kI32}, {});
        callback = m.import_func("h", "callback", {kI32}, {kI32});
    }
    Instance instance() {
        const Instance i = engine.add(m);
        if (const auto f = i.func("inner")) jumps.callback = *f;
        return i;
    }
};

}  // namespace

TEST_CASE("a jump restores what lay below the call and keeps locals") {
    Jumping t;
    // 1000 + (setjmp() → local 0; on 0: local 1 = 5, longjmp(7)) → 1000 + 7 + local 1
    Code body;
    body.i32_const(1000)
        .call(t.set)
        .local_tee(0)
        .op("i32.eqz")
        .block("if")
        .i32_const(5)
        .local_set(1)
        .i32_const(7)
        .call(t.jump)
        .end()
        .local_get(0)
        .op("i32.add")
        .local_get(1)
        .op("i32.add")
        .end();
    t.m.export_func("run", t.m.func({}, {kI32}, body, {{2, kI32}}));
    const Instance i = t.instance();
    CHECK(t.engine.call_i32(i, "run") == 1012);
    CHECK(t.jumps.captured);
    CHECK(t.jumps.point.operand_count == 1);
    CHECK(t.jumps.point.operands[0] == 1000);
}

TEST_CASE("jumps across a hundred frames, a million times, without growth") {
    Jumping t;
    // dive(n, v): n == 0 ? longjmp(v) : dive(n - 1, v)
    const uint32_t dive = t.callback + 1;
    t.m.func({kI32, kI32}, {},
             Code()
                 .local_get(0)
                 .op("i32.eqz")
                 .block("if")
                 .local_get(1)
                 .call(t.jump)
                 .end()
                 .local_get(0)
                 .i32_const(1)
                 .op("i32.sub")
                 .local_get(1)
                 .call(dive)
                 .end());
    // run(n, depth): setjmp counts up to n
    Code body;
    body.call(t.set)
        .local_tee(2)
        .local_get(0)
        .op("i32.lt_s")
        .block("if")
        .local_get(1)
        .local_get(2)
        .i32_const(1)
        .op("i32.add")
        .call(dive)
        .end()
        .local_get(2)
        .end();
    t.m.export_func("run", t.m.func({kI32, kI32}, {kI32}, body, {{1, kI32}}));
    const Instance i = t.instance();
    CHECK(t.engine.call_i32(i, "run", {Value::i32(1000), Value::i32(100)}) == 1000);
    CHECK(t.engine.call_i32(i, "run", {Value::i32(1000000), Value::i32(1)}) == 1000000);
}

TEST_CASE("a jump out of a host callback") {
    Jumping t;
    t.m.export_func("inner", t.m.func({kI32}, {kI32}, Code().local_get(0).call(t.jump).i32_const(0).end()));
    Code body;
    body.call(t.set)
        .local_tee(0)
        .op("i32.eqz")
        .block("if")
        .i32_const(9)
        .call(t.callback)
        .drop()
        .end()
        .local_get(0)
        .end();
    t.m.export_func("run", t.m.func({}, {kI32}, body, {{1, kI32}}));
    const Instance i = t.instance();
    for (int n = 0; n < 1000; ++n) REQUIRE(t.engine.call_i32(i, "run") == 9);
}

TEST_CASE("stale and forged points trap") {
    Jumping t;
    t.m.export_func("set", t.m.func({}, {kI32}, Code().call(t.set).end()));
    t.m.export_func("jump", t.m.func({}, {}, Code().i32_const(1).call(t.jump).end()));
    // The activation is at the same place on the stack, with the same code, but another one.
    t.m.export_func(
        "again",
        t.m.func({kI32}, {kI32}, Code().local_get(0).block("if").i32_const(1).call(t.jump).end().call(t.set).end()));
    const Instance i = t.instance();
    CHECK(t.engine.call_i32(i, "set") == 0);
    t.engine.require_trap(i, "jump", {}, TrapKind::StaleJump);
    CHECK(t.engine.call_i32(i, "again", {Value::i32(0)}) == 0);
    t.engine.require_trap(i, "again", {Value::i32(1)}, TrapKind::StaleJump);
    for (const uint64_t serial : {uint64_t{0}, ~uint64_t{0}, t.jumps.point.activation + 1}) {
        t.jumps.point.activation = serial;
        t.engine.require_trap(i, "jump", {}, TrapKind::StaleJump);
    }
    // A live activation, but a site it does not have.
    Jumping u;
    Code body;
    body.call(u.set).drop().i32_const(0).call(u.callback).end();
    u.m.export_func("run", u.m.func({}, {kI32}, body));
    u.m.export_func("inner", u.m.func({kI32}, {kI32}, Code().i32_const(1).call(u.jump).i32_const(0).end()));
    const Instance j = u.instance();
    struct Forge {
        static HostOutcome call(Caller& caller, Slot*, void* env) {
            JumpPoint p = static_cast<Jumps*>(env)->point;
            p.site = 1;
            return caller.resume_at(p, 1);
        }
    };
    u.jumps.callback = u.engine.store.make_func({{{kI32}, {kI32}}, &Forge::call, &u.jumps, false}, "forge");
    u.engine.require_trap(j, "run", {}, TrapKind::StaleJump);
}

TEST_CASE("exceptions: caught across frames, through host functions, collected") {
    Jumping t;
    const uint32_t tag = t.m.tag({kI32});
    t.m.export_func("inner", t.m.func({kI32}, {kI32}, Code().local_get(0).op("throw", {tag}).end()));
    const uint32_t caught = t.m.func({kI32}, {kI32},
                                     Code()
                                         .block("try", kI32)
                                         .local_get(0)
                                         .call(t.callback)
                                         .op("catch", {tag})
                                         .i32_const(1)
                                         .op("i32.add")
                                         .end()
                                         .end());
    t.m.export_func("caught", caught);
    t.m.export_func("uncaught", t.m.func({}, {}, Code().i32_const(3).op("throw", {tag}).end()));
    Code body;
    body.block("loop")
        .local_get(1)
        .i32_const(1)
        .call(caught)
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
    t.m.export_func("many", t.m.func({kI32}, {kI32}, body, {{1, kI32}}));
    const Instance i = t.instance();
    CHECK(t.engine.call_i32(i, "caught", {Value::i32(41)}) == 42);
    t.engine.require_trap(i, "uncaught", {}, TrapKind::UncaughtException);
    CHECK(t.engine.trap.backtrace.size() == 1);
    CHECK(t.engine.call_i32(i, "many", {Value::i32(100000)}) == 200000);
}
