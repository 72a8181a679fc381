// SPDX-License-Identifier: Apache-2.0
// Writes WebAssembly binaries for tests: instructions by name through the opcode table, sections in order.
// It writes what it is told, right or wrong: nothing here checks the module.
//
//   ModuleBuilder m;
//   m.memory(1);
//   const uint32_t f = m.func({kI32}, {kI32}, Code().local_get(0).i32_const(1).op("i32.add").end());
//   m.export_func("next", f);
//   const Buffer bytes = m.build();
#pragma once

#include "isa/wasm_ops.h"

#include <wasm/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace wasm::test {

using Buffer = std::vector<uint8_t>;

// Row of the opcode table; ends the test program when there is none. "select" is the one without types.
Op op_named(std::string_view name);

// Bytes with the encodings of spec §5.2, and instructions on top of them.
class Code {
  public:
    Code& u8(uint8_t byte);
    Code& u32(uint32_t value) { return u64(value); }
    Code& u64(uint64_t value);
    // Unsigned LEB128 in exactly `length` bytes.
    Code& padded_u32(uint32_t value, unsigned length);
    Code& s32(int32_t value) { return s64(value); }
    Code& s64(int64_t value);
    Code& f32(float value);
    Code& f64(double value);
    Code& name(std::string_view text);  // length and bytes
    Code& raw(const Buffer& bytes);
    Code& raw(std::initializer_list<uint8_t> bytes);
    Code& raw(const Code& code) { return raw(code.bytes_); }
    Code& type(ValType type);

    // The opcode alone; immediates are appended by the caller.
    Code& op(Op op);
    Code& op(std::string_view name) { return op(op_named(name)); }
    // With immediates that are all unsigned: indices, labels, alignment and offset.
    Code& op(std::string_view name, std::initializer_list<uint32_t> immediates);
    // With a well-formed immediate of the row's kind: index 0, constant 0, empty block type, natural alignment.
    Code& op_with_immediate(Op op);

    Code& i32_const(int32_t value) { return op(Op::I32Const).s32(value); }
    Code& i64_const(int64_t value) { return op(Op::I64Const).s64(value); }
    Code& f32_const(float value) { return op(Op::F32Const).f32(value); }
    Code& f64_const(double value) { return op(Op::F64Const).f64(value); }
    // A constant (or null reference) of the type.
    Code& zero(ValType type);
    Code& local_get(uint32_t i) { return op(Op::LocalGet).u32(i); }
    Code& local_set(uint32_t i) { return op(Op::LocalSet).u32(i); }
    Code& local_tee(uint32_t i) { return op(Op::LocalTee).u32(i); }
    Code& global_get(uint32_t i) { return op(Op::GlobalGet).u32(i); }
    Code& global_set(uint32_t i) { return op(Op::GlobalSet).u32(i); }
    Code& call(uint32_t i) { return op(Op::Call).u32(i); }
    Code& br(uint32_t label) { return op(Op::Br).u32(label); }
    Code& br_if(uint32_t label) { return op(Op::BrIf).u32(label); }
    // block, loop, if, try without parameters
    Code& block(std::string_view name = "block") { return op(name).u8(0x40); }
    Code& block(std::string_view name, ValType result) { return op(name).type(result); }
    Code& block(std::string_view name, uint32_t type_index) { return op(name).s64(type_index); }
    Code& drop() { return op(Op::Drop); }
    Code& end() { return op(Op::End); }

    const Buffer& bytes() const { return bytes_; }
    size_t size() const { return bytes_.size(); }

  private:
    Buffer bytes_;
};

using TypeList = std::vector<ValType>;

struct LocalRun {
    uint32_t count;
    ValType type;
};

enum class SectionId : uint8_t {
    Custom,
    Type,
    Import,
    Function,
    Table,
    Memory,
    Global,
    Export,
    Start,
    Element,
    Code,
    Data,
    DataCount,
    Tag,
};

class ModuleBuilder {
  public:
    uint32_t type(const TypeList& params, const TypeList& results);

    // Imports of a kind come before definitions of the kind. All return the index in the index space.
    uint32_t import_func(std::string_view module,
                         std::string_view name,
                         const TypeList& params,
                         const TypeList& results);
    uint32_t import_memory(std::string_view module,
                           std::string_view name,
                           uint32_t min,
                           std::optional<uint32_t> max = {},
                           bool shared = false);
    uint32_t import_global(std::string_view module, std::string_view name, ValType type, bool is_mutable);

    // `body` includes the last `end`.
    uint32_t func(const TypeList& params,
                  const TypeList& results,
                  const Code& body,
                  const std::vector<LocalRun>& locals = {});
    uint32_t table(ValType element, uint32_t min, std::optional<uint32_t> max = {});
    uint32_t memory(uint32_t min, std::optional<uint32_t> max = {}, bool shared = false);
    uint32_t global(ValType type, bool is_mutable, const Code& init);  // init without `end`
    uint32_t tag(const TypeList& params);
    void export_item(std::string_view name, ExternKind kind, uint32_t index);
    void export_func(std::string_view name, uint32_t index) { export_item(name, ExternKind::Func, index); }
    void start(uint32_t func) { start_ = func; }
    // Active in table 0 at `offset`.
    uint32_t elem(uint32_t offset, const std::vector<uint32_t>& funcs);
    uint32_t passive_elem(const std::vector<uint32_t>& funcs);
    uint32_t declare(const std::vector<uint32_t>& funcs);
    // Active in memory 0 at `offset`. Segments bring a data count section.
    uint32_t data(uint32_t offset, std::string_view bytes);
    uint32_t passive_data(std::string_view bytes);
    // Behind all other sections.
    void custom(std::string_view name, const Code& content);

    // Appends an entry that has no method of its own. `section` is not Custom, Start or DataCount.
    uint32_t entry(SectionId section, const Code& entry);

    Buffer build() const;
    // Header and one section, as it comes.
    static Buffer header();
    static void append_section(Buffer& out, SectionId id, const Buffer& content);

  private:
    struct Entries {
        uint32_t count = 0;
        Code content;
    };
    uint32_t import(std::string_view module, std::string_view name, ExternKind kind, const Code& type);

    std::map<SectionId, Entries> sections_;
    std::map<ExternKind, uint32_t> index_spaces_;
    std::vector<std::pair<TypeList, TypeList>> types_;
    std::vector<Code> customs_;
    std::optional<uint32_t> start_;
};

}  // namespace wasm::test
