// SPDX-License-Identifier: Apache-2.0
// Integer comparisons whose truth value is wanted, and the lookup of all binary operations; unary operations.
#include "execute/handlers_int.h"

namespace wasm {

HandlerBits int_compare_handler(Op op, Loc d, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::IntCompare>>, MakeIntBinary, kLocCount, kLocCount, kImm16Count>::find(
        op, d, a, b);
}

HandlerBits int_binary_handler(Op op, Loc d, Loc a, Loc b) {
    if (info(op).family == Family::IntCompare) return int_compare_handler(op, d, a, b);
    return info(op).results == "l" ? i64_binary_handler(op, d, a, b) : i32_binary_handler(op, d, a, b);
}

HandlerBits int_unary_handler(Op op, Loc d, Loc a) {
    return HandlerTable<Rows<OfFamily<Family::IntUnary>>, MakeUnary, kLocCount, kLocCount, 1>::find(op, d, a,
                                                                                                    Loc::Slot);
}

}  // namespace wasm
