// SPDX-License-Identifier: Apache-2.0
// Stack code → register code in one pass (design: README.md). The operand stack is simulated; an operand is where its
// value already is — a local, a constant, the accumulator — and is moved to its own slot ("home") only when it must be.
// The input is valid: the validator has seen each instruction first.
#pragma once

#include "decode/code_iterator.h"
#include "translate/code.h"
#include "translate/emitter.h"
#include "translate/env.h"
#include "translate/pinning.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace wasm {

class Translator {
  public:
    Translator(const TranslateEnv& env,
               uint32_t func_index,
               const std::vector<LocalGroup>& locals,
               const LocalUses& uses);
    void on(const Instr& instr);
    // After the function's end. Null when the frame would need more slots than an instruction can name.
    std::unique_ptr<const Code> finish();
    // Of the next instruction. Those before it may still become longer, by less than an instruction altogether.
    uint32_t code_offset() const { return emitter_.here(); }

  private:
    uint32_t place_locals();

    // How an instruction was made, so that it can be made again with another destination or fused with the next.
    enum class Shape : uint8_t {
        Other,
        SlotMove,
        IntUnary,
        IntBinary,
        FloatUnary,
        FloatBinary,
        FloatCompare,
        Convert,
        Load,
        LoadIndexed,
        LoadScaled,
        Select,
        Move,
        FloatMove,
        Const,
        FloatConst,
        GlobalGet,
        GlobalSetSum,  // imm: global slot in the upper half, summand in the lower
        SpillOne,
        ShiftCombine,
        ShiftMask,
        ProductSum,
    };
    struct Record {
        uint32_t at = 0;
        Shape shape = Shape::Other;
        Op op = Op::Nop;
        Op shift = Op::Nop;  // of ShiftCombine and ShiftMask, by how much in `imm`
        Loc d = Loc::Slot, a = Loc::Slot, b = Loc::Slot, c = Loc::Slot;
        uint16_t xd = 0, xa = 0, xb = 0;  // slot numbers; of Mem, offsets
        uint64_t imm = 0;                 // of source b
        bool is_float = false, indirect = false;
        bool from = false;      // of ProductSum: the product is subtracted
        bool is_imm16 = false;  // that is how the immediate source stands in the code
    };
    struct Operand {
        // Mem: the variable at offset `value` from the base, which has not been loaded yet.
        enum class Kind : uint8_t { Home, Local, Const, Acc, Mem } kind = Kind::Home;
        ValType type;
        uint32_t position = 0;  // slot of its home, counted from the first operand's
        uint64_t value = 0;     // local index, constant bits, or offset
        int32_t producer = -1;  // record that made it, while its destination may still be changed
    };
    struct Condition {
        bool fp = false, negate = false;
        bool mask = false;  // (a & b) compared with zero, not a with b
        Op op = Op::Nop;
        Loc a = Loc::Slot, b = Loc::Slot;
        uint32_t xa = 0, xb = 0;
        uint64_t imm = 0;
    };
    // The branch that a loop begins with, when that decides whether to leave it.
    struct LoopTest {
        Condition leave;
        uint32_t behind = 0;  // code offset of the next instruction
        uint32_t exit = 0;    // index of the label it leaves to
    };
    struct Fixup {
        uint32_t at;    // where the 32-bit relative target stands
        uint32_t base;  // the instruction it is relative to
    };
    struct Control {
        enum class Kind : uint8_t { Func, Block, Loop, If, Else, Try, Catch, TryTable, Dead } kind = Kind::Block;
        uint32_t height = 0;  // operands below (count)
        uint32_t base = 0;    // slot position of the first label value
        const std::vector<ValType>* params = nullptr;
        const std::vector<ValType>* results = nullptr;
        std::optional<LoopTest> test;
        uint32_t start = 0;         // code offset of a loop's header, of a try's first instruction
        std::vector<Fixup> fixups;  // jumps to the end
        std::optional<Fixup> else_fixup;
        std::vector<CatchTarget> catches;
        std::vector<CatchClause> clauses;  // of try_table
        std::optional<uint32_t> region;    // index of the legacy try's region
        std::vector<Fixup> func_label_pads;
        const std::vector<ValType>& label_types() const { return kind == Kind::Loop ? *params : *results; }
    };

