// SPDX-License-Identifier: Apache-2.0
// Types, errors and traps as text: the spelling of the text format (spec §6.4), one line each.
#include <wasm/module.h>
#include <wasm/result.h>
#include <wasm/text.h>
#include <wasm/trap.h>
#include <wasm/types.h>

#include <fmt/format.h>

namespace wasm {
namespace {

// Heap type and the short form of the nullable reference to it.
struct HeapName {
    HeapType heap;
    std::string_view name;
    std::string_view nullable_ref;
};
constexpr HeapName kHeapNames[] = {
    {HeapType::NoExn, "noexn", "nullexnref"},
    {HeapType::NoFunc, "nofunc", "nullfuncref"},
    {HeapType::NoExtern, "noextern", "nullexternref"},
    {HeapType::None, "none", "nullref"},
    {HeapType::Func, "func", "funcref"},
    {HeapType::Extern, "extern", "externref"},
    {HeapType::Any, "any", "anyref"},
    {HeapType::Eq, "eq", "eqref"},
    {HeapType::I31, "i31", "i31ref"},
    {HeapType::Struct, "struct", "structref"},
    {HeapType::Array, "array", "arrayref"},
    {HeapType::Exn, "exn", "exnref"},
};

std::string ref_to_string(ValType type) {
    const std::string_view null = type.is_nullable() ? "null " : "";
    if (type.is_concrete()) return fmt::format("(ref {}{})", null, type.type_index());
    for (const HeapName& row : kHeapNames) {
        if (row.heap != type.heap()) continue;
        return type.is_nullable() ? std::string(row.nullable_ref) : fmt::format("(ref {})", row.name);
    }
    return fmt::format("(ref {}0x{:02x})", null, static_cast<unsigned>(type.heap()));
}

std::string list(const std::vector<ValType>& types) {
    std::string text = "(";
    for (size_t i = 0; i < types.size(); ++i) {
        if (i != 0) text += ", ";
        text += to_string(types[i]);
    }
    return text + ")";
}

std::string limits_to_string(const Limits& limits) {
    return limits.max ? fmt::format("{} {}", limits.min, *limits.max) : fmt::format("{}", limits.min);
}

}  // namespace

std::string to_string(ValType type) {
    switch (type.kind()) {
        case ValType::Kind::Bottom: return "bottom";
        case ValType::Kind::I32: return "i32";
        case ValType::Kind::I64: return "i64";
        case ValType::Kind::F32: return "f32";
        case ValType::Kind::F64: return "f64";
        case ValType::Kind::V128: return "v128";
        case ValType::Kind::Ref: return ref_to_string(type);
    }
    return "unknown type";
}

std::string to_string(const FuncType& type) { return fmt::format("{} -> {}", list(type.params), list(type.results)); }

std::string_view to_string(ExternKind kind) {
    switch (kind) {
        case ExternKind::Func: return "func";
        case ExternKind::Table: return "table";
        case ExternKind::Memory: return "memory";
        case ExternKind::Global: return "global";
        case ExternKind::Tag: return "tag";
    }
    return "unknown kind";
}

std::string to_string(const ExternType& type) {
    switch (type.kind) {
        case ExternKind::Func: return fmt::format("func {}", to_string(type.func));
        case ExternKind::Table:
            return fmt::format("table {}{} {}", type.table.is64 ? "i64 " : "", limits_to_string(type.table.limits),
                               to_string(type.table.element));
        case ExternKind::Memory:
            return fmt::format("memory {}{}{}", type.memory.is64 ? "i64 " : "", limits_to_string(type.memory.limits),
                               type.memory.shared ? " shared" : "");
        case ExternKind::Global:
            return fmt::format(fmt::runtime(type.global.is_mutable ? "global (mut {})" : "global {}"),
                               to_string(type.global.type));
        case ExternKind::Tag: return fmt::format("tag {}", list(type.tag.type.params));
    }
    return "unknown kind";
}

std::string_view to_string(TrapKind kind) {
    switch (kind) {
#define TRAP(id, text) \
    case TrapKind::id: return text;
        WASM_TRAPS(TRAP)
#undef TRAP
    }
    return "unknown trap";
}

std::string Trap::message() const {
    std::string text(to_string(kind));
    if (!detail.empty()) text += ": " + printable(detail);
    return text;
}

std::string Error::describe() const {
    std::string place;
    const auto add = [&place](const std::string& part) { place += place.empty() ? part : ", " + part; };
    if (offset) add(fmt::format("offset {:#x}", *offset));
    if (!section.empty()) add(fmt::format("{} section", section));
    if (func_index) {
        add(func_name.empty() ? fmt::format("function {}", *func_index)
                              : fmt::format("function {} '{}'", *func_index, printable_name(func_name)));
    }
    const std::string text = printable(message);
    return place.empty() ? text : fmt::format("{} ({})", text, place);
}

}  // namespace wasm
