// SPDX-License-Identifier: Apache-2.0
// Random programs, translated in two ways: as they are for a memory between guard pages, where loads and stores become
// part of other instructions, and with explicit bounds checks, where none does. Both must compute the same.
//
// The programs look like what a compiler makes without optimising: variables in memory off one base, values that pass
// through locals, loops, calls, a stack pointer; with stores that overlap variables in unexpected ways.
#include "engine.h"

#include <random>

using namespace wasm;
using namespace wasm::test;

namespace {

constexpr uint32_t kParam = 0, kBase = 1, kFirstInt = 2, kFirstLong = 6, kFirstDouble = 9, kCounters = 11,
                   kCarriers = 15;
constexpr uint32_t kInts = 4, kLongs = 3, kDoubles = 2, kCarrierCount = 200;
constexpr uint32_t kIntVars = 0, kLongVars = 64, kDoubleVars = 128,
                   kVars = 8;  // offsets from the base; how many of each
constexpr int32_t kBaseAddress = 4096, kArray = 16384;

class Program {
  public:
    explicit Program(uint32_t seed) : random_(seed) {}

    ModuleBuilder build() {
        ModuleBuilder m;
        m.memory(1);
        m.export_item("memory", ExternKind::Memory, 0);
        Code start;
        start.i32_const(kBaseAddress + 16);
        m.global(kI32, true, start);
        // helper(x): writes a variable and the stack pointer.
        Code helper;
        helper.i32_const(kBaseAddress).local_get(0).op("i32.store", {2, 8}).i32_const(kBaseAddress).i64_const(-5);
        helper.op("i64.store", {3, 72}).local_get(0).i32_const(3).op("i32.mul").end();
        helper_ = m.func({kI32}, {kI32}, helper);
        code_.global_get(0).i32_const(16).op("i32.sub").local_set(kBase);
        if (chance(2)) code_.local_get(kBase).global_set(0);
        statements(8, 2);
        code_.local_get(kBase).i32_const(16).op("i32.add").global_set(0);
        integer(2);
        for (uint32_t i = 0; i < kInts; ++i) code_.local_get(kFirstInt + i).op("i32.xor");
        for (uint32_t i = 0; i < kLongs; ++i) code_.local_get(kFirstLong + i).op("i32.wrap_i64").op("i32.add");
        const std::vector<LocalRun> locals{
            {1 + kInts, kI32}, {kLongs, kI64}, {kDoubles, kF64}, {4 + kCarrierCount, kI32}};
        m.export_func("f", m.func({kI32}, {kI32}, code_.end(), locals));
        return m;
    }

