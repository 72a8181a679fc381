// SPDX-License-Identifier: Apache-2.0
// Variables, tables, memories and references (spec §3.4.2–§3.4.6).
#include "decode/errors.h"
#include "validate/body_checker.h"

namespace wasm {

// A local that is not in flat_locals_.
Result<ValType> BodyChecker::far_local_type(uint32_t index, uint64_t offset) const {
    if (index >= local_count_) {
        return invalid(fmt::format("unknown local {}: the function has {}", index, local_count_), offset);
    }
    const auto range = std::upper_bound(local_ranges_.begin(), local_ranges_.end(), uint64_t{index},
                                        [](uint64_t i, const LocalRange& r) { return i < r.end; });
    return range->type;
}

Result<const TableType*> BodyChecker::table_type(uint32_t index, uint64_t offset) const {
    if (index < module_.tables.size()) return &module_.tables[index].type;
    return invalid(fmt::format("unknown table {}", index), offset);
}

Result<void> BodyChecker::check_memory(uint32_t index, uint64_t offset) const {
    if (index < module_.memories.size()) return {};
    return invalid(fmt::format("unknown memory {}", index), offset);
}

// Validation precedes the data section in a streaming decoder, hence the count (spec §5.5.16).
Result<void> BodyChecker::check_data(uint32_t index, uint64_t offset) const {
    if (index >= module_.datas.size()) return invalid(fmt::format("unknown data segment {}", index), offset);
    if (!module_.data_count) return malformed("data count section required", offset);
    return {};
}

Result<void> BodyChecker::check_mem_arg(const Instr& instr, const OpFacts& op) const {
    // Nothing wrong: the common case in one comparison chain.
    if (instr.memory < module_.memories.size() && instr.memory_offset <= 0xFFFF'FFFF &&
        (instr.align == op.align || (instr.align < op.align && op.feature != OpFeature::Threads))) [[likely]] {
        return {};
    }
    WASM_TRY(check_memory(instr.memory, instr.offset));
    if (instr.align > op.align) {
        return invalid(fmt::format("alignment must not be larger than natural: 2**{} > 2**{} for {}", instr.align,
                                   op.align, info(instr.op).text),
                       instr.offset);
    }
    if (instr.align != op.align && op.feature == OpFeature::Threads) {
        return invalid(fmt::format("alignment must be natural for {}", info(instr.op).text), instr.offset);
    }
    return invalid(fmt::format("offset out of range: {:#x} in a memory of 32-bit addresses", instr.memory_offset),
                   instr.offset);
}

Result<void> BodyChecker::check_segment_and_table(const Instr& instr) const {
    const TableType* table = WASM_TRY(table_type(instr.index2, instr.offset));
    if (instr.index >= module_.elements.size()) {
        return invalid(fmt::format("unknown elem segment {}", instr.index), instr.offset);
    }
    const ValType type = module_.elements[instr.index].type;
    if (matches(type, table->element)) return {};
    return invalid(fmt::format("type mismatch: element segment {} of {} for table {} of {}", instr.index,
                               to_string(type), instr.index2, to_string(table->element)),
                   instr.offset);
}

Result<void> BodyChecker::check_table_copy(const Instr& instr) const {
    const TableType* target = WASM_TRY(table_type(instr.index, instr.offset));
    const TableType* source = WASM_TRY(table_type(instr.index2, instr.offset));
    if (matches(source->element, target->element)) return {};
    return invalid(
        fmt::format("type mismatch: table.copy from {} to {}", to_string(source->element), to_string(target->element)),
        instr.offset);
}

// Immediates of instructions with a fixed signature.
Result<void> BodyChecker::check_immediate(const Instr& instr, const OpFacts& op) const {
    switch (op.imm) {
        case Imm::MemArg: return check_mem_arg(instr, op);
        case Imm::MemIndex: return check_memory(instr.index, instr.offset);
        case Imm::MemMem:
            WASM_TRY(check_memory(instr.index, instr.offset));
            return check_memory(instr.index2, instr.offset);
        case Imm::DataMem:
            WASM_TRY(check_memory(instr.index2, instr.offset));
            return check_data(instr.index, instr.offset);
        case Imm::DataIndex: return check_data(instr.index, instr.offset);
        case Imm::ElemTable: return check_segment_and_table(instr);
        case Imm::ElemIndex:
            if (instr.index < module_.elements.size()) return {};
            return invalid(fmt::format("unknown elem segment {}", instr.index), instr.offset);
        case Imm::TableIndex: (void)WASM_TRY(table_type(instr.index, instr.offset)); return {};
        case Imm::TableTable: return check_table_copy(instr);
        default: return {};
    }
}

Result<void> BodyChecker::on_local(const Instr& instr) {
    ValType type;
    if (instr.index < flat_locals_.size()) [[likely]] {
        type = flat_locals_[instr.index];
    } else {
        type = WASM_TRY(far_local_type(instr.index, instr.offset));
    }
    if (instr.op != Op::LocalGet) WASM_TRY(pop(type, instr));
    if (instr.op != Op::LocalSet) stack_.push(type);
    return {};
}

Result<void> BodyChecker::on_global(const Instr& instr) {
    if (instr.index >= module_.globals.size()) {
        return invalid(fmt::format("unknown global {}", instr.index), instr.offset);
    }
    const GlobalType& global = module_.globals[instr.index].type;
    if (instr.op == Op::GlobalGet) return stack_.push(global.type), Result<void>{};
    if (!global.is_mutable) return invalid(fmt::format("immutable global {}", instr.index), instr.offset);
    return pop(global.type, instr);
}

Result<void> BodyChecker::on_table(const Instr& instr) {
    const TableType* table = WASM_TRY(table_type(instr.index, instr.offset));
    const ValType element = table->element;
    switch (instr.op) {
        case Op::TableGet:
            WASM_TRY(pop(kI32, instr));
            stack_.push(element);
            return {};
        case Op::TableSet: return pop(std::array{kI32, element}, instr);
        case Op::TableGrow:
            WASM_TRY(pop(std::array{element, kI32}, instr));
            stack_.push(kI32);
            return {};
        default: return pop(std::array{kI32, element, kI32}, instr);  // table.fill
    }
}

Result<void> BodyChecker::on_select(const Instr& instr) {
    WASM_TRY(pop(kI32, instr));
    const ValType second = WASM_TRY(pop_any(instr));
    const ValType first = WASM_TRY(pop_any(instr));
    if (first.is_ref() || second.is_ref()) {
        return invalid("type mismatch: select of references must name the type", instr.offset);
    }
    if (first != second && !first.is_bottom() && !second.is_bottom()) {
        return invalid(fmt::format("type mismatch: select between {} and {}", to_string(first), to_string(second)),
                       instr.offset);
    }
    stack_.push(first.is_bottom() ? second : first);
    return {};
}

Result<void> BodyChecker::on_select_typed(const Instr& instr) {
    if (instr.types.size() != 1) {
        return invalid(fmt::format("invalid result arity: select with {} types", instr.types.size()), instr.offset);
    }
    const ValType type = instr.types[0];
    WASM_TRY(pop(std::array{type, type, kI32}, instr));
    stack_.push(type);
    return {};
}

Result<void> BodyChecker::on_ref_is_null(const Instr& instr) {
    const ValType type = WASM_TRY(pop_any(instr));
    if (!type.is_ref() && !type.is_bottom()) {
        return invalid(fmt::format("type mismatch: ref.is_null of {}", to_string(type)), instr.offset);
    }
    stack_.push(kI32);
    return {};
}

Result<void> BodyChecker::on_ref_func(const Instr& instr) {
    if (instr.index >= module_.functions.size()) {
        return invalid(fmt::format("unknown function {}", instr.index), instr.offset);
    }
    if (!module_.functions[instr.index].is_declared) {
        return invalid(fmt::format("undeclared function reference {}", instr.index), instr.offset);
    }
    stack_.push(kFuncRef);
    return {};
}

}  // namespace wasm
