// SPDX-License-Identifier: Apache-2.0
#include "support/module_builder.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace wasm::test {
namespace {

Code limits(uint32_t min, std::optional<uint32_t> max, bool shared) {
    Code code;
    code.u8(static_cast<uint8_t>((max ? 1 : 0) | (shared ? 2 : 0))).u32(min);
    if (max) code.u32(*max);
    return code;
}

Code types(const TypeList& list) {
    Code code;
    code.u32(static_cast<uint32_t>(list.size()));
    for (const ValType type : list) code.type(type);
    return code;
}

Code indices(const std::vector<uint32_t>& list) {
    Code code;
    code.u32(static_cast<uint32_t>(list.size()));
    for (const uint32_t index : list) code.u32(index);
    return code;
}

}  // namespace

Op op_named(std::string_view name) {
    for (size_t i = 0; i < kOpCount; ++i) {
        if (kOps[i].text == name) return static_cast<Op>(i);
    }
    std::fprintf(stderr, "no instruction is called '%.*s'\n", static_cast<int>(name.size()), name.data());
    std::abort();
}

Code& Code::u8(uint8_t byte) {
    bytes_.push_back(byte);
    return *this;
}

Code& Code::u64(uint64_t value) {
    for (; value >= 0x80; value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
    return u8(static_cast<uint8_t>(value));
}

Code& Code::padded_u32(uint32_t value, unsigned length) {
    for (unsigned i = 1; i < length; ++i, value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
    return u8(static_cast<uint8_t>(value));
}

Code& Code::s64(int64_t value) {
    while (value < -64 || value > 63) {
        u8(static_cast<uint8_t>(value | 0x80));
        value >>= 7;
    }
    return u8(static_cast<uint8_t>(value & 0x7F));
}

Code& Code::f32(float value) {
    uint8_t raw_bytes[sizeof value];
    std::memcpy(raw_bytes, &value, sizeof value);
    bytes_.insert(bytes_.end(), std::begin(raw_bytes), std::end(raw_bytes));
    return *this;
}

Code& Code::f64(double value) {
    uint8_t raw_bytes[sizeof value];
    std::memcpy(raw_bytes, &value, sizeof value);
    bytes_.insert(bytes_.end(), std::begin(raw_bytes), std::end(raw_bytes));
    return *this;
}

Code& Code::name(std::string_view text) {
    u32(static_cast<uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
}

Code& Code::raw(const Buffer& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

Code& Code::raw(std::initializer_list<uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes);
    return *this;
}

Code& Code::type(ValType type) {
    return u8(type.is_ref() ? static_cast<uint8_t>(type.heap()) : static_cast<uint8_t>(type.kind()));
}

Code& Code::op(Op op) {
    const OpInfo& row = info(op);
    if (row.prefix != 0) return u8(row.prefix).u32(row.code);
    return u8(static_cast<uint8_t>(row.code));
}

Code& Code::op(std::string_view name, std::initializer_list<uint32_t> immediates) {
    op(name);
    for (const uint32_t value : immediates) u32(value);
    return *this;
}

Code& Code::op_with_immediate(Op op_code) {
    const OpInfo& row = info(op_code);
    op(op_code);
    switch (row.imm) {
        case Imm::None: return *this;
        case Imm::Block: return u8(0x40);
        case Imm::TryTable: return u8(0x40).u32(0);
        case Imm::LabelTable: return u32(0).u32(0);
        case Imm::ValTypes: return u32(1).type(kI32);
        case Imm::HeapType: return type(kFuncRef);
        case Imm::F32: return f32(0);
        case Imm::F64: return f64(0);
        case Imm::MemArg: return u32(row.align).u32(0);
        case Imm::CallIndirect:
        case Imm::DataMem:
        case Imm::MemMem:
        case Imm::ElemTable:
        case Imm::TableTable: return u32(0).u32(0);
        case Imm::I32:
        case Imm::I64:
        case Imm::TagIndex:
        case Imm::Label:
        case Imm::FuncIndex:
        case Imm::LocalIndex:
        case Imm::GlobalIndex:
        case Imm::TableIndex:
        case Imm::MemIndex:
        case Imm::DataIndex:
        case Imm::ElemIndex:
        case Imm::ZeroByte: return u8(0);
    }
    return *this;
}

Code& Code::zero(ValType type_of_zero) {
    switch (type_of_zero.kind()) {
        case ValType::Kind::I32: return i32_const(0);
        case ValType::Kind::I64: return i64_const(0);
        case ValType::Kind::F32: return f32_const(0);
        case ValType::Kind::F64: return f64_const(0);
        default: return op(Op::RefNull).type(type_of_zero);
    }
}

uint32_t ModuleBuilder::entry(SectionId section, const Code& entry) {
    Entries& entries = sections_[section];
    entries.content.raw(entry);
    return entries.count++;
}

uint32_t ModuleBuilder::type(const TypeList& params, const TypeList& results) {
    for (size_t i = 0; i < types_.size(); ++i) {
        if (types_[i].first == params && types_[i].second == results) return static_cast<uint32_t>(i);
    }
    types_.emplace_back(params, results);
    return entry(SectionId::Type, Code().u8(0x60).raw(types(params)).raw(types(results)));
}

uint32_t ModuleBuilder::import(std::string_view module, std::string_view name, ExternKind kind, const Code& type) {
    entry(SectionId::Import, Code().name(module).name(name).u8(static_cast<uint8_t>(kind)).raw(type));
    return index_spaces_[kind]++;
}

uint32_t ModuleBuilder::import_func(std::string_view module,
                                    std::string_view name,
                                    const TypeList& params,
                                    const TypeList& results) {
    return import(module, name, ExternKind::Func, Code().u32(type(params, results)));
}

uint32_t ModuleBuilder::import_memory(
    std::string_view module, std::string_view name, uint32_t min, std::optional<uint32_t> max, bool shared) {
    return import(module, name, ExternKind::Memory, limits(min, max, shared));
}

uint32_t ModuleBuilder::import_global(std::string_view module, std::string_view name, ValType type, bool is_mutable) {
    return import(module, name, ExternKind::Global, Code().type(type).u8(is_mutable ? 1 : 0));
}

uint32_t ModuleBuilder::func(const TypeList& params,
                             const TypeList& results,
                             const Code& body,
                             const std::vector<LocalRun>& locals) {
    Code code;
    code.u32(static_cast<uint32_t>(locals.size()));
    for (const LocalRun& run : locals) code.u32(run.count).type(run.type);
    code.raw(body);
    entry(SectionId::Function, Code().u32(type(params, results)));
    entry(SectionId::Code, Code().u32(static_cast<uint32_t>(code.size())).raw(code));
    return index_spaces_[ExternKind::Func]++;
}

uint32_t ModuleBuilder::table(ValType element, uint32_t min, std::optional<uint32_t> max) {
    entry(SectionId::Table, Code().type(element).raw(limits(min, max, false)));
    return index_spaces_[ExternKind::Table]++;
}

uint32_t ModuleBuilder::memory(uint32_t min, std::optional<uint32_t> max, bool shared) {
    entry(SectionId::Memory, limits(min, max, shared));
    return index_spaces_[ExternKind::Memory]++;
}

uint32_t ModuleBuilder::global(ValType type, bool is_mutable, const Code& init) {
    entry(SectionId::Global, Code().type(type).u8(is_mutable ? 1 : 0).raw(init).end());
    return index_spaces_[ExternKind::Global]++;
}

uint32_t ModuleBuilder::tag(const TypeList& params) {
    entry(SectionId::Tag, Code().u8(0).u32(type(params, {})));
    return index_spaces_[ExternKind::Tag]++;
}

void ModuleBuilder::export_item(std::string_view name, ExternKind kind, uint32_t index) {
    entry(SectionId::Export, Code().name(name).u8(static_cast<uint8_t>(kind)).u32(index));
}

uint32_t ModuleBuilder::elem(uint32_t offset, const std::vector<uint32_t>& funcs) {
    return entry(SectionId::Element, Code().u32(0).i32_const(static_cast<int32_t>(offset)).end().raw(indices(funcs)));
}

uint32_t ModuleBuilder::passive_elem(const std::vector<uint32_t>& funcs) {
    return entry(SectionId::Element, Code().u32(1).u8(0).raw(indices(funcs)));
}

uint32_t ModuleBuilder::declare(const std::vector<uint32_t>& funcs) {
    return entry(SectionId::Element, Code().u32(3).u8(0).raw(indices(funcs)));
}

uint32_t ModuleBuilder::data(uint32_t offset, std::string_view bytes) {
    return entry(SectionId::Data, Code().u32(0).i32_const(static_cast<int32_t>(offset)).end().name(bytes));
}

uint32_t ModuleBuilder::passive_data(std::string_view bytes) {
    return entry(SectionId::Data, Code().u32(1).name(bytes));
}

void ModuleBuilder::custom(std::string_view name, const Code& content) {
    customs_.push_back(Code().name(name).raw(content));
}

Buffer ModuleBuilder::header() { return {0, 'a', 's', 'm', 1, 0, 0, 0}; }

void ModuleBuilder::append_section(Buffer& out, SectionId id, const Buffer& content) {
    const Code section = Code().u8(static_cast<uint8_t>(id)).u32(static_cast<uint32_t>(content.size())).raw(content);
    out.insert(out.end(), section.bytes().begin(), section.bytes().end());
}

Buffer ModuleBuilder::build() const {
    constexpr SectionId kOrder[] = {
        SectionId::Type,      SectionId::Import, SectionId::Function, SectionId::Table, SectionId::Memory,
        SectionId::Tag,       SectionId::Global, SectionId::Export,   SectionId::Start, SectionId::Element,
        SectionId::DataCount, SectionId::Code,   SectionId::Data,
    };
    Buffer out = header();
    for (const SectionId id : kOrder) {
        if (id == SectionId::Start && start_) append_section(out, id, Code().u32(*start_).bytes());
        const auto source = sections_.find(id == SectionId::DataCount ? SectionId::Data : id);
        if (source == sections_.end()) continue;
        Code content;
        content.u32(source->second.count);
        if (id != SectionId::DataCount) content.raw(source->second.content);
        append_section(out, id, content.bytes());
    }
    for (const Code& custom : customs_) append_section(out, SectionId::Custom, custom.bytes());
    return out;
}

}  // namespace wasm::test
