// SPDX-License-Identifier: Apache-2.0
#include "execute/handlers_int.h"

namespace wasm {

namespace {
struct I32Binary {
    static constexpr bool wants(const OpInfo& op) { return op.family == Family::IntBinary && op.results == "i"; }
};
}  // namespace

HandlerBits i32_binary_handler(Op op, Loc d, Loc a, Loc b) {
    return HandlerTable<Rows<I32Binary>, MakeIntBinary, kLocCount, kSourceCount, kImm16Count>::find(op, d, a, b);
}

}  // namespace wasm
