// SPDX-License-Identifier: Apache-2.0
#include "instance/const_expr.h"

#include "decode/code_iterator.h"

namespace wasm {

namespace {

uint64_t apply(Op op, uint64_t a, uint64_t b) {
    switch (op) {
        case Op::I32Add:
        case Op::I64Add: return a + b;
        case Op::I32Sub:
        case Op::I64Sub: return a - b;
        default: return a * b;
    }
}

}  // namespace

uint64_t evaluate(const InstanceData& instance, const ConstExpr& expr) {
    CodeIterator code(instance.data(), expr.code, expr.offset);
    std::vector<uint64_t> stack;
    Instr in;
    while (!code.at_end() && code.next(in)) {
        switch (in.op) {
            case Op::I32Const:
            case Op::I64Const:
            case Op::F32Const:
            case Op::F64Const: stack.push_back(in.bits); break;
            case Op::GlobalGet: stack.push_back(instance.globals[in.index]->cell->bits); break;
            case Op::RefNull: stack.push_back(0); break;
            case Op::RefFunc: stack.push_back(reinterpret_cast<uintptr_t>(instance.funcs[in.index])); break;
            case Op::End: return stack.empty() ? 0 : stack.back();
            default: {
                const uint64_t b = stack.back();
                stack.pop_back();
                stack.back() = apply(in.op, stack.back(), b);
            }
        }
    }
    return stack.empty() ? 0 : stack.back();
}

}  // namespace wasm
