// SPDX-License-Identifier: Apache-2.0
// Every load and store of the opcode table, out of bounds: the trap names the instruction that did it, with guard pages
// and with explicit checks.
#include "engine.h"
#include "isa/code_ops.h"

#include <sys/mman.h>

using namespace wasm;
using namespace wasm::test;

namespace {

ValType type_of_letter(char c) { return c == 'i' ? kI32 : c == 'l' ? kI64 : c == 'f' ? kF32 : kF64; }

constexpr uint32_t kPage = 65536;

struct Case {
    ModuleBuilder module;
    uint32_t instruction = 0;  // offset of the access in the body's instructions
};

// f(address): touches memory at address + offset. With `loop`, the address is a much used local, so that it is pinned.
Case access(Op op, uint32_t offset, bool loop) {
    Case c;
    c.module.memory(1);
    Code body;
    if (loop) {
        body.block("loop");
        for (int i = 0; i < 4; ++i) body.local_get(0).local_set(0);
    }
    body.local_get(0);
    const bool store = info(op).family == Family::Store;
    if (store) body.zero(type_of_letter(info(op).params[1]));
    c.instruction = static_cast<uint32_t>(body.size());
    body.op(op).u32(info(op).align).u32(offset);
    if (!store) body.drop();
    if (loop) body.end();
    c.module.export_func("f", c.module.func({kI32}, {}, body.end()));
    return c;
}

// Where the instruction stands in the module: behind the body's size and its empty local declarations.
[[maybe_unused]] uint64_t offset_in_module(const Buffer& bytes, const Buffer& body) {
    const auto at = std::search(bytes.begin(), bytes.end(), body.begin(), body.end());
    REQUIRE(at != bytes.end());
    return static_cast<uint64_t>(at - bytes.begin());
}

void check_row(Op op, bool explicit_checks, bool loop) {
    StoreOptions options;
    options.explicit_bounds_checks = explicit_checks;
    Engine engine(options);
    const uint32_t bytes = 1U << info(op).align;
    Case c = access(op, 16, loop);
    const Instance instance = engine.add(c.module);
    INFO(info(op).text << (explicit_checks ? " explicit" : " guarded") << (loop ? " pinned" : ""));
    const auto address = [](uint32_t a) { return std::vector<Value>{Value::i32(static_cast<int32_t>(a))}; };
    CHECK(engine.call(instance, "f", address(kPage - 16 - bytes)).finished());
    for (const uint32_t bad : {kPage - 16 - bytes + 1, kPage, 0xFFFFFFFFU}) {
        engine.require_trap(instance, "f", address(bad), TrapKind::OutOfBoundsMemory);
        REQUIRE(engine.trap.backtrace.size() == 1);
        const Buffer module_bytes = c.module.build();
        Code pattern;
        pattern.op(op).u32(info(op).align).u32(16);
        const uint64_t at = offset_in_module(module_bytes, pattern.bytes());
        const uint64_t named = engine.trap.backtrace[0].module_offset;
        // A load that has become an operand of the next instruction faults there.
        const bool is_operand =
            kPins > 0 && loop && !explicit_checks && info(op).family == Family::Load && info(op).is_full_width();
        CHECK(named == (is_operand ? at + pattern.size() : at));
    }
}

}  // namespace

TEST_CASE("every load and store traps at its own instruction") {
    for (size_t i = 0; i < kOpCount; ++i) {
        const Op op = static_cast<Op>(i);
        if (info(op).family != Family::Load && info(op).family != Family::Store) continue;
        for (const bool explicit_checks : {false, true}) {
            for (const bool loop : {false, true}) check_row(op, explicit_checks, loop);
        }
    }
}

TEST_CASE("pages the embedder protects fault as a memory fault, and copies to them fail") {
    Engine engine;
    ModuleBuilder m;
    m.memory(2);
    m.export_item("memory", ExternKind::Memory, 0);
    m.export_func("store", m.func({kI32}, {}, Code().local_get(0).i32_const(1).op("i32.store", {2, 0}).end()));
    m.export_func("fill",
                  m.func({kI32}, {}, Code().local_get(0).i32_const(1).i32_const(8).op("memory.fill", {0}).end()));
    const Instance instance = engine.add(m);
    const Memory memory = *instance.memory("memory");
    const uint64_t text = 0x7878787878787878;
    REQUIRE(memory.write(GuestAddr{4088}, &text, sizeof text));
    REQUIRE(mprotect(memory.base() + 4096, 4096, PROT_NONE) == 0);
    engine.require_trap(instance, "store", {Value::i32(4096)}, TrapKind::MemoryFault);
    CHECK(engine.trap.fault_address == 4096);
    engine.require_trap(instance, "fill", {Value::i32(8190)}, TrapKind::MemoryFault);
    CHECK(engine.call(instance, "store", {Value::i32(8192)}).finished());
    uint32_t word = 7;
    CHECK_FALSE(memory.read(GuestAddr{4094}, &word, sizeof word));
    CHECK_FALSE(memory.write(GuestAddr{8190}, &word, sizeof word));
    CHECK(memory.read(GuestAddr{8192}, &word, sizeof word));
    CHECK(word == 1);
    CHECK_FALSE(memory.load_string(GuestAddr{4090}, 100));
    REQUIRE(mprotect(memory.base() + 4096, 4096, PROT_READ | PROT_WRITE) == 0);
}

TEST_CASE("strings end inside memory") {
    Engine engine;
    ModuleBuilder m;
    m.memory(1);
    m.data(65530, "abcde");
    m.export_item("memory", ExternKind::Memory, 0);
    const Memory memory = *engine.add(m).memory("memory");
    CHECK(memory.load_string(GuestAddr{65530}, 100) == "abcde");
    CHECK_FALSE(memory.load_string(GuestAddr{65530}, 5));
    CHECK_FALSE(memory.load_string(GuestAddr{65536}, 5));
    const char x = 'x';
    REQUIRE(memory.write(GuestAddr{65535}, &x, 1));
    CHECK_FALSE(memory.load_string(GuestAddr{65530}, 100));
}
