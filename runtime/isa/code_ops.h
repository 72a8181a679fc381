// SPDX-License-Identifier: Apache-2.0
// The internal instruction set that the translator emits: operand locations, instruction layout, and how to find
// the handler of an operation. The handlers themselves are in execute/; the translator sees them as plain words.
//
// An instruction is the 8-byte address of its handler, then its fields, without gaps, in the order in which they are
// named below: an operand's slot number (of Mem, its offset) in 2 bytes, an immediate in 4 or 8; an operand in a
// register has no field. The destination comes last: where a result goes may still change when its instruction stands.
#pragma once

#include "isa/wasm_ops.h"

#include <bit>
#include <cstdint>

namespace wasm {

// Where an operand or a destination lives. R1..R3 are machine registers that hold hot locals of the function: of
// the integer class for integers, of the floating-point class for floats. Acc is the newest result of its class. Mem is
// in memory 0, at the address in the integer R1 plus an offset that stands where a slot's number would: a variable of
// code that was not optimised.
// Imm16 is an immediate that fits 16 bits, where an instruction has that form beside the wide one.
enum class Loc : uint8_t { Slot, Acc, R1, R2, R3, Mem, Imm, Imm16 };
inline constexpr unsigned kLocCount = 6;     // without immediates: possible destinations
inline constexpr unsigned kSourceCount = 7;  // with Imm
inline constexpr unsigned kImm16Count = 8;   // with both
constexpr Loc narrowed(Loc l, uint64_t value) {
    const auto v = static_cast<int64_t>(value);
    return l == Loc::Imm && v == static_cast<int16_t>(v) ? Loc::Imm16 : l;
}
constexpr bool is_pinned(Loc l) { return l == Loc::R1 || l == Loc::R2 || l == Loc::R3; }

inline constexpr unsigned kPins = WASM_PINS;  // how many of R1..R3 this build has handlers for

// A handler's address as it stands in the code. 0: no handler exists for this combination of locations.
using HandlerBits = uint64_t;

// Where fields are. Translation appends them one by one; handlers know where each is at compile time.
namespace layout {
inline constexpr uint32_t kFirst = 8;    // the first field
inline constexpr uint32_t kSecond = 10;  // the next, if that is a slot
constexpr uint32_t width(Loc l, uint32_t immediate) {
    return l == Loc::Imm ? immediate : l == Loc::Slot || l == Loc::Mem || l == Loc::Imm16 ? 2 : 0;
}
// Behind the field of l, which is at byte `at`. Wide: immediates of 8 bytes.
constexpr uint32_t behind(uint32_t at, Loc l) { return at + width(l, 4); }
constexpr uint32_t behind_wide(uint32_t at, Loc l) { return at + width(l, 8); }
// Calls: first slot of the callee's frame @kFirst, its link's slot, then FuncData, or type, table and index.
inline constexpr uint32_t kLink = 10, kCallee = 12, kCall = 20;
inline constexpr uint32_t kType = 12, kTable = 16, kIndex = 24;
// Function entry.
inline constexpr uint32_t kFrame = 12, kEntered = 16;
// The slots of the pinned registers in `mask` (bit k: integer Rk+1, bit 3 + k: float), when an instruction names them
// from byte `first` on: that of bit k, and where they end.
constexpr uint32_t pin(uint32_t first, unsigned mask, unsigned bit) {
    return first + 2 * static_cast<uint32_t>(std::popcount(mask & ((1U << bit) - 1)));
}
constexpr uint32_t pins_end(uint32_t first, unsigned mask) { return pin(first, mask, 6); }
}  // namespace layout

// Operations whose first source may be immediate instead of the second: frequent ones that cannot exchange them
// (spectral -O3 9.4 %, sha256 -O0 4.5 % of all instructions executed).
constexpr bool takes_const_first(Op op) {
    switch (op) {
        case Op::I32Sub:
        case Op::I32Shl:
        case Op::I32ShrU:
        case Op::I64Sub:
        case Op::I64Shl:
        case Op::I64ShrU:
        case Op::F32Sub:
        case Op::F32Div:
        case Op::F64Sub:
        case Op::F64Div: return true;
        default: return false;
    }
}

// Numeric operations: a, b, d. One source may be immediate, the second or of some operations the first: of integers 32
// bits, or as the second 16, sign-extended; of floats 8 raw bytes.
HandlerBits int_unary_handler(Op op, Loc d, Loc a);
HandlerBits int_binary_handler(Op op, Loc d, Loc a, Loc b);  // also IntCompare
HandlerBits float_unary_handler(Op op, Loc d, Loc a);
HandlerBits float_binary_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits float_compare_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits convert_handler(Op op, Loc d, Loc a);  // IntToFloat, FloatToInt

// Compare and branch: a, b (of integers it may be Imm16), relative target in 4 bytes.
HandlerBits int_branch_handler(Op compare, Loc a, Loc b);
HandlerBits float_branch_handler(Op compare, bool negate, Loc a, Loc b);
// Compares a & b with zero: eq or ne.
HandlerBits mask_branch_handler(Op compare, Loc a, Loc b);  // CoreMark -O0 1.8 %, Lua -O0 1.4 %

// What follows are several operations as one instruction. Each is there for a program that executes it often: its share
// of all instructions executed (tools/bench/dispatch-stats; the kernels of tools/bench) stands behind it.

// sieve -O0 11.9 %, fib -O3 9.4 %. a += step; then compare a with b and branch (the step of a loop): a, b, step,
// target.
HandlerBits step_branch_handler(Op compare, Loc a, Loc b);
// matmul -O3 8.8 %, spectral -O3 5.3 %. Also other += its step, before that; only of i32, only `ne`: other, a, b, step
// of other, step, target.
HandlerBits two_step_branch_handler(Loc other, Loc a, Loc b);

// execute/handlers_fused.cc says where operands stand. 0 for most operations.
HandlerBits shift_combine_handler(Op combine, Op shift, Loc d, Loc a, Loc b);  // memops -O3 51 %, bitboard 40 %
HandlerBits shift_mask_handler(Op shift, Loc d, Loc a);                        // Lua -O0 2.8 %, CoreMark -O3 2.5 %
// mandel -O3 10.9 %, spectral -O3 5.2 %. a * b, rounded, and that with c by `combine`, addition or subtraction; `from`:
// it is subtracted from c.
HandlerBits product_sum_handler(Op combine, bool from, Loc d, Loc a, Loc b, Loc c);
HandlerBits stride_branch_handler(Op compare, Loc a, Loc b, Loc limit);  // sieve -O3 29 %
HandlerBits move_two_handler(Loc d, Loc a, Loc d2, Loc a2);              // sha256 -O3 6.1 %, CoreMark -O3 3.3 %
// Then branch: a, d, target. Step: a += constant of type i32: a, constant, target.
HandlerBits move_br_handler(Loc d, Loc a);  // bcvm -O3 13.4 %
HandlerBits step_br_handler(Loc a);         // bcvm -O3 4.6 %, sort -O0 2.9 %

// Memory. Load: a, offset (4 bytes), d; an immediate a is the whole 64-bit effective address, and no offset follows.
// Indexed: the address is a + b: a, b, offset, d. Scaled: a + (b << shift): a, b, shift, offset, d.
// Store: a, value (it may be Imm16), offset. Indexed and scaled: a, b, value, shift if scaled, offset.
HandlerBits load_handler(Op op, Loc d, Loc a);
HandlerBits load_indexed_handler(Op op, Loc d, Loc a, Loc b);  // sieve -O3 16.5 %, matmul -O3 11.4 %
HandlerBits load_scaled_handler(Op op, Loc d, Loc a, Loc b);   // sort -O0 20.9 %, sort -O3 11.7 %
HandlerBits store_handler(Op op, Loc a, Loc value);
HandlerBits store_indexed_handler(Op op, Loc a, Loc b, Loc value);  // sieve -O3 29 %, sieve -O0 21 %
HandlerBits store_scaled_handler(Op op, Loc a, Loc b, Loc value);
// Traps if address + bytes is out of bounds; for memories without a big reservation: a (64 bits if immediate), offset +
// bytes in 64.
HandlerBits bounds_check_handler(Loc a);

// Moves: a (an immediate of 16 or 32 bits, sign-extended), d. Constants: 64 bits, d.
HandlerBits move_handler(Loc d, Loc a);
HandlerBits float_move_handler(Loc d, Loc a);
HandlerBits const_handler(Loc d);
HandlerBits float_const_handler(Loc d);
// Globals: a of the one that sets, the slot in the globals block (4 bytes), d of the one that gets. Indirect: that slot
// holds the address of the cell.
HandlerBits global_get_handler(Loc d, bool is_float, bool indirect);
HandlerBits global_set_handler(Loc a, bool is_float, bool indirect);
// A global of type i32 and the stack pointer it usually is. d, and its slot, = global += summand: slot, summand,
// global.
HandlerBits global_step_handler(Loc d);
// global = a + summand: a, summand, global.
HandlerBits global_set_sum_handler(Loc a);
// Mostly they are part of the instruction at the beginning and at the end of a function whose R1 is the stack pointer.
// As Enter without a mask, and as the return, then the fields of the step.
HandlerBits enter_step_handler();            // fib -O0 11.1 %, Lua -O0 2.1 %
HandlerBits return_step_handler(Loc value);  // fib -O0 11.1 %, Lua -O0 1.7 %
HandlerBits float_return_step_handler(Loc value);
// condition, a, b, d; a and b are slots, or pinned integers.
HandlerBits select_handler(Loc d, Loc condition, Loc a, Loc b);
HandlerBits float_select_handler(Loc d, Loc condition);

HandlerBits br_table_handler(Loc index);  // index, last index, relative targets, 4 bytes each
HandlerBits call_indirect_handler(Loc index);
// Return of one value: value, slot of the link.
HandlerBits return_handler(Loc value);
HandlerBits float_return_handler(Loc value);
// Function entry: stack check, frame slots @kFrame; clears slots from the one @kFirst on, as many as @kSecond says;
// loads the pinned registers in `mask` from slots @kEntered.. on.
HandlerBits enter_handler(unsigned mask);
// Spills the pinned registers in `mask` first, to slots from kCall on.
HandlerBits call_handler(unsigned mask);
// Spill or reload the pinned registers in `mask` (bit k: integer Rk+1, bit 3 + k: float), slots from kD on.
HandlerBits spill_handler(unsigned mask);
HandlerBits reload_handler(unsigned mask);

HandlerBits in_place_handler(Op op);

// Operations that have one handler only.
#define WASM_CODE_OPS(CODE_OP)                                                          \
    CODE_OP(Unreachable)                                                                \
    CODE_OP(Br)        /* target */                                                     \
    CODE_OP(CopySlots) /* d a n: n slots, ascending */                                  \
    CODE_OP(CallHost)                                                                   \
    CODE_OP(CallOther)        /* callee of another instance */                          \
    CODE_OP(ReturnNone)       /* link */                                                \
    CODE_OP(ReturnNoneStep)   /* link summand global */                                 \
    CODE_OP(ReturnMulti)      /* first value, link, how many slots */                   \
    CODE_OP(TailCall)         /* as a call: first argument, own link */                 \
    CODE_OP(TailCallIndirect) /* as an indirect call of an index in a slot */           \
    CODE_OP(RefIsNull)        /* d a */                                                 \
    CODE_OP(RefFunc)          /* d function */                                          \
    CODE_OP(MemorySize)       /* d memory index */                                      \
    CODE_OP(TableGet)         /* d a table */                                           \
    CODE_OP(TableSet)         /* a value table */                                       \
    /* What holds references to exceptions; fields as of an operation in place. */      \
    CODE_OP(ExceptionTableGet) /* index */                                              \
    CODE_OP(ExceptionTableSet) /* index value */                                        \
    CODE_OP(ExceptionGlobalGet)                                                         \
    CODE_OP(ExceptionGlobalSet) /* value */                                             \
    CODE_OP(Throw)              /* first value, tag */                                  \
    CODE_OP(ThrowRef)           /* a */                                                 \
    CODE_OP(Halt)               /* returns from the interpreter to its C++ caller */    \
    CODE_OP(LeaveBoundary)      /* return address of a call through a boundary frame */ \
    CODE_OP(Translate)          /* entry of a function not yet translated: FuncData */

enum class CodeOp : uint8_t {
#define CODE_OP(id) id,
    WASM_CODE_OPS(CODE_OP)
#undef CODE_OP
};
HandlerBits code_op_handler(CodeOp op);

}  // namespace wasm
