// SPDX-License-Identifier: Apache-2.0
// Blocks, branches, calls and exceptions (spec §3.4.1 and the rules of the legacy exception proposal).
#include "decode/errors.h"
#include "validate/body_checker.h"

namespace wasm {
namespace {

bool same(const BlockType& a, const BlockType& b) {
    return a.kind == b.kind && a.value == b.value && a.type_index == b.type_index;
}

}  // namespace

Types BodyChecker::block_params(const BlockType& block) const {
    if (block.kind != BlockType::Kind::TypeIndex) return {};
    return module_.types[block.type_index].params;
}

// May point into `block`.
Types BodyChecker::block_results(const BlockType& block) const {
    switch (block.kind) {
        case BlockType::Kind::Empty: return {};
        case BlockType::Kind::Value: return {&block.value, 1};
        case BlockType::Kind::TypeIndex: return module_.types[block.type_index].results;
    }
    return {};
}

Types BodyChecker::label_types(const Frame& frame) const {
    return frame.op == Op::Loop ? block_params(frame.block) : block_results(frame.block);
}

Result<void> BodyChecker::check_block_type(const Instr& instr) const {
    const BlockType& block = instr.block;
    if (block.kind != BlockType::Kind::TypeIndex || block.type_index < module_.types.size()) return {};
    return invalid(fmt::format("unknown type {}", block.type_index), instr.offset);
}

Result<const BodyChecker::Frame*> BodyChecker::label(uint32_t index, const Instr& instr) const {
    if (index >= frames_.size()) [[unlikely]] {
        return invalid(fmt::format("unknown label {}: {} are open", index, frames_.size()), instr.offset);
    }
    return &frames_[frames_.size() - 1 - index];
}

Result<const FuncType*> BodyChecker::tag_type(uint32_t index, const Instr& instr) const {
    if (index >= module_.tags.size()) return invalid(fmt::format("unknown tag {}", index), instr.offset);
    return &module_.types[module_.tags[index].type_index];
}

Result<void> BodyChecker::open(const Instr& instr) {
    WASM_TRY(check_block_type(instr));
    const Types params = block_params(instr.block);
    WASM_TRY(pop(params, instr));
    frames_.push_back({instr.op, false, instr.block, stack_.size()});
    stack_.push(params);
    return {};
}

// The operands at the end of a block are exactly its results; they are taken.
Result<void> BodyChecker::close_operands(const Instr& instr) {
    const Types results = block_results(frames_.back().block);
    WASM_TRY(pop(results, instr));
    if (available() == 0) return {};
    const uint32_t left = available();
    return invalid(
        fmt::format("type mismatch: block requires [] but stack has [{}{}] for {}", to_string(stack_.from_top(0)),
                    left > 1 ? fmt::format(" and {} more", left - 1) : "", info(instr.op).text),
        instr.offset);
}

// Behind `else` and `catch`: the same block again, beginning with `operands`.
Result<void> BodyChecker::next_arm(const Instr& instr, Types operands) {
    WASM_TRY(close_operands(instr));
    frames_.back().op = instr.op;
    frames_.back().unreachable = false;
    stack_.push(operands);
    return {};
}

Result<void> BodyChecker::on_if(const Instr& instr) {
    WASM_TRY(pop(kI32, instr));
    return open(instr);
}

Result<void> BodyChecker::on_else(const Instr& instr) {
    if (frames_.back().op != Op::If) return malformed("END opcode expected: `else` outside of `if`", instr.offset);
    return next_arm(instr, block_params(frames_.back().block));
}

// The handlers are checked where the labels still are those around the block.
Result<void> BodyChecker::on_try_table(const Instr& instr) {
    WASM_TRY(check_block_type(instr));
    for (const CatchClause& clause : instr.catches) WASM_TRY(check_catch(clause, instr));
    return open(instr);
}

Result<void> BodyChecker::check_catch(const CatchClause& clause, const Instr& instr) {
    const bool has_tag = clause.kind == CatchClause::Kind::Catch || clause.kind == CatchClause::Kind::CatchRef;
    const bool has_ref = clause.kind == CatchClause::Kind::CatchRef || clause.kind == CatchClause::Kind::CatchAllRef;
    Types values;
    if (has_tag) values = WASM_TRY(tag_type(clause.tag, instr))->params;
    const Frame* target = WASM_TRY(label(clause.label, instr));
    const Types wanted = label_types(*target);
    const bool arity_fits = wanted.size() == values.size() + (has_ref ? 1 : 0);
    if (arity_fits && matches(values, wanted.first(values.size())) && (!has_ref || matches(kExnRef, wanted.back()))) {
        return {};
    }
    return invalid(fmt::format("type mismatch: catch clause gives {} values{}, label {} takes {} or other types",
                               values.size(), has_ref ? " and exnref" : "", clause.label, wanted.size()),
                   instr.offset);
}

Result<void> BodyChecker::on_catch(const Instr& instr) {
    const Op open_arm = frames_.back().op;
    if (open_arm != Op::Try && open_arm != Op::Catch) {
        return malformed(fmt::format("END opcode expected: `{}` outside of `try`", info(instr.op).text), instr.offset);
    }
    if (instr.op == Op::CatchAll) return next_arm(instr, {});
    return next_arm(instr, WASM_TRY(tag_type(instr.index, instr))->params);
}

Result<void> BodyChecker::on_delegate(const Instr& instr) {
    if (frames_.back().op != Op::Try) {
        return malformed("END opcode expected: `delegate` outside of `try`", instr.offset);
    }
    WASM_TRY(close_operands(instr));
    const BlockType block = frames_.back().block;
    frames_.pop_back();
    (void)WASM_TRY(label(instr.index, instr));
    stack_.push(block_results(block));
    return {};
}

Result<void> BodyChecker::on_end(const Instr& instr) {
    const BlockType block = frames_.back().block;
    WASM_TRY(close_operands(instr));
    if (frames_.back().op == Op::If) {
        // The missing `else` would pass its operands on.
        const Types given = block_params(block);
        const Types wanted = block_results(block);
        if (!matches(given, wanted)) {
            return invalid(fmt::format("type mismatch: `if` without `else` from {} to {} operands of other types",
                                       given.size(), wanted.size()),
                           instr.offset);
        }
    }
    frames_.pop_back();
    if (!frames_.empty()) stack_.push(block_results(block));
    return {};
}

Result<void> BodyChecker::on_throw(const Instr& instr) {
    const FuncType* type = WASM_TRY(tag_type(instr.index, instr));
    WASM_TRY(pop(type->params, instr));
    set_unreachable();
    return {};
}

Result<void> BodyChecker::on_rethrow(const Instr& instr) {
    const Frame* target = WASM_TRY(label(instr.index, instr));
    if (target->op != Op::Catch && target->op != Op::CatchAll) {
        return invalid(fmt::format("invalid rethrow label {}: not a catch block", instr.index), instr.offset);
    }
    set_unreachable();
    return {};
}

Result<void> BodyChecker::on_br(const Instr& instr) {
    const Frame* target = WASM_TRY(label(instr.index, instr));
    WASM_TRY(pop(label_types(*target), instr));
    set_unreachable();
    return {};
}

Result<void> BodyChecker::on_br_if(const Instr& instr) {
    WASM_TRY(pop(kI32, instr));
    const Frame* target = WASM_TRY(label(instr.index, instr));
    const Types types = label_types(*target);
    WASM_TRY(pop(types, instr));
    stack_.push(types);
    return {};
}

Result<void> BodyChecker::on_br_table(const Instr& instr) {
    WASM_TRY(pop(kI32, instr));
    const Frame* fallback = WASM_TRY(label(instr.labels.back(), instr));
    const size_t arity = label_types(*fallback).size();
    // Tables repeat their targets; equal neighbours are checked once, so that a long table costs its length and
    // not its length times the arity.
    const Frame* checked = nullptr;
    for (const uint32_t index : instr.labels) {
        const Frame* target = WASM_TRY(label(index, instr));
        if (target == checked) continue;
        if (checked && (target->op == Op::Loop) == (checked->op == Op::Loop) && same(target->block, checked->block)) {
            continue;
        }
        const Types types = label_types(*target);
        if (types.size() != arity) {
            return invalid(fmt::format("type mismatch: br_table target {} takes {} operands, the default {}", index,
                                       types.size(), arity),
                           instr.offset);
        }
        if (!top_matches(types)) return mismatch(types, instr);
        checked = target;
    }
    set_unreachable();
    return {};
}

Result<void> BodyChecker::on_return(const Instr& instr) {
    WASM_TRY(pop(block_results(frames_.front().block), instr));
    set_unreachable();
    return {};
}

Result<void> BodyChecker::call(const FuncType& type, const Instr& instr, bool is_tail) {
    WASM_TRY(pop(type.params, instr));
    if (!is_tail) {
        stack_.push(type.results);
        return {};
    }
    const Types wanted = block_results(frames_.front().block);
    if (!matches(type.results, wanted)) {
        return invalid(fmt::format("type mismatch: {} of a function {} in one with other results", info(instr.op).text,
                                   to_string(type)),
                       instr.offset);
    }
    set_unreachable();
    return {};
}

Result<void> BodyChecker::on_call(const Instr& instr) {
    if (instr.index >= module_.functions.size()) {
        return invalid(fmt::format("unknown function {}", instr.index), instr.offset);
    }
    return call(module_.func_type(instr.index), instr, instr.op == Op::ReturnCall);
}

Result<void> BodyChecker::on_call_indirect(const Instr& instr) {
    const TableType* table = WASM_TRY(table_type(instr.index2, instr.offset));
    if (!matches(table->element, kFuncRef)) {
        return invalid(fmt::format("type mismatch: {} needs a table of funcref, table {} has {}", info(instr.op).text,
                                   instr.index2, to_string(table->element)),
                       instr.offset);
    }
    if (instr.index >= module_.types.size()) {
        return invalid(fmt::format("unknown type {}", instr.index), instr.offset);
    }
    WASM_TRY(pop(kI32, instr));
    return call(module_.types[instr.index], instr, instr.op == Op::ReturnCallIndirect);
}

}  // namespace wasm
