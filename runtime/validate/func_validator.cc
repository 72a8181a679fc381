// SPDX-License-Identifier: Apache-2.0
#include "validate/func_validator.h"

#include "decode/errors.h"
#include "validate/body_checker.h"

namespace wasm {
namespace {

BlockType results_of(const ModuleData& module, uint32_t func_index) {
    BlockType block;
    block.kind = BlockType::Kind::TypeIndex;
    block.type_index = module.functions[func_index].type_index;
    return block;
}

Result<void> check_local_count(const ModuleData& module, uint32_t func_index, const std::vector<LocalGroup>& locals) {
    uint64_t total = module.func_type(func_index).params.size();
    for (const LocalGroup& group : locals) total += group.count;
    if (total <= kMaxLocals) return {};
    return over_limit("too many locals", total, kMaxLocals, module.body(func_index).offset);
}

// One body with a checker and an instruction that serve many.
Result<void> check_body(const ModuleData& module,
                        uint32_t func_index,
                        BodyChecker& checker,
                        Instr& instr,
                        std::vector<LocalGroup>& locals) {
    locals.clear();
    CodeIterator it = WASM_TRY(CodeIterator::for_body(module, module.body(func_index), locals));
    WASM_TRY(check_local_count(module, func_index, locals));
    checker.start(results_of(module, func_index), module.func_type(func_index).params, locals);
    while (!it.at_end()) {
        WASM_TRY(it.next(instr));
        WASM_TRY(checker.on(instr));
    }
    return checker.finish(it.offset());
}

}  // namespace

struct FuncValidator::Impl {
    BodyChecker checker;
    Result<void> begun;  // an error found by the constructor, reported by the first call
};

FuncValidator::FuncValidator(const ModuleData& module, uint32_t func_index, const std::vector<LocalGroup>& locals)
    : impl_(std::make_unique<Impl>(Impl{BodyChecker(module), check_local_count(module, func_index, locals)})) {
    impl_->checker.start(results_of(module, func_index), module.func_type(func_index).params, locals);
}

FuncValidator::~FuncValidator() = default;

Result<void> FuncValidator::on(const Instr& instr) {
    if (!impl_->begun) [[unlikely]]
        return impl_->begun;
    return impl_->checker.on(instr);
}

Result<void> FuncValidator::finish(uint64_t end_offset) { return impl_->checker.finish(end_offset); }

bool FuncValidator::done() const { return impl_->checker.done(); }

Result<void> validate_body(const ModuleData& module, uint32_t func_index) {
    BodyChecker checker(module);
    Instr instr;
    std::vector<LocalGroup> locals;
    Result<void> result = check_body(module, func_index, checker, instr, locals);
    if (result) return {};
    return in_function(std::move(result).error(), module, func_index);
}

Result<void> validate_all_bodies(const ModuleData& module) {
    BodyChecker checker(module);
    Instr instr;
    std::vector<LocalGroup> locals;
    for (uint32_t i = module.imported_functions; i < module.functions.size(); ++i) {
        Result<void> result = check_body(module, i, checker, instr, locals);
        if (!result) return in_function(std::move(result).error(), module, i);
    }
    return {};
}

}  // namespace wasm