  private:
    uint32_t number(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
    bool chance(uint32_t one_in) { return number(one_in) == 0; }

    int32_t constant() {
        static constexpr int32_t kSpecial[] = {0, 1, 2, 16, 24, 31, 255, 65535, -1, -2147483647 - 1, 2147483647};
        return chance(2) ? kSpecial[number(std::size(kSpecial))] : static_cast<int32_t>(number(200)) - 100;
    }
    // Any operation of these families and this signature. Conversions of floats to integers are left to the saturating
    // ones.
    void operation(Family a, Family b, std::string_view params, std::string_view result) {
        for (;;) {
            const Op op = static_cast<Op>(number(kOpCount));
            const OpInfo& i = info(op);
            if ((i.family != a && i.family != b) || i.params != params || i.results != result) continue;
            code_.op(op);
            return;
        }
    }

    void integer(uint32_t depth) {
        switch (depth == 0 ? number(3) : number(16)) {
            case 0: code_.i32_const(constant()); return;
            case 1: code_.local_get(chance(5) ? kParam : kFirstInt + number(kInts)); return;
            case 2: code_.local_get(kBase).op("i32.load", {2, kIntVars + 4 * number(kVars)}); return;
            case 3:
                code_.local_get(kBase).op(chance(2) ? "i32.load8_u" : "i32.load16_u", {0, kIntVars + number(32)});
                return;
            case 4: element(depth), code_.op(chance(2) ? "i32.load" : "i32.load8_s", {0, number(16)}); return;
            case 5: {  // through a local, as unoptimised code does
                const uint32_t a = carrier(), b = carrier();
                integer(depth - 1), code_.local_set(a);
                integer(depth - 1), code_.local_set(b);
                code_.local_get(a).local_get(b);
                operation(Family::IntBinary, Family::IntCompare, "ii", "i");
                return;
            }
            case 6:
                integer(depth - 1), code_.i32_const(chance(2) ? 24 : 16), code_.op("i32.shl");
                code_.i32_const(chance(2) ? 24 : 16).op("i32.shr_s");
                return;
            case 7: integer(depth - 1), code_.i32_const(constant()).op("i32.and"); return;
            case 8:
                longer(depth - 1), longer(depth - 1), operation(Family::IntCompare, Family::IntCompare, "ll", "i");
                return;
            case 9:
                real(depth - 1), real(depth - 1), operation(Family::FloatCompare, Family::FloatCompare, "dd", "i");
                return;
            case 10: longer(depth - 1), code_.op("i32.wrap_i64"); return;
            case 11: integer(depth - 1), code_.local_tee(kFirstInt + number(kInts)); return;
            case 12: integer(depth - 1), integer(depth - 1), integer(depth - 1), code_.op(Op::Select); return;
            case 13: {  // something happens between the operand and its use
                const uint32_t a = carrier();
                integer(depth - 1);
                if (chance(2))
                    code_.local_set(a), statement(0), code_.local_get(a);
                else
                    statement(0);
                integer(depth - 1), operation(Family::IntBinary, Family::IntCompare, "ii", "i");
                return;
            }
            default:
                integer(depth - 1), integer(depth - 1), operation(Family::IntBinary, Family::IntCompare, "ii", "i");
                return;
        }
    }
    void longer(uint32_t depth) {
        switch (depth == 0 ? number(3) : number(6)) {
            case 0: code_.i64_const(int64_t{constant()} * 1000003); return;
            case 1: code_.local_get(kFirstLong + number(kLongs)); return;
            case 2: code_.local_get(kBase).op("i64.load", {3, kLongVars + 8 * number(kVars)}); return;
            case 3: integer(depth - 1), code_.op(chance(2) ? "i64.extend_i32_u" : "i64.extend_i32_s"); return;
            default:
                longer(depth - 1), longer(depth - 1), operation(Family::IntBinary, Family::IntBinary, "ll", "l");
                return;
        }
    }
    // Never a NaN with a sign or payload of its own: which of two survives is up to the processor.
    void real(uint32_t depth) {
        static constexpr std::string_view kOps[] = {"f64.add", "f64.sub", "f64.mul", "f64.min", "f64.max"};
        switch (depth == 0 ? number(3) : number(5)) {
            case 0: code_.f64_const(constant()); return;
            case 1: code_.local_get(kFirstDouble + number(kDoubles)); return;
            case 2: code_.local_get(kBase).op("f64.load", {3, kDoubleVars + 8 * number(kVars)}); return;
            case 3: integer(depth - 1), code_.op("f64.convert_i32_s"); return;
            default: real(depth - 1), real(depth - 1), code_.op(kOps[number(std::size(kOps))]); return;
        }
    }
    // The address of an array's element, or of a variable by another way.
    void element(uint32_t depth) {
        if (chance(4)) {
            code_.local_get(kBase).i32_const(static_cast<int32_t>(number(96))).op("i32.add");
            return;
        }
        code_.i32_const(kArray).local_set(kCounters + 3).local_get(kCounters + 3);
        integer(depth == 0 ? 0 : depth - 1);
        code_.i32_const(1023).op("i32.and");
        if (chance(2)) code_.i32_const(static_cast<int32_t>(number(4))).op("i32.shl");
        code_.op("i32.add");
    }
    uint32_t carrier() { return kCarriers + next_carrier_++ % kCarrierCount; }

    void statements(uint32_t count, uint32_t depth) {
        for (uint32_t i = 0; i < count; ++i) statement(depth);
    }
    void statement(uint32_t depth) {
        switch (number(depth == 0 ? 12 : 16)) {
            case 0:
            case 1:
                code_.local_get(kBase), integer(3), code_.op("i32.store", {2, kIntVars + 4 * number(kVars)});
                return;
            case 2:
                code_.local_get(kBase), longer(2), code_.op("i64.store", {3, kLongVars + 8 * number(kVars)});
                return;
            case 3:
                code_.local_get(kBase), real(2), code_.op("f64.store", {3, kDoubleVars + 8 * number(kVars)});
                return;
            case 4:
                code_.local_get(kBase), integer(1),
                    code_.op(chance(2) ? "i32.store8" : "i32.store16", {0, number(120)});
                return;
            case 5: element(1), integer(2), code_.op(chance(2) ? "i32.store" : "i32.store8", {0, number(8)}); return;
            case 6: code_.local_get(kBase), integer(1), code_.op("i32.store", {2, kLongVars + 4 * number(16)}); return;
            case 7: integer(3), code_.local_set(kFirstInt + number(kInts)); return;
            case 8: longer(2), code_.local_set(kFirstLong + number(kLongs)); return;
            case 9: real(2), code_.local_set(kFirstDouble + number(kDoubles)); return;
            case 10: integer(2), code_.drop(); return;
            case 11:
                integer(1), code_.call(helper_), integer(1), code_.op("i32.add").local_set(kFirstInt + number(kInts));
                return;
            case 12:
                integer(2), code_.block("if"), statements(2, depth - 1);
                if (chance(2)) code_.op(Op::Else), statements(2, depth - 1);
                code_.end();
                return;
            case 13: code_.block(), integer(2), code_.br_if(0), statements(2, depth - 1), code_.end(); return;
            default: loop(depth); return;
        }
    }
    // With the test in front, or behind; the counter in memory or in a local.
    void loop(uint32_t depth) {
        const bool in_memory = chance(2), in_front = chance(2);
        const uint32_t local = kCounters + depth, offset = 192 + 4 * depth;
        const auto counter = [&] {
            if (in_memory)
                code_.local_get(kBase).op("i32.load", {2, offset});
            else
                code_.local_get(local);
        };
        const auto set_counter = [&](auto value) {
            if (in_memory) code_.local_get(kBase);
            value();
            if (in_memory)
                code_.op("i32.store", {2, offset});
            else
                code_.local_set(local);
        };
        set_counter([&] { code_.i32_const(0); });
        code_.block().block("loop");
        if (in_front) counter(), code_.i32_const(4).op("i32.ge_s").br_if(1);
        statements(2, depth - 1);
        set_counter([&] { counter(), code_.i32_const(1).op("i32.add"); });
        if (in_front)
            code_.br(0);
        else
            counter(), code_.i32_const(4).op("i32.lt_s").br_if(0);
        code_.end().end();
    }

    std::mt19937 random_;
    Code code_;
    uint32_t helper_ = 0;
    uint32_t next_carrier_ = 0;
};

struct Outcome {
    std::string stop;
    int32_t result = 0;
    Buffer memory;
};

Outcome run(uint32_t seed, bool explicit_checks) {
    StoreOptions options;
    options.explicit_bounds_checks = explicit_checks;
    Engine engine(options);
    const Instance instance = engine.add(Program(seed).build());
    Outcome outcome;
    const Stop stop = engine.call(instance, "f", {Value::i32(static_cast<int32_t>(seed))});
    outcome.stop = stop.finished() ? "finished" : std::string(to_string(stop.trap.kind));
    if (stop.finished()) outcome.result = engine.results[0].as_i32();
    const Memory memory = *instance.memory("memory");
    outcome.memory.resize(memory.size());
    REQUIRE(memory.read(GuestAddr{0}, outcome.memory.data(), outcome.memory.size()));
    return outcome;
}

}  // namespace

TEST_CASE("random programs do not depend on how they are translated") {
    uint32_t finished = 0;
    constexpr uint32_t kPrograms = 300;
    for (uint32_t seed = 1; seed <= kPrograms; ++seed) {
        INFO("seed " << seed);
        const Outcome guarded = run(seed, false);
        const Outcome checked = run(seed, true);
        CHECK(guarded.stop == checked.stop);
        CHECK(guarded.result == checked.result);
        CHECK(guarded.memory == checked.memory);
        finished += guarded.stop == "finished" ? 1 : 0;
    }
    // Programs that divide by zero at once would test nothing.
    CHECK(finished > kPrograms / 4);
}
