// SPDX-License-Identifier: Apache-2.0
#include "validate/body_checker.h"

#include "decode/errors.h"

namespace wasm {
namespace {

// "[i32 i64]", as the messages of the specification's test-suite have it; long lists are cut.
std::string list(Types types) {
    constexpr size_t kShown = 8;
    std::string text = "[";
    const size_t hidden = types.size() > kShown ? types.size() - kShown : 0;
    if (hidden != 0) text += fmt::format("... {} more ...", hidden);
    for (size_t i = hidden; i < types.size(); ++i) {
        if (i != 0) text += ' ';
        text += types[i].is_bottom() ? "any" : to_string(types[i]);
    }
    return text + "]";
}

}  // namespace

void BodyChecker::start(BlockType results, Types params, const std::vector<LocalGroup>& locals) {
    stack_.clear();
    frames_.clear();
    flat_locals_.clear();
    local_ranges_.clear();
    local_count_ = 0;
    for (const ValType param : params) add_locals(1, param);
    for (const LocalGroup& group : locals) add_locals(group.count, group.type);
    frames_.push_back({Op::Block, false, results, 0});
}

void BodyChecker::add_locals(uint64_t count, ValType type) {
    if (count == 0) return;
    local_count_ += count;
    if (flat_locals_.size() < kFlatLocals) {
        flat_locals_.insert(flat_locals_.end(), std::min<uint64_t>(count, kFlatLocals - flat_locals_.size()), type);
    }
    if (local_count_ > kFlatLocals) local_ranges_.push_back({local_count_, type});
}

Result<void> BodyChecker::stopped(uint64_t offset) const {
    if (stack_.overflowed()) {
        return make_error(ErrorKind::Limit,
                          fmt::format("too many operands: more than {} are alive at once", kMaxOperands), offset);
    }
    return malformed("section size mismatch: code behind the last `end` of the function", offset);
}

Result<void> BodyChecker::finish(uint64_t end_offset) const {
    if (stack_.overflowed()) return stopped(end_offset);
    if (done()) return {};
    // The reading of the reference interpreter, which continues behind the body: at the end of the file it runs
    // dry, an `end` there makes the sizes disagree, and anything else is not the `end` it looks for.
    if (end_offset >= module_.bytes.size()) {
        return malformed("unexpected end of section or function: the last `end` is missing", end_offset);
    }
    if (module_.bytes[end_offset] == info(Op::End).code) {
        return malformed("section size mismatch: the function ends before its last `end`", end_offset);
    }
    return malformed("END opcode expected: the function ends inside a block", end_offset);
}

bool BodyChecker::top_matches(Types types) const {
    const uint32_t n = static_cast<uint32_t>(types.size());
    const uint32_t present = std::min(n, available());
    if (present < n && !frames_.back().unreachable) return false;
    const Types found = stack_.top(present);
    const Types wanted = types.last(present);
    // Almost always they are identical, and there are one or two.
    if (std::equal(found.begin(), found.end(), wanted.begin())) return true;
    return matches(found, wanted);
}

Result<void> BodyChecker::pop(Types types, const Instr& instr) {
    if (!top_matches(types)) [[unlikely]]
        return mismatch(types, instr);
    stack_.drop(std::min(static_cast<uint32_t>(types.size()), available()));
    return {};
}

Result<ValType> BodyChecker::pop_any(const Instr& instr) {
    if (available() == 0) {
        if (frames_.back().unreachable) return ValType{};
        return invalid(
            fmt::format("type mismatch: instruction requires [any] but stack has [] for {}", info(instr.op).text),
            instr.offset);
    }
    const ValType type = stack_.from_top(0);
    stack_.drop(1);
    return type;
}

void BodyChecker::set_unreachable() {
    stack_.truncate(frames_.back().height);
    frames_.back().unreachable = true;
}

Error BodyChecker::mismatch(Types required, const Instr& instr) const {
    const Types found = stack_.top(std::min(static_cast<uint32_t>(required.size()), available()));
    return invalid(fmt::format("type mismatch: instruction requires {} but stack has {} for {}", list(required),
                               list(found), info(instr.op).text),
                   instr.offset);
}

Result<void> BodyChecker::on_fixed(const Instr& instr, const OpFacts& op) {
    if (op.imm != Imm::None) {
        Result<void> checked = check_immediate(instr, op);
        if (!checked) [[unlikely]]
            return checked;
    }
    const Types params(op.params, op.param_count);
    if (!top_matches(params)) [[unlikely]]
        return mismatch(params, instr);
    stack_.drop(std::min(uint32_t{op.param_count}, available()));
    if (op.result_count != 0) stack_.push(op.result);
    return {};
}

Result<void> BodyChecker::on_special(const Instr& instr) {
    switch (instr.op) {
        case Op::Drop: (void)WASM_TRY(pop_any(instr)); return {};
        case Op::Select: return on_select(instr);
        case Op::SelectTyped: return on_select_typed(instr);
        case Op::LocalGet:
        case Op::LocalSet:
        case Op::LocalTee: return on_local(instr);
        case Op::GlobalGet:
        case Op::GlobalSet: return on_global(instr);
        case Op::TableGet:
        case Op::TableSet:
        case Op::TableGrow:
        case Op::TableFill: return on_table(instr);
        case Op::RefNull: return stack_.push(instr.type), Result<void>{};
        case Op::RefIsNull: return on_ref_is_null(instr);
        case Op::RefFunc: return on_ref_func(instr);
        default: return on_control(instr);
    }
}

Result<void> BodyChecker::on_control(const Instr& instr) {
    switch (instr.op) {
        case Op::Unreachable: return set_unreachable(), Result<void>{};
        case Op::Block:
        case Op::Loop:
        case Op::Try: return open(instr);
        case Op::If: return on_if(instr);
        case Op::Else: return on_else(instr);
        case Op::Catch:
        case Op::CatchAll: return on_catch(instr);
        case Op::Delegate: return on_delegate(instr);
        case Op::TryTable: return on_try_table(instr);
        case Op::Throw: return on_throw(instr);
        case Op::Rethrow: return on_rethrow(instr);
        case Op::ThrowRef: WASM_TRY(pop(kExnRef, instr)); return set_unreachable(), Result<void>{};
        case Op::End: return on_end(instr);
        case Op::Br: return on_br(instr);
        case Op::BrIf: return on_br_if(instr);
        case Op::BrTable: return on_br_table(instr);
        case Op::Return: return on_return(instr);
        case Op::Call:
        case Op::ReturnCall: return on_call(instr);
        case Op::CallIndirect:
        case Op::ReturnCallIndirect: return on_call_indirect(instr);
        default: break;
    }
    // A row marked "special" without a rule here.
    return malformed(fmt::format("unsupported instruction {}", info(instr.op).text), instr.offset);
}

}  // namespace wasm
