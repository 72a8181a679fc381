// SPDX-License-Identifier: Apache-2.0
// Exceptions in both forms. Nothing is done on entering a try: regions of code are noted, and a throw searches them
// (execute/unwind.cc). Functions with a try pin no registers, so that all locals are in memory when one is caught.
#include "translate/translator.h"

namespace wasm {

void Translator::on_throw(uint32_t tag) {
    const auto n = static_cast<uint32_t>(module_.types[module_.tags[tag].type_index].params.size());
    materialize_top(n);
    drop_to(static_cast<uint32_t>(stack_.size()) - n);
    const uint32_t at = emitter_.begin(code_op_handler(CodeOp::Throw));
    emitter_.u16(home_slot(top_position()));
    emitter_.u64(reinterpret_cast<uintptr_t>(env_.tag(tag)));
    note_other(at);
    go_dead();
}

// The caught exception of a legacy catch is a hidden operand below the caught values: rethrow needs it.
void Translator::on_catch(std::optional<uint32_t> tag) {
    Control& c = control_.back();
    if (!dead_) {
        move_results(c);
        c.fixups.push_back(emit_br());
    }
    if (c.kind == Control::Kind::Try) {
        TryRegion region;
        region.begin = c.start;
        region.end = refer();
        region.depth = control_depth() - 1;
        c.region = static_cast<uint32_t>(regions_.size());
        regions_.push_back(std::move(region));
        c.kind = Control::Kind::Catch;
    }
    drop_to(c.height);
    push_home(kExnRef);
    CatchTarget target;
    target.tag = tag ? env_.tag(*tag) : nullptr;
    target.with_ref = true;
    target.ref_slot = home_slot(stack_.back().position);
    target.value_slot = home_slot(top_position());
    target.target = refer();
    regions_[*c.region].catches.push_back(target);
    if (tag) {
        for (const ValType t : module_.types[module_.tags[*tag].type_index].params) push_home(t);
    }
    flush();
    barrier();
    dead_ = false;
}

void Translator::close_try(Control& c) {
    // A try without catches protects nothing.
    c.region.reset();
}

void Translator::on_rethrow(uint32_t depth) {
    const Control& c = label(depth);
    emit_throw_ref(home_slot(stack_[c.height].position));
}

void Translator::emit_throw_ref(uint32_t slot) {
    const uint32_t at = emitter_.begin(code_op_handler(CodeOp::ThrowRef));
    emitter_.u16(slot);
    note_other(at);
    go_dead();
}

// try … delegate N: what the body throws is searched for from label N outwards.
void Translator::on_delegate(uint32_t depth) {
    Control& c = control_.back();
    TryRegion region;
    region.begin = c.start;
    region.end = refer();
    region.depth = control_depth() - 1;
    region.delegate_to = control_depth() - 2 - depth;
    regions_.push_back(std::move(region));
    c.kind = Control::Kind::Block;
    on_end();
}

// The clauses' labels are outside the try_table; values go straight to the labels' homes.
void Translator::close_try_table(Control& c) {
    TryRegion region;
    region.begin = c.start;
    region.end = refer();
    region.depth = control_depth() - 1;
    const bool fell_through = !dead_;
    std::optional<Fixup> over;  // jump around the landings of clauses that return
    for (const CatchClause& clause : c.clauses) {
        const bool has_tag = clause.kind == CatchClause::Kind::Catch || clause.kind == CatchClause::Kind::CatchRef;
        // Clause labels count from outside the try_table.
        Control& l = control_[control_.size() - 2 - clause.label];
        CatchTarget target;
        target.tag = has_tag ? env_.tag(clause.tag) : nullptr;
        target.with_ref = clause.kind == CatchClause::Kind::CatchRef || clause.kind == CatchClause::Kind::CatchAllRef;
        const bool returns = l.kind == Control::Kind::Func;
        const uint32_t base = returns ? c.base : l.base;
        uint32_t slots = 0;
        if (has_tag) {
            for (const ValType t : module_.types[module_.tags[clause.tag].type_index].params) slots += t.slots();
        }
        target.value_slot = home_slot(base);
        target.ref_slot = home_slot(base + slots);
        if (!over && fell_through) over = emit_plain_br();
        target.target = refer();
        if (returns) {
            drop_to(c.height);
            for (const ValType t : type_.results) push_home(t);
            on_return();
        } else {
            jump_to(l, emit_plain_br());
        }
        region.catches.push_back(target);
    }
    if (over) c.fixups.push_back(*over);
    regions_.push_back(std::move(region));
}

void Translator::on_exception(const Instr& in) {
    load_variables(0);
    switch (in.op) {
        case Op::Throw: on_throw(in.index); return;
        case Op::ThrowRef: {
            uint32_t x = 0;
            pop_slot(x);
            emit_throw_ref(x);
            return;
        }
        case Op::Try: open(Control::Kind::Try, in.block); return;
        case Op::Catch: on_catch(in.index); return;
        case Op::CatchAll: on_catch(std::nullopt); return;
        case Op::Rethrow: on_rethrow(in.index); return;
        case Op::Delegate: on_delegate(in.index); return;
        default:  // TryTable
            open(Control::Kind::TryTable, in.block);
            control_.back().clauses = in.catches;
            return;
    }
}

}  // namespace wasm
