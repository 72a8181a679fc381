// SPDX-License-Identifier: Apache-2.0
#include "validate/module_validator.h"

#include "decode/errors.h"

#include <wasm/text.h>

#include <algorithm>

namespace wasm {
namespace {

Result<void> check_limits(const Limits& limits, uint64_t range, const char* message, uint64_t offset) {
    if (limits.max && *limits.max < limits.min) {
        return invalid(fmt::format("size minimum must not be greater than maximum: {} > {}", limits.min, *limits.max),
                       offset);
    }
    if (limits.min > range || (limits.max && *limits.max > range)) return invalid(message, offset);
    return {};
}

Result<void> in_section(Result<void> result, std::string_view section) {
    if (result) return result;
    Error error = std::move(result).error();
    error.section = section;
    return error;
}

template <class Decl>
std::string_view section_of(const Decl& decl, std::string_view defined_in) {
    return decl.is_import ? "import" : defined_in;
}

}  // namespace

Result<void> ModuleValidator::run() {
    WASM_TRY(check_functions());
    WASM_TRY(check_tables());
    WASM_TRY(check_memories());
    WASM_TRY(check_tags());
    WASM_TRY(check_globals());
    WASM_TRY(in_section(check_exports(), "export"));
    WASM_TRY(in_section(check_start(), "start"));
    WASM_TRY(in_section(check_elements(), "element"));
    return in_section(check_datas(), "data");
}

Result<void> ModuleValidator::check_type_index(uint32_t index, uint64_t offset) const {
    if (index < m_.types.size()) return {};
    return invalid(fmt::format("unknown type {}", index), offset);
}

Result<void> ModuleValidator::check_function_index(uint32_t index, uint64_t offset) const {
    if (index < m_.functions.size()) return {};
    return invalid(fmt::format("unknown function {}", index), offset);
}

Result<void> ModuleValidator::check_functions() const {
    for (const FuncDecl& func : m_.functions) {
        WASM_TRY(in_section(check_type_index(func.type_index, func.type_offset), section_of(func, "function")));
    }
    return {};
}

Result<void> ModuleValidator::check_tables() {
    for (const TableDecl& table : m_.tables) {
        const std::string_view section = section_of(table, "table");
        WASM_TRY(in_section(check_limits(table.type.limits, kMaxTable32Size,
                                         "table size must be at most 4294967295 elements", table.offset),
                            section));
        if (!table.init) continue;
        WASM_TRY(in_section(const_expr_.check(*table.init, table.type.element, m_.imported_globals), section));
    }
    return {};
}

Result<void> ModuleValidator::check_memories() const {
    for (const MemoryDecl& memory : m_.memories) {
        const std::string_view section = section_of(memory, "memory");
        WASM_TRY(in_section(check_limits(memory.type.limits, kMaxMemory32Pages,
                                         "memory size must be at most 65536 pages (4GiB)", memory.offset),
                            section));
        if (memory.type.shared && !memory.type.limits.max) {
            return in_section(invalid("shared memory must have maximum", memory.offset), section);
        }
    }
    if (m_.memories.size() > kMaxMemories) {
        const MemoryDecl& second = m_.memories[kMaxMemories];
        return in_section(invalid("multiple memories: unsupported feature: multi-memory", second.offset),
                          section_of(second, "memory"));
    }
    return {};
}

Result<void> ModuleValidator::check_tags() const {
    for (const TagDecl& tag : m_.tags) {
        const std::string_view section = section_of(tag, "tag");
        WASM_TRY(in_section(check_type_index(tag.type_index, tag.offset), section));
        if (m_.types[tag.type_index].results.empty()) continue;
        return in_section(invalid("non-empty tag result type", tag.offset), section);
    }
    return {};
}

// A global sees the ones before it.
Result<void> ModuleValidator::check_globals() {
    for (size_t i = m_.imported_globals; i < m_.globals.size(); ++i) {
        const GlobalDecl& global = m_.globals[i];
        WASM_TRY(in_section(const_expr_.check(global.init, global.type.type, i), "global"));
    }
    return {};
}

Result<void> ModuleValidator::check_exports() {
    for (const Export& entry : m_.exports) {
        size_t space = 0;
        switch (entry.kind) {
            case ExternKind::Func: space = m_.functions.size(); break;
            case ExternKind::Table: space = m_.tables.size(); break;
            case ExternKind::Memory: space = m_.memories.size(); break;
            case ExternKind::Global: space = m_.globals.size(); break;
            case ExternKind::Tag: space = m_.tags.size(); break;
        }
        if (entry.index >= space) {
            return invalid(fmt::format("unknown {} {} in export '{}'",
                                       entry.kind == ExternKind::Func ? "function" : to_string(entry.kind), entry.index,
                                       printable_name(entry.name)),
                           entry.offset);
        }
        if (entry.kind == ExternKind::Func) m_.functions[entry.index].is_declared = true;
    }
    return check_export_names();
}

// Sorted rather than hashed: a module cannot choose names that make this slow.
Result<void> ModuleValidator::check_export_names() const {
    std::vector<const Export*> sorted;
    sorted.reserve(m_.exports.size());
    for (const Export& entry : m_.exports) sorted.push_back(&entry);
    const auto before = [](const Export* a, const Export* b) {
        return a->name != b->name ? a->name < b->name : a->offset < b->offset;
    };
    std::sort(sorted.begin(), sorted.end(), before);
    for (size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i]->name != sorted[i - 1]->name) continue;
        return invalid(fmt::format("duplicate export name '{}'", printable_name(sorted[i]->name)), sorted[i]->offset);
    }
    return {};
}

Result<void> ModuleValidator::check_start() const {
    if (!m_.start) return {};
    WASM_TRY(check_function_index(*m_.start, m_.start_offset));
    const FuncType& type = m_.func_type(*m_.start);
    if (type.params.empty() && type.results.empty()) return {};
    return invalid(fmt::format("start function must have type () -> (), not {}", to_string(type)), m_.start_offset);
}

Result<void> ModuleValidator::check_elements() {
    for (const ElementSegment& segment : m_.elements) WASM_TRY(check_element(segment));
    return {};
}

Result<void> ModuleValidator::check_element(const ElementSegment& segment) {
    for (const uint32_t func : segment.functions) {
        WASM_TRY(check_function_index(func, segment.offset));
        m_.functions[func].is_declared = true;
    }
    for (const ConstExpr& expr : segment.exprs) {
        WASM_TRY(const_expr_.check(expr, segment.type, m_.globals.size()));
    }
    if (segment.mode != SegmentMode::Active) return {};
    if (segment.table >= m_.tables.size()) {
        return invalid(fmt::format("unknown table {}", segment.table), segment.offset);
    }
    const ValType element = m_.tables[segment.table].type.element;
    if (!matches(segment.type, element)) {
        return invalid(fmt::format("type mismatch: element segment of {} for table {} of {}", to_string(segment.type),
                                   segment.table, to_string(element)),
                       segment.offset);
    }
    return const_expr_.check(segment.table_offset, kI32, m_.globals.size());
}

Result<void> ModuleValidator::check_datas() {
    for (const DataSegment& segment : m_.datas) {
        if (segment.mode != SegmentMode::Active) continue;
        if (segment.memory >= m_.memories.size()) {
            return invalid(fmt::format("unknown memory {}", segment.memory), segment.offset);
        }
        WASM_TRY(const_expr_.check(segment.memory_offset, kI32, m_.globals.size()));
    }
    return {};
}

Result<void> validate_module(ModuleData& module) { return ModuleValidator(module).run(); }

}  // namespace wasm