    // operands.cc — the simulated operand stack
    static bool is_float(ValType t) { return t.is_float(); }
    uint32_t home_slot(uint32_t position);
    uint32_t local_slot(uint64_t local) const { return local_slots_[local]; }
    uint32_t top_position() const;
    void push(Operand::Kind kind, ValType type, uint64_t value = 0, int32_t producer = -1);
    void push_home(ValType type) { push(Operand::Kind::Home, type); }
    Operand pop();
    Operand& top(uint32_t n = 0) { return stack_[stack_.size() - 1 - n]; }
    void drop_to(uint32_t height);
    void set_acc(bool fp, int32_t index) { acc_[fp ? 1 : 0] = index; }
    Loc location(const Operand& o, uint32_t& slot);
    static bool fits_imm32(const Operand& o);
    void spill_acc(bool fp);           // the accumulator is about to be overwritten
    void spill(uint32_t index);        // an operand in the accumulator → its home
    void materialize(uint32_t index);  // any operand → its home
    void materialize_top(uint32_t count);
    void flush();                         // everything → homes: before a control boundary
    void preserve_local(uint64_t local);  // pending reads of a local that is about to be written
    void settle_deep();
    Operand pop_slot(uint32_t& slot);  // pops into some slot
    Loc pop_local(uint32_t& slot);     // the same, but an integer may be in a pinned register
    void move_to(const Operand& o, Loc d, uint32_t slot);
    void move_local(Loc d, uint32_t to, Loc a, uint32_t from);
    void count_read(const Operand& o, int by);

    // variables.cc — loads that have not happened yet (Operand::Kind::Mem)
    bool is_base(const Operand& o) const { return o.kind == Operand::Kind::Local && o.value == pinning_.base; }
    bool push_variable(const Instr& in);
    bool store_variable(const Instr& in);
    void load_variable(uint32_t index);  // an operand: from memory to the accumulator, or home
    void load_variables(uint32_t keep);  // all but the top `keep` operands, to their homes
    void load_overlapping(uint64_t begin, uint64_t end, uint32_t keep);
    void settle_sources(uint32_t count);  // the top operands are the sources of one instruction

    // carriers.cc — locals that only carry a value to a near instruction (LocalUse::is_carrier)
    bool set_carrier(uint32_t local);        // true: done, nothing emitted
    bool get_carrier(uint32_t local);        // true: its value has been pushed
    void spill_carrier(uint32_t local);      // the value must go into the local after all
    void spill_carriers_of(uint64_t local);  // those that stand for a local about to be written

    // records.cc — emitted instructions that may still change
    HandlerBits handler_of(const Record& r) const;
    static bool yields_bool(const Record& r);
    int32_t add_record(const Record& r);
    void note_other(uint32_t at) {
        Record r;
        r.at = at;
        add_record(r);
    }
    bool retarget(int32_t record, Loc d, uint32_t slot);
    bool is_last(const Operand& o) const;  // its producer is the last instruction, and nothing jumps in between
    void remove_last();
    // The place of the next instruction, for something that will go on referring to it.
    uint32_t refer() { return referred_to_ = emitter_.here(); }
    void barrier() { barrier_ = static_cast<int32_t>(records_.size()); }
    // The field of a source.
    void source(Loc l, uint32_t slot, uint64_t immediate) {
        if (l == Loc::Imm)
            emitter_.i32(static_cast<int64_t>(immediate));
        else
            emitter_.operand(l, l == Loc::Imm16 ? static_cast<uint16_t>(immediate) : slot);
    }
    void float_source(Loc l, uint32_t slot, uint64_t immediate) {
        if (l == Loc::Imm)
            emitter_.u64(immediate);
        else
            emitter_.operand(l, slot);
    }
    void push_result(ValType type, Record r);  // the result of `r` (already emitted) is the new top operand

    // visit_numeric.cc
    void on_int_binary(Op op, ValType result);
    bool simplify(Op op);  // simplify.cc: true when nothing is left to do
    bool narrow_by_mask(Op op);
    bool extend_sign(Op op);
    bool fuse_shift(Op op, ValType result);
    bool fuse_mask(Op op, ValType result);
    bool fuse_product(Op op, ValType result);
    void on_eqz(Op op);
    void on_unary(Shape shape, Op op, ValType result);
    void on_float_binary(Op op, ValType result, bool compare);
    void on_wrap();
    void on_select(ValType type);
    void on_local_set(uint32_t local, bool tee);
    void on_global_get(uint32_t index);
    void on_global_set(uint32_t index);
    bool move_stack_pointer(uint32_t global_slot);
    bool enter_with_step(Loc d, uint32_t own_slot, int32_t summand, uint32_t global_slot);

    // visit_memory.cc
    void on_load(const Instr& in);
    bool on_load_of_sum(const Instr& in, ValType result);
    void on_store(const Instr& in);
    bool store_to_sum(const Instr& in);
    void emit_in_place(HandlerBits handler, uint32_t operands, uint32_t index, uint64_t extra);
    void on_in_place(const Instr& in);
    bool on_exception_table(const Instr& in);
    void check_bounds(const Operand& address, const Instr& in);
    void on_ref_or_table(const Instr& in);

