// SPDX-License-Identifier: Apache-2.0
// Blocks and branches. At every point where control flow meets, values are in their homes; a branch moves the label's
// values there first.
#include "translate/identities.h"
#include "translate/translator.h"

#include <unordered_map>

namespace wasm {

const std::vector<ValType> Translator::kNoTypes;

void Translator::block_types(const BlockType& type, Control& c) {
    c.params = &kNoTypes;
    c.results = &kNoTypes;
    if (type.kind == BlockType::Kind::TypeIndex) {
        c.params = &module_.types[type.type_index].params;
        c.results = &module_.types[type.type_index].results;
    } else if (type.kind == BlockType::Kind::Value) {
        for (const auto& known : single_types_) {
            if ((*known)[0] == type.value) c.results = known.get();
        }
        if (c.results->empty()) {
            single_types_.push_back(std::make_unique<std::vector<ValType>>(1, type.value));
            c.results = single_types_.back().get();
        }
    }
}

void Translator::open(Control::Kind kind, const BlockType& type) {
    flush();
    barrier();
    Control c;
    c.kind = kind;
    block_types(type, c);
    c.height = static_cast<uint32_t>(stack_.size() - c.params->size());
    c.base = c.params->empty() ? top_position() : stack_[c.height].position;
    c.start = refer();
    control_.push_back(std::move(c));
}

void Translator::on_if(const BlockType& type) {
    const Condition condition = pop_condition();
    flush();
    const Fixup over = emit_branch(condition, true);
    open(Control::Kind::If, type);
    control_.back().else_fixup = over;
}

// Ends one arm: falls through to the label's end with the results in place (of a loop, not what a branch takes).
void Translator::end_label(Control& l) {
    if (!dead_) move_values(l, *l.results);
}

void Translator::on_else() {
    Control& c = control_.back();
    if (!dead_) {
        end_label(c);
        c.fixups.push_back(emit_br());
    }
    patch(*c.else_fixup, refer());
    c.else_fixup.reset();
    c.kind = Control::Kind::Else;
    drop_to(c.height);
    for (const ValType t : *c.params) push_home(t);
    flush();
    barrier();
    dead_ = false;
}

void Translator::on_end() {
    Control& c = control_.back();
    if (c.kind == Control::Kind::Func) {
        if (!dead_) on_return();
        control_.pop_back();
        return;
    }
    const bool fell_through = !dead_;
    end_label(c);
    bool reachable = fell_through;
    if (c.else_fixup) {
        patch(*c.else_fixup, refer());
        reachable = true;
    }
    if (c.kind == Control::Kind::Try || c.kind == Control::Kind::Catch) close_try(c);
    if (c.kind == Control::Kind::TryTable) close_try_table(c);
    for (const Fixup& f : c.fixups) patch(f, refer());
    reachable = reachable || !c.fixups.empty();
    barrier();
    dead_ = !reachable;
    drop_to(c.height);
    const std::vector<ValType>* results = c.results;
    control_.pop_back();
    for (const ValType t : *results) push_home(t);
    settled_ = static_cast<uint32_t>(stack_.size());
}

// !(a < b) of floats is no comparison of its own (NaN), but a branch can have the opposite sense.
bool Translator::is_not_of_float_compare(const Record& r) const {
    const bool is_not =
        r.shape == Shape::IntBinary && r.op == Op::I32Eq && r.a == Loc::Acc && r.b == Loc::Imm && r.imm == 0;
    const size_t n = records_.size();
    return is_not && static_cast<int32_t>(n) - 2 >= barrier_ && records_[n - 2].shape == Shape::FloatCompare &&
           records_[n - 2].d == Loc::Acc;
}

// What is compared with zero has just been made by `and`: the branch does that too.
bool Translator::take_mask(Condition& c) {
    const bool zero = c.a == Loc::Acc && c.b == Loc::Imm && c.imm == 0;
    const bool wide = c.op == Op::I64Eq || c.op == Op::I64Ne;
    if (!zero || (!wide && c.op != Op::I32Eq && c.op != Op::I32Ne)) return false;
    if (records_.empty() || static_cast<int32_t>(records_.size()) <= barrier_) return false;
    const Record& r = records_.back();
    if (r.shape != Shape::IntBinary || r.op != (wide ? Op::I64And : Op::I32And) || r.d != Loc::Acc) return false;
    c = {false, false, true, c.op, r.a, r.b, r.xa, r.xb, r.imm};
    remove_last();
    return true;
}

Translator::Condition Translator::pop_condition() {
    Condition c;
    if (is_last(top())) {
        Record r = records_.back();
        bool negate = false;
        if (is_not_of_float_compare(r)) {
            negate = true;
            remove_last();
            r = records_.back();
        }
        if (yields_bool(r)) {
            c = {r.shape == Shape::FloatCompare, negate, false, r.op, r.a, r.b, r.xa, r.xb, r.imm};
            remove_last();
            pop();
            take_mask(c);
            return c;
        }
        c.op = Op::I32Ne;
        c.a = Loc::Acc;
        c.b = Loc::Imm;
        if (take_mask(c)) {
            pop();
            return c;
        }
    }
    if (top().kind == Operand::Kind::Const) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    const Operand o = pop();
    c.op = Op::I32Ne;
    c.a = location(o, c.xa);
    c.b = Loc::Imm;
    return c;
}

bool Translator::is_step(const Record& r, Op add) {
    return r.shape == Shape::IntBinary && r.op == add && r.d != Loc::Acc && r.d == r.a &&
           (is_pinned(r.d) || r.xd == r.xa);
}

// i += step; compare i with something; branch: the end of most loops.
std::optional<Translator::Fixup> Translator::emit_step_branch(Condition c, bool negate) {
    if (c.fp || c.mask || records_.empty() || static_cast<int32_t>(records_.size()) <= barrier_) return std::nullopt;
    const Record step = records_.back();
    if (!is_step(step, info(c.op).params == "ll" ? Op::I64Add : Op::I32Add)) return std::nullopt;
    const auto is_counter = [&](Loc l, uint32_t x) { return l == step.d && (is_pinned(l) || x == step.xd); };
    if (!is_counter(c.a, c.xa)) {
        if (c.b == Loc::Imm || !is_counter(c.b, c.xb)) return std::nullopt;
        std::swap(c.a, c.b);
        std::swap(c.xa, c.xb);
        c.op = *swapped(c.op);
    }
    if (step.b != Loc::Imm) return emit_stride_branch(step, c, negate ? opposite(c.op) : c.op);
    const Op compare = negate ? opposite(c.op) : c.op;
    const HandlerBits handler = step_branch_handler(compare, c.a, c.b);
    if (handler == 0) return std::nullopt;
    remove_last();
    if (compare == Op::I32Ne) {
        if (const auto both = emit_two_step_branch(step, c)) return both;
    }
    const uint32_t at = emitter_.begin(handler);
    emitter_.operand(c.a, c.xa);
    source(c.b, c.xb, c.imm);
    emitter_.i32(static_cast<int64_t>(step.imm));
    return end_with_target(at);
}

// A step with a branch where the instruction before it is a step, too.
std::optional<Translator::Fixup> Translator::emit_two_step_branch(const Record& step, const Condition& c) {
    if (static_cast<int32_t>(records_.size()) <= barrier_) return std::nullopt;
    const Record other = records_.back();
    if (!is_step(other, Op::I32Add) || other.b != Loc::Imm) return std::nullopt;
    const HandlerBits handler = two_step_branch_handler(other.d, c.a, c.b);
    if (handler == 0) return std::nullopt;
    remove_last();
    const uint32_t at = emitter_.begin(handler);
    emitter_.operand(other.d, other.xd);
    emitter_.operand(c.a, c.xa);
    source(c.b, c.xb, c.imm);
    emitter_.i32(static_cast<int64_t>(other.imm));
    emitter_.i32(static_cast<int64_t>(step.imm));
    return end_with_target(at);
}

// A step with a branch where the step is a local.
std::optional<Translator::Fixup> Translator::emit_stride_branch(const Record& step, const Condition& c, Op compare) {
    const HandlerBits handler = stride_branch_handler(compare, c.a, step.b, c.b);
    if (handler == 0) return std::nullopt;
    remove_last();
    const uint32_t at = emitter_.begin(handler);
    emitter_.operand(c.a, c.xa);
    emitter_.operand(step.b, step.xb);
    source(c.b, c.xb, c.imm);
    return end_with_target(at);
}

Translator::Fixup Translator::emit_branch(const Condition& c, bool negate) {
    negate = negate != c.negate;
    if (const auto step = emit_step_branch(c, negate)) return *step;
    const Op op = negate && !c.fp ? opposite(c.op) : c.op;
    const Loc b = c.fp ? c.b : narrowed(c.b, c.imm);
    const HandlerBits handler = c.fp     ? float_branch_handler(op, negate, c.a, b)
                                : c.mask ? mask_branch_handler(op, c.a, b)
                                         : int_branch_handler(op, c.a, b);
    const uint32_t at = emitter_.begin(handler);
    emitter_.operand(c.a, c.xa);
    if (c.fp)
        float_source(b, c.xb, c.imm);
    else
        source(b, c.xb, c.imm);
    return end_with_target(at);
}

// Are these values, which are on top of the stack, already where the label wants them?
bool Translator::in_place(const Control& l, const std::vector<ValType>& types) {
    const size_t n = types.size();
    for (size_t i = 0; i < n; ++i) {
        const Operand& o = stack_[stack_.size() - n + i];
        if (o.kind != Operand::Kind::Home) return false;
        if (i == 0 && o.position != l.base) return false;
    }
    return true;
}

// Puts the top operands where the label wants its values; the simulated stack does not change.
void Translator::move_values(const Control& l, const std::vector<ValType>& types) {
    const auto n = static_cast<uint32_t>(types.size());
    if (n == 0 || in_place(l, types)) return;
    const auto first = static_cast<uint32_t>(stack_.size()) - n;
    const uint32_t to = home_slot(l.base);
    if (n == 1) {
        Operand& o = stack_[first];
        // Read here and perhaps again on the way that does not branch: its producer must stay as it is.
        o.producer = -1;
        move_to(o, Loc::Slot, to);
        return;
    }
    materialize_top(n);
    const uint32_t from = home_slot(stack_[first].position);
    if (from == to) return;
    const uint32_t at = emitter_.begin(code_op_handler(CodeOp::CopySlots));
    emitter_.u16(to);
    emitter_.u16(from);
    emitter_.u16(top_position() - stack_[first].position);
    note_other(at);
}

void Translator::jump_to(Control& l, Fixup where) {
    if (l.kind == Control::Kind::Loop)
        patch(where, l.start);
    else
        l.fixups.push_back(where);
}

void Translator::on_br(uint32_t depth) {
    Control& l = label(depth);
    if (l.kind == Control::Kind::Func) return on_return();
    load_variables(0);
    move_results(l);
    if (l.kind == Control::Kind::Loop && l.test) return repeat_loop(l);
    jump_to(l, emit_br());
}

// A jump, together with the move or the step before it.
Translator::Fixup Translator::emit_br() {
    Record last;
    if (static_cast<int32_t>(records_.size()) > barrier_) last = records_.back();
    const bool is_step = last.shape == Shape::IntBinary && last.op == Op::I32Add && last.b == Loc::Imm &&
                         last.d == last.a && (is_pinned(last.d) || last.xd == last.xa);
    HandlerBits fused = 0;
    if (last.shape == Shape::SlotMove || last.shape == Shape::Move) fused = move_br_handler(last.d, last.a);
    if (is_step) fused = step_br_handler(last.d);
    if (fused == 0) return emit_plain_br();
    remove_last();
    const uint32_t at = emitter_.begin(fused);
    if (is_step) {
        emitter_.operand(last.d, last.xd);
        emitter_.i32(static_cast<int64_t>(last.imm));
    } else {
        emitter_.operand(last.a, last.xa);
        emitter_.operand(last.d, last.xd);
    }
    return end_with_target(at);
}

Translator::Fixup Translator::emit_plain_br() { return end_with_target(emitter_.begin(code_op_handler(CodeOp::Br))); }

// The target is the last field of the branch that began at `at`.
Translator::Fixup Translator::end_with_target(uint32_t at) {
    const Fixup target{emitter_.here(), at};
    emitter_.i32(0);
    refer();
    note_other(at);
    return target;
}

// Instead of jumping to the loop's first instruction, which would leave or go on: leave or go on.
void Translator::repeat_loop(Control& loop) {
    const LoopTest& test = *loop.test;
    patch(emit_branch(test.leave, true), test.behind);
    jump_to(control_[test.exit], emit_br());
}

void Translator::on_br_if(uint32_t depth) {
    const Condition condition = pop_condition();
    load_variables(0);
    Control& l = label(depth);
    // What taking the branch would materialize is materialized before it: on the other way it must be there too.
    const auto values = static_cast<uint32_t>(l.label_types().size());
    if (values > 1 || (values == 1 && top().kind == Operand::Kind::Const)) materialize_top(values);
    if (l.kind != Control::Kind::Func && results_in_place(l)) {
        const Fixup branch = emit_branch(condition, false);
        jump_to(l, branch);
        Control& loop = control_.back();
        if (loop.kind == Control::Kind::Loop && loop.start == branch.base && &l != &loop) {
            loop.test = LoopTest{condition, refer(), static_cast<uint32_t>(&l - control_.data())};
        }
        return;
    }
    const Fixup over = emit_branch(condition, true);
    const bool single = l.label_types().size() == 1;
    if (single) top().producer = -1;
    on_br(depth);
    patch(over, refer());
    barrier();
}

void Translator::on_br_table(const Instr& in) {
    if (top().kind == Operand::Kind::Const) materialize(static_cast<uint32_t>(stack_.size()) - 1);
    load_variables(1);
    const Operand index = pop();
    uint32_t xi = 0;
    const Loc li = location(index, xi);
    const auto n = static_cast<uint32_t>(in.labels.size());
    // All labels take the same number of values.
    const auto values = static_cast<uint32_t>(label(in.labels.back()).label_types().size());
    materialize_top(values);
    const uint32_t at = emitter_.begin(br_table_handler(li));
    emitter_.operand(li, xi);
    emitter_.i32(int64_t{n} - 1);
    const uint32_t targets = emitter_.here();
    for (uint32_t i = 0; i < n; ++i) emitter_.i32(0);
    refer();
    note_other(at);
    // A label that needs its values moved gets one landing, however many entries name it.
    std::unordered_map<uint32_t, uint32_t> landings;  // label depth → code offset
    for (uint32_t i = 0; i < n; ++i) {
        const Fixup entry{targets + i * 4, at};
        const uint32_t depth = in.labels[i];
        Control& l = label(depth);
        if (l.kind != Control::Kind::Func && results_in_place(l)) {
            jump_to(l, entry);
            continue;
        }
        const auto [landing, is_new] = landings.try_emplace(depth, refer());
        if (is_new) on_br(depth);
        patch(entry, landing->second);
    }
}

// The stack pointer may just have been moved back.
void Translator::emit_return(HandlerBits plain, HandlerBits after_step, Loc value, uint32_t slot, uint64_t immediate) {
    Record last;
    if (static_cast<int32_t>(records_.size()) > barrier_) last = records_.back();
    const bool step = last.shape == Shape::GlobalSetSum && last.a == Loc::R1;
    if (step) remove_last();
    const uint32_t at = emitter_.begin(step ? after_step : plain);
    source(value, slot, immediate);
    emitter_.u16(link_slot_);
    if (step) {
        emitter_.i32(static_cast<int32_t>(static_cast<uint32_t>(last.imm)));
        emitter_.i32(static_cast<int64_t>(last.imm >> 32));
    }
    note_other(at);
}

void Translator::on_return() {
    const auto n = static_cast<uint32_t>(type_.results.size());
    load_variables(n);
    if (n == 0) {
        emit_return(code_op_handler(CodeOp::ReturnNone), code_op_handler(CodeOp::ReturnNoneStep), Loc::Acc, 0, 0);
    } else if (n == 1) {
        if (top().kind == Operand::Kind::Mem) load_variable(static_cast<uint32_t>(stack_.size()) - 1);
        Operand& o = top();
        const bool fp = is_float(o.type);
        if (o.kind == Operand::Kind::Const && (fp || !fits_imm32(o)))
            materialize(static_cast<uint32_t>(stack_.size()) - 1);
        o.producer = -1;
        uint32_t slot = 0;
        const Loc l = location(o, slot);
        emit_return(fp ? float_return_handler(l) : return_handler(l),
                    fp ? float_return_step_handler(l) : return_step_handler(l), l, slot, o.value);
    } else {
        materialize_top(n);
        const Operand& first = stack_[stack_.size() - n];
        const uint32_t at = emitter_.begin(code_op_handler(CodeOp::ReturnMulti));
        emitter_.u16(home_slot(first.position));
        emitter_.u16(link_slot_);
        emitter_.u16(top_position() - first.position);
        note_other(at);
    }
}

// In unreachable code only the nesting matters.
void Translator::on_dead(const Instr& in) {
    switch (in.op) {
        case Op::Block:
        case Op::Loop:
        case Op::If:
        case Op::Try:
        case Op::TryTable: {
            Control c;
            c.kind = Control::Kind::Dead;
            c.params = &kNoTypes;
            c.results = &kNoTypes;
            control_.push_back(std::move(c));
            return;
        }
        case Op::Else:
            if (control_.back().kind != Control::Kind::Dead) on_else();
            return;
        case Op::Catch:
            if (control_.back().kind != Control::Kind::Dead) on_catch(in.index);
            return;
        case Op::CatchAll:
            if (control_.back().kind != Control::Kind::Dead) on_catch(std::nullopt);
            return;
        case Op::Delegate:
            if (control_.back().kind == Control::Kind::Dead)
                control_.pop_back();
            else
                on_delegate(in.index);
            return;
        case Op::End:
            if (control_.back().kind == Control::Kind::Dead)
                control_.pop_back();
            else
                on_end();
            return;
        default: return;
    }
}

bool Translator::on_control(const Instr& in) {
    switch (in.op) {
        case Op::Unreachable:
            load_variables(0);
            note_other(emitter_.begin(code_op_handler(CodeOp::Unreachable)));
            go_dead();
            return true;
        case Op::Block: open(Control::Kind::Block, in.block); return true;
        case Op::Loop: open(Control::Kind::Loop, in.block); return true;
        case Op::If: on_if(in.block); return true;
        case Op::Else: on_else(); return true;
        case Op::End: on_end(); return true;
        case Op::Br:
            on_br(in.index);
            go_dead();
            return true;
        case Op::BrIf: on_br_if(in.index); return true;
        case Op::BrTable:
            on_br_table(in);
            go_dead();
            return true;
        case Op::Return:
            on_return();
            go_dead();
            return true;
        case Op::Call: on_call(in.index); return true;
        case Op::CallIndirect: on_call_indirect(in.index, in.index2); return true;
        case Op::ReturnCall:
        case Op::ReturnCallIndirect: on_tail_call(in); return true;
        case Op::Try:
        case Op::Catch:
        case Op::CatchAll:
        case Op::Delegate:
        case Op::Throw:
        case Op::Rethrow:
        case Op::ThrowRef:
        case Op::TryTable: on_exception(in); return true;
        default: return false;
    }
}

}  // namespace wasm
