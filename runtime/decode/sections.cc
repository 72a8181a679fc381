// SPDX-License-Identifier: Apache-2.0
#include "decode/sections.h"

#include "decode/segments.h"
#include "decode/type_decoder.h"

namespace wasm {
namespace {

void custom_section(Reader& r, ModuleData& m) {
    const uint8_t* at = r.pos();
    CustomSection section;
    section.name = read_name(r);
    section.offset = r.offset();
    section.content = r.bytes(r.remaining());
    if (m.customs.size() >= kMaxCustomSections) {
        return r.fail_limit("too many custom sections", at, m.customs.size() + 1, kMaxCustomSections);
    }
    if (!r.failed()) m.customs.push_back(section);
}

// The number of entries of a section, of which `already` exist.
uint32_t entry_count(Reader& r, size_t already, uint64_t limit, const char* what) {
    const uint8_t* at = r.pos();
    const uint32_t n = r.count();
    if (already + n <= limit) return n;
    r.fail_limit(what, at, already + n, limit);
    return 0;
}

void type_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, 0, kMaxTypes, "too many types");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        m.types.push_back(read_func_type(r, m.options.features));
    }
}

bool has_tags(Features features) {
    return features.has(Feature::Exceptions) || features.has(Feature::LegacyExceptions);
}

// A new entry of an index space, which `import` then stands for.
template <class Decl>
Decl& add_import(std::vector<Decl>& space, uint32_t& imported, Import& import) {
    import.index = imported++;
    Decl& decl = space.emplace_back();
    decl.is_import = true;
    return decl;
}

void import_entry(Reader& r, ModuleData& m) {
    const Features features = m.options.features;
    Import import;
    import.offset = r.offset();
    import.module = read_name(r);
    import.name = read_name(r);
    const uint8_t* at = r.pos();
    const uint8_t kind = r.u8();
    const uint64_t offset = r.offset();
    if (kind > static_cast<uint8_t>(ExternKind::Tag)) return r.fail("malformed import kind", at, kind);
    import.kind = static_cast<ExternKind>(kind);
    switch (import.kind) {
        case ExternKind::Func: {
            FuncDecl& func = add_import(m.functions, m.imported_functions, import);
            func.type_offset = offset;
            func.type_index = r.u32();
            break;
        }
        case ExternKind::Table: {
            TableDecl& table = add_import(m.tables, m.imported_tables, import);
            table.offset = offset;
            table.type = read_table_type(r, features);
            break;
        }
        case ExternKind::Memory: {
            MemoryDecl& memory = add_import(m.memories, m.imported_memories, import);
            memory.offset = offset;
            memory.type = read_memory_type(r, features);
            break;
        }
        case ExternKind::Global: {
            GlobalDecl& global = add_import(m.globals, m.imported_globals, import);
            global.offset = offset;
            global.type = read_global_type(r, features);
            break;
        }
        case ExternKind::Tag: {
            if (!has_tags(features)) return r.fail("malformed import kind", at, kind);
            TagDecl& tag = add_import(m.tags, m.imported_tags, import);
            tag.offset = offset;
            tag.type_index = read_tag_type(r);
            break;
        }
    }
    m.imports.push_back(import);
}

void import_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, 0, kMaxImports, "too many imports");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) import_entry(r, m);
}

void function_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, m.functions.size(), kMaxFunctions, "too many functions");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        FuncDecl func;
        func.type_offset = r.offset();
        func.type_index = r.u32();
        m.functions.push_back(func);
    }
}

void table_section(Reader& r, ModuleData& m) {
    constexpr uint8_t kWithInit = 0x40;  // then 0x00, the type, and a constant expression
    const uint32_t n = entry_count(r, m.tables.size(), kMaxTables, "too many tables");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        TableDecl table;
        table.offset = r.offset();
        const bool with_init = r.peek() == kWithInit;
        if (with_init) {
            r.skip(1);
            const uint8_t* at = r.pos();
            if (r.u8() != 0) r.fail("malformed table", at);
        }
        table.type = read_table_type(r, m.options.features);
        if (with_init) table.init = read_const_expr(r, m);
        m.tables.push_back(std::move(table));
    }
}

void memory_section(Reader& r, ModuleData& m) {
    const uint32_t n = r.count();
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        MemoryDecl memory;
        memory.offset = r.offset();
        memory.type = read_memory_type(r, m.options.features);
        m.memories.push_back(memory);
    }
}

void tag_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, m.tags.size(), kMaxTags, "too many tags");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        TagDecl tag;
        tag.offset = r.offset();
        tag.type_index = read_tag_type(r);
        m.tags.push_back(tag);
    }
}

void global_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, m.globals.size(), kMaxGlobals, "too many globals");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        GlobalDecl global;
        global.offset = r.offset();
        global.type = read_global_type(r, m.options.features);
        global.init = read_const_expr(r, m);
        m.globals.push_back(global);
    }
}

void export_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, 0, kMaxExports, "too many exports");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        Export entry;
        entry.offset = r.offset();
        entry.name = read_name(r);
        const uint8_t* at = r.pos();
        const uint8_t kind = r.u8();
        if (kind > static_cast<uint8_t>(ExternKind::Tag)) r.fail("malformed export kind", at, kind);
        entry.kind = static_cast<ExternKind>(kind);
        entry.index = r.u32();
        m.exports.push_back(entry);
    }
}

void start_section(Reader& r, ModuleData& m) {
    m.start_offset = r.offset();
    m.start = r.u32();
}

void code_section(Reader& r, ModuleData& m) {
    const uint32_t n = entry_count(r, 0, kMaxFunctions, "too many function bodies");
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        const uint32_t size = r.count();
        FuncBody body;
        body.offset = r.offset();
        body.code = r.bytes(size);
        m.bodies.push_back(body);
    }
}

void data_count_section(Reader& r, ModuleData& m) { m.data_count = r.u32(); }

constexpr SectionKind kSections[] = {
    {0, "custom", 0, custom_section},           {1, "type", 1, type_section},     {2, "import", 2, import_section},
    {3, "function", 3, function_section},       {4, "table", 4, table_section},   {5, "memory", 5, memory_section},
    {6, "global", 7, global_section},           {7, "export", 8, export_section}, {8, "start", 9, start_section},
    {9, "element", 10, element_section},        {10, "code", 12, code_section},   {11, "data", 13, data_section},
    {12, "data count", 11, data_count_section}, {13, "tag", 6, tag_section},
};
constexpr bool ids_are_positions() {
    for (size_t i = 0; i < std::size(kSections); ++i) {
        if (kSections[i].id != i) return false;
    }
    return true;
}
static_assert(ids_are_positions(), "kSections is indexed by section id");

}  // namespace

const SectionKind* find_section(uint8_t id) { return id < std::size(kSections) ? &kSections[id] : nullptr; }

}  // namespace wasm