    // visit_control.cc
    bool on_control(const Instr& in);
    void on_dead(const Instr& in);
    void open(Control::Kind kind, const BlockType& type);
    void on_if(const BlockType& type);
    void on_else();
    void on_end();
    void on_br(uint32_t depth);
    void repeat_loop(Control& loop);
    Fixup emit_br();
    Fixup emit_plain_br();
    Fixup end_with_target(uint32_t at);
    std::optional<Fixup> emit_stride_branch(const Record& step, const Condition& c, Op compare);
    void on_br_if(uint32_t depth);
    void on_br_table(const Instr& in);
    void on_return();
    // `value`, `slot`, `immediate`: what is returned; an accumulator, which has no field, for nothing.
    void emit_return(HandlerBits plain, HandlerBits after_step, Loc value, uint32_t slot, uint64_t immediate);
    bool is_not_of_float_compare(const Record& r) const;
    Condition pop_condition();
    bool take_mask(Condition& c);
    Fixup emit_branch(const Condition& c, bool negate);
    static bool is_step(const Record& r, Op add);  // local += something
    std::optional<Fixup> emit_step_branch(Condition c, bool negate);
    std::optional<Fixup> emit_two_step_branch(const Record& step, const Condition& c);
    Control& label(uint32_t depth) { return control_[control_.size() - 1 - depth]; }
    bool in_place(const Control& l, const std::vector<ValType>& types);
    bool results_in_place(const Control& l) { return in_place(l, l.label_types()); }
    void move_values(const Control& l, const std::vector<ValType>& types);
    void move_results(const Control& l) { move_values(l, l.label_types()); }
    void jump_to(Control& l, Fixup where);
    void patch(Fixup f, uint32_t target) { emitter_.set_i32(f.at, int64_t{target} - int64_t{f.base}); }
    void end_label(Control& l);
    void go_dead() { dead_ = true; }
    void block_types(const BlockType& type, Control& c);

    // visit_call.cc
    void on_call(uint32_t func_index);
    void on_call_indirect(uint32_t type_index, uint32_t table);
    void on_tail_call(const Instr& in);
    uint32_t stage_arguments(const FuncType& type);  // returns the slot of the first argument
    void push_call_results(const FuncType& type);
    void spill_pins() { emit_pins(false, pinning_.mask() & ~pinning_.written_through); }
    void reload_pins() { emit_pins(true, pinning_.mask()); }
    void append_pins(unsigned mask);
    void emit_pins(bool reload, unsigned mask);

    // visit_exception.cc
    void on_exception(const Instr& in);
    void on_throw(uint32_t tag);
    void on_catch(std::optional<uint32_t> tag);
    void on_rethrow(uint32_t depth);
    void emit_throw_ref(uint32_t slot);
    void on_delegate(uint32_t depth);
    void close_try(Control& c);
    void close_try_table(Control& c);
    uint32_t control_depth() const { return static_cast<uint32_t>(control_.size()); }

    const TranslateEnv& env_;
    const ModuleData& module_;
    const FuncType& type_;
    Emitter emitter_;
    std::vector<ValType> local_types_;
    std::vector<uint32_t> local_slots_;
    std::vector<uint32_t> local_refs_;  // how many operands are pending reads of each local
    const LocalUses& uses_;
    Pinning pinning_;
    uint32_t link_slot_ = 0;
    uint32_t serial_slot_ = 0;
    uint32_t zero_end_ = 0;
    uint32_t first_home_ = 0;
    uint32_t max_position_ = 0;
    bool bounds_checks_;

    std::vector<Operand> stack_;
    std::vector<Record> records_;
    std::vector<Control> control_;
    int32_t acc_[2] = {-1, -1};  // which operand is in the accumulator of each class
    // A carrier whose value is not in its slot: where it is instead, as an operand.
    struct Carrier {
        bool active = false;
        Operand value;
    };
    std::vector<Carrier> carriers_;      // by local; empty when the function has none
    std::vector<uint32_t> copies_;       // active carriers that stand for another local or a variable in memory
    uint32_t pending_loads_ = 0;         // operands and carriers of kind Mem
    int64_t acc_carrier_[2] = {-1, -1};  // the carrier whose value is in the accumulator
    int32_t barrier_ = 0;
    uint32_t referred_to_ = 0;  // nothing up to here may move
    uint32_t settled_ = 0;      // operands below are in their homes
    bool dead_ = false;
    uint32_t enter_at_ = 0;
    unsigned enter_mask_ = 0;
    std::vector<TryRegion> regions_;
    std::vector<JumpSite> jump_sites_;
    static const std::vector<ValType> kNoTypes;
    std::vector<std::unique_ptr<std::vector<ValType>>> single_types_;
};

}  // namespace wasm
