// SPDX-License-Identifier: Apache-2.0
// The internal instruction set that the translator emits: operand locations, instruction layout, and how to find
// the handler of an operation. The handlers themselves are in execute/; the translator sees them as plain words.
//
// An instruction is the 8-byte address of its handler followed by operands at fixed byte offsets: slot numbers (of Mem,
// offsets) as u16 from byte 8 on, 32-bit immediates at byte 12, wider extras from byte 16 on. All sizes are multiples
// of 8.
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

// Byte offsets of operands.
namespace layout {
inline constexpr uint32_t kD = 8, kA = 10, kB = 12, kC = 14, kImm32 = 12, kExtra = 16;
}  // namespace layout

// Numeric operations: destination, then sources. Second sources may be immediate: 32-bit sign-extended at kImm32 for
// integers, 8 raw bytes at kExtra for floats (which makes the instruction 24 bytes).
HandlerBits int_unary_handler(Op op, Loc d, Loc a);
HandlerBits int_binary_handler(Op op, Loc d, Loc a, Loc b);  // also IntCompare
HandlerBits float_unary_handler(Op op, Loc d, Loc a);
HandlerBits float_binary_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits float_compare_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits convert_handler(Op op, Loc d, Loc a);  // IntToFloat, FloatToInt

// Compare and branch: sources at 8 and 10, relative target at kImm32, immediate at kExtra.
HandlerBits int_branch_handler(Op compare, Loc a, Loc b);
HandlerBits float_branch_handler(Op compare, bool negate, Loc a, Loc b);

// a += immediate; then compare a with b and branch (the step of a loop): a@8 b@10, target @12, step @16, immediate b
// @20.
HandlerBits step_branch_handler(Op compare, Loc a, Loc b);

// Pairs of operations as one (execute/handlers_fused.cc says where operands stand); 0 for most operations.
HandlerBits shift_combine_handler(Op combine, Op shift, Loc d, Loc a, Loc b);
HandlerBits shift_mask_handler(Op shift, Loc d, Loc a);
HandlerBits stride_branch_handler(Op compare, Loc a, Loc b, Loc limit);
HandlerBits move_two_handler(Loc d, Loc a, Loc d2, Loc a2);
// Then branch to the target @12. Step: a@8 += constant@16, of type i32.
HandlerBits move_br_handler(Loc d, Loc a);
HandlerBits step_br_handler(Loc a);

// Memory. Load: d@8 a@10 offset@12 (a Imm: 64-bit effective address @16). Indexed: a + b, second index slot or
// immediate
// @16. Scaled: a + (b << shift), slot of b @16, shift @18.
// Store: a@8 value@10 offset@12 (one of the two may be Imm @16). Indexed and scaled: slot of b @16, shift @18, an
// immediate value @20.
HandlerBits load_handler(Op op, Loc d, Loc a);
HandlerBits load_indexed_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits load_scaled_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits store_handler(Op op, Loc a, Loc value);
HandlerBits store_indexed_handler(Op op, Loc a, Loc b, Loc value);
HandlerBits store_scaled_handler(Op op, Loc a, Loc b, Loc value);
// Traps if address + bytes is out of bounds; for memories without a big reservation. a@8, bytes + offset @16.
HandlerBits bounds_check_handler(Loc a);

// Moves. Imm: 32-bit at kImm32. Constants: 64 bits at kExtra.
HandlerBits move_handler(Loc d, Loc a);
HandlerBits float_move_handler(Loc d, Loc a);
HandlerBits const_handler(Loc d);
HandlerBits float_const_handler(Loc d);
// Globals: slot in the globals block at kImm32. Indirect: that slot holds the address of the cell.
HandlerBits global_get_handler(Loc d, bool is_float, bool indirect);
HandlerBits global_set_handler(Loc a, bool is_float, bool indirect);  // value @8; Imm @16
// A global of type i32 and the stack pointer it usually is; global slot @16, 32-bit summand @12.
// d, and its slot @8, = global += summand.
HandlerBits global_step_handler(Loc d);
// global = a@8 + summand.
HandlerBits global_set_sum_handler(Loc a);
// d@8 condition@10 a@12 b@14 (slots); a float destination or the integer class.
HandlerBits select_handler(Loc d, Loc condition, bool is_float);

// Control with an integer operand at 8.
HandlerBits br_table_handler(Loc index);       // n@12 (last index), relative targets from 16 on, 4 bytes each
HandlerBits call_indirect_handler(Loc index);  // delta@10 link@12 type@16 table@24 (32 bytes)
// Return of one value; link slot @12.
HandlerBits return_handler(Loc value);
HandlerBits float_return_handler(Loc value);
// Function entry: stack check, zero b@10 slots from a@8 on, frame slots @12; then loads the pinned registers in `mask`
// as reload does, from slots @16.. and @24.. (32 bytes; 16 when the mask is empty).
HandlerBits enter_handler(unsigned mask);
// delta@8 link@10 callee@16; spills the pinned registers in `mask` first, to slots @24.. and @30.. (40 bytes; 24 when
// the mask is empty).
HandlerBits call_handler(unsigned mask);
// Spill or reload the pinned registers in `mask` (bit k: integer Rk+1, bit 3 + k: float), slots at 8.. and 16..
HandlerBits spill_handler(unsigned mask);
HandlerBits reload_handler(unsigned mask);

HandlerBits in_place_handler(Op op);

// Operations that have one handler only.
#define WASM_CODE_OPS(CODE_OP)                                                                    \
    CODE_OP(Unreachable)                                                                          \
    CODE_OP(Br)               /* relative target @12 */                                           \
    CODE_OP(CopySlots)        /* d@8 from a@10, b@12 slots, ascending */                          \
    CODE_OP(CallHost)         /* delta@8 callee@16 */                                             \
    CODE_OP(CallOther)        /* callee of another instance: delta@8 callee@16 */                 \
    CODE_OP(ReturnNone)       /* link slot @12 */                                                 \
    CODE_OP(ReturnMulti)      /* a@8 first value, b@10 count, link slot @12 */                    \
    CODE_OP(TailCall)         /* a@8 first argument, link@10 own link slot, callee@16 */          \
    CODE_OP(TailCallIndirect) /* index slot@8, a@10 first argument, link@12, type@16, table@24 */ \
    CODE_OP(RefIsNull)        /* d@8 a@10 */                                                      \
    CODE_OP(RefFunc)          /* d@8 function @16 */                                              \
    CODE_OP(MemorySize)       /* d@8 memory index @12 */                                          \
    CODE_OP(TableGet)         /* d@8 a@10 table@16 */                                             \
    CODE_OP(TableSet)         /* a@8 value@10 table@16 */                                         \
    CODE_OP(Throw)            /* a@8 first value, tag@16 */                                       \
    CODE_OP(ThrowRef)         /* a@8 */                                                           \
    CODE_OP(Halt)             /* returns from the interpreter to its C++ caller */                \
    CODE_OP(LeaveBoundary)    /* return address of a call through a boundary frame */             \
    CODE_OP(Translate)        /* entry of a function not yet translated: FuncData @8 */

enum class CodeOp : uint8_t {
#define CODE_OP(id) id,
    WASM_CODE_OPS(CODE_OP)
#undef CODE_OP
};
HandlerBits code_op_handler(CodeOp op);

}  // namespace wasm
