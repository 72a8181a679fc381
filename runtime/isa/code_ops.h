// SPDX-License-Identifier: Apache-2.0
// The internal instruction set that the translator emits: operand locations, instruction layout, and how to find
// the handler of an operation. The handlers themselves are in execute/; the translator sees them as plain words.
//
// An instruction is the 8-byte address of its handler followed by operands at fixed byte offsets: slot numbers (of Mem,
// offsets) as u16 from kD on, 32-bit immediates at kImm32, more from kExtra on. It ends behind its last operand, at a
// multiple of 4.
#pragma once

#include "isa/wasm_ops.h"

#include <cstdint>

namespace wasm {

// Where an operand or a destination lives. R1..R3 are machine registers that hold hot locals of the function: of
// the integer class for integers, of the floating-point class for floats. Acc is the newest result of its class. Mem is
// in memory 0, at the address in the integer R1 plus an offset that stands where a slot's number would: a variable of
// code that was not optimised.
enum class Loc : uint8_t { Slot, Acc, R1, R2, R3, Mem, Imm };
inline constexpr unsigned kLocCount = 6;     // without Imm: possible destinations
inline constexpr unsigned kSourceCount = 7;  // with Imm
constexpr bool is_pinned(Loc l) { return l == Loc::R1 || l == Loc::R2 || l == Loc::R3; }

inline constexpr unsigned kPins = WASM_PINS;  // how many of R1..R3 this build has handlers for

// A handler's address as it stands in the code. 0: no handler exists for this combination of locations.
using HandlerBits = uint64_t;

// Byte offsets of operands; and sizes of instructions: of those with two slots, and by the bytes from kExtra on.
namespace layout {
inline constexpr uint32_t kD = 8, kA = 10, kB = 12, kC = 14, kImm32 = 12, kExtra = 16;
inline constexpr uint32_t kTwo = 12, kPlain = 16, kWith4 = 20, kWith8 = 24, kWith12 = 28, kWith16 = 32;
// Calls: the callee's FuncData, and the end.
inline constexpr uint32_t kCallee = 12, kCall = 20;
// A 32-bit immediate beside one operand, which needs no room if it is in a register: compare-and-branch, store.
constexpr bool has_room(Loc other) { return other != Loc::Slot && other != Loc::Mem; }
constexpr uint32_t imm_beside(Loc other) { return has_room(other) ? kD : kExtra; }
constexpr uint32_t end_beside(Loc other) { return has_room(other) ? kPlain : kWith4; }
// Slots of the pinned registers in a mask, when an instruction names them from byte `first` on: integers, then floats;
// and where it ends.
constexpr uint32_t pin(uint32_t first, bool is_float, uint32_t k) { return first + (is_float ? 6 : 0) + 2 * k; }
constexpr uint32_t pins_end(uint32_t first, unsigned mask) {
    if (mask == 0) return first;
    return first + (mask >> 3 != 0 ? 12 : (mask & 4) != 0 ? 8 : 4);
}
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

// Numeric operations: destination, then sources. Second sources may be immediate: 32-bit sign-extended at kImm32 for
// integers, 8 raw bytes at kExtra for floats; or the first ones (takes_const_first): of integers, the second is at kA
// then.
HandlerBits int_unary_handler(Op op, Loc d, Loc a);
HandlerBits int_binary_handler(Op op, Loc d, Loc a, Loc b);  // also IntCompare
HandlerBits float_unary_handler(Op op, Loc d, Loc a);
HandlerBits float_binary_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits float_compare_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits convert_handler(Op op, Loc d, Loc a);  // IntToFloat, FloatToInt

// Compare and branch: sources at kD and kA, relative target at kImm32, immediate at kExtra (of integers,
// at imm_beside(a)).
HandlerBits int_branch_handler(Op compare, Loc a, Loc b);
HandlerBits float_branch_handler(Op compare, bool negate, Loc a, Loc b);
// Compares a & b with zero: eq or ne.
HandlerBits mask_branch_handler(Op compare, Loc a, Loc b);  // CoreMark -O0 1.8 %, Lua -O0 1.4 %

// What follows are several operations as one instruction. Each is there for a program that executes it often: its share
// of all instructions executed (tools/bench/dispatch-stats; the kernels of tools/bench) stands behind it.

// sieve -O0 11.9 %, fib -O3 9.4 %. a += immediate; then compare a with b and branch (the step of a loop): a@kD b@kA,
// target @kImm32, step @kExtra, immediate b @kExtra+4.
HandlerBits step_branch_handler(Op compare, Loc a, Loc b);

// execute/handlers_fused.cc says where operands stand. 0 for most operations.
HandlerBits shift_combine_handler(Op combine, Op shift, Loc d, Loc a, Loc b);  // memops -O3 51 %, sha256 -O3 20 %
HandlerBits shift_mask_handler(Op shift, Loc d, Loc a);                        // Lua -O0 2.8 %, CoreMark -O3 2.5 %
HandlerBits stride_branch_handler(Op compare, Loc a, Loc b, Loc limit);        // sieve -O3 29 %
HandlerBits move_two_handler(Loc d, Loc a, Loc d2, Loc a2);                    // sha256 -O3 6.1 %, CoreMark -O3 3.3 %
// Then branch to the target @kImm32. Step: a@kD += constant@kExtra, of type i32.
HandlerBits move_br_handler(Loc d, Loc a);  // bcvm -O3 13.4 %
HandlerBits step_br_handler(Loc a);         // bcvm -O3 4.6 %, sort -O0 2.9 %

// Memory. Load: d@kD a@kA offset@kImm32 (a Imm: 64-bit effective address @kExtra). Indexed: a + b, second index
// @kExtra. Scaled: a + (b << shift), slot of b @kExtra, shift @kExtra+2.
// Store: a@kD value@kA offset@kImm32 (one of the two may be Imm: the address @kExtra, the value
// @imm_beside(a)). Indexed and scaled: slot of b @kExtra, shift
// @kExtra+2, an immediate value @kExtra+4.
HandlerBits load_handler(Op op, Loc d, Loc a);
HandlerBits load_indexed_handler(Op op, Loc d, Loc a, Loc b);  // sieve -O3 16.5 %, matmul -O3 11.4 %
HandlerBits load_scaled_handler(Op op, Loc d, Loc a, Loc b);   // sort -O0 20.9 %, sort -O3 11.7 %
HandlerBits store_handler(Op op, Loc a, Loc value);
HandlerBits store_indexed_handler(Op op, Loc a, Loc b, Loc value);  // sieve -O3 29 %, sieve -O0 21 %
HandlerBits store_scaled_handler(Op op, Loc a, Loc b, Loc value);
// Traps if address + bytes is out of bounds; for memories without a big reservation. a@kD, bytes + offset @kExtra.
HandlerBits bounds_check_handler(Loc a);

// Moves. Imm: 32-bit at kImm32. Constants: 64 bits at kExtra.
HandlerBits move_handler(Loc d, Loc a);
HandlerBits float_move_handler(Loc d, Loc a);
HandlerBits const_handler(Loc d);
HandlerBits float_const_handler(Loc d);
// Globals: slot in the globals block at kImm32. Indirect: that slot holds the address of the cell.
HandlerBits global_get_handler(Loc d, bool is_float, bool indirect);
HandlerBits global_set_handler(Loc a, bool is_float, bool indirect);  // value @kD; Imm @kExtra
// A global of type i32 and the stack pointer it usually is; global slot @kExtra, 32-bit summand @kImm32.
// d, and its slot @kD, = global += summand.
HandlerBits global_step_handler(Loc d);
// global = a@kD + summand.
HandlerBits global_set_sum_handler(Loc a);
// Mostly they are part of the instruction at the beginning and at the end of a function whose R1 is the stack pointer.
// Enter without a mask, then the step to R1: its slot @kExtra, summand @kExtra+4, global slot @kExtra+8. The sum of R1:
// summand @kExtra, global slot @kExtra+4; then the return.
HandlerBits enter_step_handler();            // fib -O0 11.1 %, Lua -O0 2.1 %
HandlerBits return_step_handler(Loc value);  // fib -O0 11.1 %, Lua -O0 1.7 %
HandlerBits float_return_step_handler(Loc value);
// d@kD condition@kA a@kB b@kC; a and b are slots, or pinned integers.
HandlerBits select_handler(Loc d, Loc condition, Loc a, Loc b);
HandlerBits float_select_handler(Loc d, Loc condition);

// Control with an integer operand at kD.
HandlerBits br_table_handler(Loc index);       // n@kImm32 (last index), relative targets from kExtra on, 4 bytes each
HandlerBits call_indirect_handler(Loc index);  // delta@kA link@kB type@kExtra table@kExtra+4
// Return of one value @kD; link slot @kA, an immediate value @kImm32.
HandlerBits return_handler(Loc value);
HandlerBits float_return_handler(Loc value);
// Function entry: stack check, zero b@kA slots from a@kD on, frame slots @kImm32; then loads the pinned registers in
// `mask` as reload does, from slots @kExtra.. on.
HandlerBits enter_handler(unsigned mask);
// delta@kD link@kA callee@kCallee; spills the pinned registers in `mask` first, to slots from kCall on.
HandlerBits call_handler(unsigned mask);
// Spill or reload the pinned registers in `mask` (bit k: integer Rk+1, bit 3 + k: float), slots from kD on.
HandlerBits spill_handler(unsigned mask);
HandlerBits reload_handler(unsigned mask);

HandlerBits in_place_handler(Op op);

// Operations that have one handler only.
#define WASM_CODE_OPS(CODE_OP)                                                                               \
    CODE_OP(Unreachable)                                                                                     \
    CODE_OP(Br)               /* relative target @kImm32 */                                                  \
    CODE_OP(CopySlots)        /* d@kD from a@kA, b@kB slots, ascending */                                    \
    CODE_OP(CallHost)         /* delta@kD callee@kCallee */                                                  \
    CODE_OP(CallOther)        /* callee of another instance: delta@kD callee@kCallee */                      \
    CODE_OP(ReturnNone)       /* link slot @kA */                                                            \
    CODE_OP(ReturnNoneStep)   /* as ReturnNone, after a step */                                              \
    CODE_OP(ReturnMulti)      /* a@kD first value, link slot @kA, count@kB */                                \
    CODE_OP(TailCall)         /* a@kD first argument, link@kA own link slot, callee@kCallee */               \
    CODE_OP(TailCallIndirect) /* index slot@kD, a@kA first argument, link@kB, type@kExtra, table@kExtra+4 */ \
    CODE_OP(RefIsNull)        /* d@kD a@kA */                                                                \
    CODE_OP(RefFunc)          /* d@kD function @kExtra */                                                    \
    CODE_OP(MemorySize)       /* d@kD memory index @kImm32 */                                                \
    CODE_OP(TableGet)         /* d@kD a@kA table@kExtra */                                                   \
    CODE_OP(TableSet)         /* a@kD value@kA table@kExtra */                                               \
    CODE_OP(Throw)            /* a@kD first value, tag@kExtra */                                             \
    CODE_OP(ThrowRef)         /* a@kD */                                                                     \
    CODE_OP(Halt)             /* returns from the interpreter to its C++ caller */                           \
    CODE_OP(LeaveBoundary)    /* return address of a call through a boundary frame */                        \
    CODE_OP(Translate)        /* entry of a function not yet translated: FuncData @kD */

enum class CodeOp : uint8_t {
#define CODE_OP(id) id,
    WASM_CODE_OPS(CODE_OP)
#undef CODE_OP
};
HandlerBits code_op_handler(CodeOp op);

}  // namespace wasm
