// SPDX-License-Identifier: Apache-2.0
#include "validate/const_expr.h"

#include "decode/errors.h"

namespace wasm {

Result<void> ConstExprChecker::check(const ConstExpr& expr, ValType type, size_t visible_globals) {
    BlockType results;
    results.kind = BlockType::Kind::Value;
    results.value = type;
    body_.start(results, {}, {});
    CodeIterator it(module_, expr.code, expr.offset);
    while (!it.at_end()) {
        WASM_TRY(it.next(instr_));
        WASM_TRY(check_constant(instr_, visible_globals));
        WASM_TRY(body_.on(instr_));
    }
    return body_.finish(it.offset());
}

Result<void> ConstExprChecker::check_constant(const Instr& instr, size_t visible_globals) {
    bool constant = false;
    switch (instr.op) {
        case Op::I32Const:
        case Op::I64Const:
        case Op::F32Const:
        case Op::F64Const:
        case Op::RefNull:
        case Op::End: constant = true; break;
        case Op::RefFunc:
            constant = true;
            if (instr.index < module_.functions.size()) module_.functions[instr.index].is_declared = true;
            break;
        case Op::GlobalGet:
            if (instr.index >= visible_globals) {
                return invalid(fmt::format("unknown global {}", instr.index), instr.offset);
            }
            constant = !module_.globals[instr.index].type.is_mutable;
            break;
        case Op::I32Add:
        case Op::I32Sub:
        case Op::I32Mul:
        case Op::I64Add:
        case Op::I64Sub:
        case Op::I64Mul: constant = module_.options.features.has(Feature::ExtendedConst); break;
        default: break;
    }
    if (constant) return {};
    return invalid(fmt::format("constant expression required: {} is not constant", info(instr.op).text), instr.offset);
}

}  // namespace wasm
