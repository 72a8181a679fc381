// SPDX-License-Identifier: Apache-2.0
// The validation algorithm (spec appendix "Validation Algorithm") over one expression: a stack of operand types and
// a stack of open blocks, both flat. Serves function bodies and constant expressions; may be restarted.
#pragma once

#include "decode/code_iterator.h"
#include "isa/op_facts.h"
#include "validate/type_stack.h"

#include <string_view>
#include <vector>

namespace wasm {

class BodyChecker {
  public:
    explicit BodyChecker(const ModuleData& module) : module_(module) {}

    // Begins an expression that yields `results`, with `params` and then `locals` as local variables.
    void start(BlockType results, Types params, const std::vector<LocalGroup>& locals);
    Result<void> on(const Instr& instr) {
        if (frames_.empty() || stack_.overflowed()) [[unlikely]]
            return stopped(instr.offset);
        const OpFacts& op = facts(instr.op);
        if (op.special) return on_special(instr);
        return on_fixed(instr, op);
    }
    bool done() const { return frames_.empty(); }
    // The code ended at module offset `end_offset`.
    Result<void> finish(uint64_t end_offset) const;

  private:
    struct Frame {
        Op op;             // Block, Loop, If, Else, Try, Catch, CatchAll, TryTable
        bool unreachable;  // the rest of the block is not reachable: operands below `height` may be assumed
        BlockType block;
        uint32_t height;  // of the operand stack where the block's own operands begin
    };
    // Locals [previous end, end) have `type`.
    struct LocalRange {
        uint64_t end;
        ValType type;
    };
    // Locals below this index are looked up directly; expanding all would cost 200 KB for a body of 8 bytes.
    static constexpr size_t kFlatLocals = 512;

    // body_checker.cc: operands
    Result<void> on_fixed(const Instr& instr, const OpFacts& op);
    Result<void> on_special(const Instr& instr);
    Result<void> on_control(const Instr& instr);
    Result<void> stopped(uint64_t offset) const;
    void add_locals(uint64_t count, ValType type);
    uint32_t available() const { return stack_.size() - frames_.back().height; }
    bool top_matches(Types types) const;
    Result<void> pop(Types types, const Instr& instr);
    Result<void> pop(ValType type, const Instr& instr) { return pop(Types(&type, 1), instr); }
    Result<ValType> pop_any(const Instr& instr);
    void set_unreachable();
    Error mismatch(Types required, const Instr& instr) const;

    // body_checker_control.cc: blocks, branches, calls, exceptions
    Types block_params(const BlockType& block) const;
    Types block_results(const BlockType& block) const;
    Types label_types(const Frame& frame) const;
    Result<void> check_block_type(const Instr& instr) const;
    Result<const Frame*> label(uint32_t index, const Instr& instr) const;
    Result<const FuncType*> tag_type(uint32_t index, const Instr& instr) const;
    Result<void> open(const Instr& instr);
    Result<void> close_operands(const Instr& instr);
    Result<void> next_arm(const Instr& instr, Types operands);
    Result<void> on_if(const Instr& instr);
    Result<void> on_else(const Instr& instr);
    Result<void> on_try_table(const Instr& instr);
    Result<void> check_catch(const CatchClause& clause, const Instr& instr);
    Result<void> on_catch(const Instr& instr);
    Result<void> on_delegate(const Instr& instr);
    Result<void> on_end(const Instr& instr);
    Result<void> on_throw(const Instr& instr);
    Result<void> on_rethrow(const Instr& instr);
    Result<void> on_br(const Instr& instr);
    Result<void> on_br_if(const Instr& instr);
    Result<void> on_br_table(const Instr& instr);
    Result<void> on_return(const Instr& instr);
    Result<void> on_call(const Instr& instr);
    Result<void> on_call_indirect(const Instr& instr);
    Result<void> call(const FuncType& type, const Instr& instr, bool is_tail);

    // body_checker_state.cc: variables, tables, memories, references
    Result<ValType> far_local_type(uint32_t index, uint64_t offset) const;
    Result<const TableType*> table_type(uint32_t index, uint64_t offset) const;
    Result<void> check_memory(uint32_t index, uint64_t offset) const;
    Result<void> check_data(uint32_t index, uint64_t offset) const;
    Result<void> check_mem_arg(const Instr& instr, const OpFacts& op) const;
    Result<void> check_segment_and_table(const Instr& instr) const;
    Result<void> check_table_copy(const Instr& instr) const;
    Result<void> check_immediate(const Instr& instr, const OpFacts& op) const;
    Result<void> on_local(const Instr& instr);
    Result<void> on_global(const Instr& instr);
    Result<void> on_table(const Instr& instr);
    Result<void> on_select(const Instr& instr);
    Result<void> on_select_typed(const Instr& instr);
    Result<void> on_ref_is_null(const Instr& instr);
    Result<void> on_ref_func(const Instr& instr);

    const ModuleData& module_;
    TypeStack stack_;
    std::vector<Frame> frames_;
    std::vector<ValType> flat_locals_;
    std::vector<LocalRange> local_ranges_;
    uint64_t local_count_ = 0;
};

}  // namespace wasm
