// SPDX-License-Identifier: Apache-2.0
// The decoded module (spec §2.5) as plain structs; everything variable-sized in the file is a view into it.
// Filled by decode_module, checked by validate_module, read-only afterwards.
#pragma once

#include <wasm/module.h>
#include <wasm/result.h>
#include <wasm/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace wasm {

using Bytes = std::span<const uint8_t>;

// A constant expression: its instructions including the final `end`.
struct ConstExpr {
    Bytes code;
    uint64_t offset = 0;  // of code[0] in the module
};

struct Import {
    std::string_view module;
    std::string_view name;
    ExternKind kind = ExternKind::Func;
    uint32_t index = 0;   // in the index space of its kind
    uint64_t offset = 0;  // of the import entry in the module
};

struct FuncDecl {
    uint32_t type_index = 0;
    bool is_import = false;
    bool is_declared =
        false;  // may be named by ref.func: occurs in an element segment, export or global (spec §3.5.16)
    uint64_t type_offset = 0;  // where the type index stands
};

// The code-section entry of a defined function.
struct FuncBody {
    Bytes code;           // local declarations and expression, without the size prefix
    uint64_t offset = 0;  // of code[0] in the module
};

struct TableDecl {
    TableType type;
    bool is_import = false;
    std::optional<ConstExpr> init;
    uint64_t offset = 0;
};
struct MemoryDecl {
    MemoryType type;
    bool is_import = false;
    uint64_t offset = 0;
};
struct GlobalDecl {
    GlobalType type;
    bool is_import = false;
    ConstExpr init;
    uint64_t offset = 0;
};
struct TagDecl {
    uint32_t type_index = 0;
    bool is_import = false;
    uint64_t offset = 0;
};
struct Export {
    std::string_view name;
    ExternKind kind = ExternKind::Func;
    uint32_t index = 0;
    uint64_t offset = 0;
};

enum class SegmentMode : uint8_t { Active, Passive, Declarative };

struct ElementSegment {
    SegmentMode mode = SegmentMode::Passive;
    ValType type = kFuncRef;
    uint32_t table = 0;      // Active
    ConstExpr table_offset;  // Active
    // Exactly one of the two is used: function indices (element kind funcref), or expressions.
    std::vector<uint32_t> functions;
    std::vector<ConstExpr> exprs;
    bool has_exprs = false;
    uint64_t offset = 0;
    size_t size() const { return has_exprs ? exprs.size() : functions.size(); }
};
struct DataSegment {
    SegmentMode mode = SegmentMode::Passive;
    uint32_t memory = 0;
    ConstExpr memory_offset;  // Active
    Bytes bytes;
    uint64_t offset = 0;
};

// A null of the type without values can stand among them, too.
constexpr bool refers_to_exception(ValType type) {
    return type.is_ref() && !type.is_concrete() && (type.heap() == HeapType::Exn || type.heap() == HeapType::NoExn);
}

struct CustomSection {
    std::string_view name;
    Bytes content;
    uint64_t offset = 0;  // of content[0]
};

// Names from the "name" custom section; a malformed section yields what could be read before the fault.
struct NameSection {
    std::string module;
    std::unordered_map<uint32_t, std::string_view> functions;
    std::unordered_map<uint32_t, std::string_view> globals;
};

struct ModuleData {
    Bytes bytes;
    std::shared_ptr<const void> owner;  // keeps bytes alive
    ModuleOptions options;

    std::vector<FuncType> types;
    std::vector<Import> imports;
    // Index spaces: imports first.
    std::vector<FuncDecl> functions;
    std::vector<TableDecl> tables;
    std::vector<MemoryDecl> memories;
    std::vector<GlobalDecl> globals;
    std::vector<TagDecl> tags;
    uint32_t imported_functions = 0;
    uint32_t imported_tables = 0;
    uint32_t imported_memories = 0;
    uint32_t imported_globals = 0;
    uint32_t imported_tags = 0;

    std::vector<Export> exports;
    std::optional<uint32_t> start;
    uint64_t start_offset = 0;
    std::vector<ElementSegment> elements;
    std::vector<FuncBody> bodies;  // bodies[i] belongs to function imported_functions + i
    std::vector<DataSegment> datas;
    std::optional<uint32_t> data_count;
    std::vector<CustomSection> customs;

    // Decoded from the name section on first use; thread-safe.
    const NameSection& names() const;

    const FuncType& func_type(uint32_t func_index) const { return types[functions[func_index].type_index]; }
    const FuncBody& body(uint32_t func_index) const { return bodies[func_index - imported_functions]; }

    struct LazyNames;
    mutable std::shared_ptr<LazyNames> lazy_names;
};

// Decodes the whole binary format except function bodies, which are only delimited (spec §5.5).
// O(size of the module); allocates in proportion to bytes read, never to declared counts.
Result<std::unique_ptr<ModuleData>> decode_module(Bytes bytes,
                                                  ModuleOptions options,
                                                  std::shared_ptr<const void> owner);

// Everything of spec §3.4–§3.5 except function bodies. Also fills FuncDecl::is_declared.
Result<void> validate_module(ModuleData& module);

// Function `func_index` as messages name it: fills func_index and func_name of `error`.
Error in_function(Error error, const ModuleData& module, uint32_t func_index);

}  // namespace wasm
