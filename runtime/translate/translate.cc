// SPDX-License-Identifier: Apache-2.0
// The one pass over a body: iterator → validator → translator, instruction by instruction.
#include "translate/code.h"
#include "translate/translator.h"
#include "validate/func_validator.h"

namespace wasm {

namespace {

Result<std::unique_ptr<const Code>> translate_body(const TranslateEnv& env,
                                                   uint32_t index,
                                                   std::vector<CodeOffset>* map) {
    const ModuleData& module = env.module();
    std::vector<LocalGroup> locals;
    CodeIterator code = WASM_TRY(CodeIterator::for_body(module, module.body(index), locals));
    const LocalUses uses = find_local_uses(env, index, locals, code);
    FuncValidator validator(module, index, locals);
    Translator translator(env, index, locals, uses);
    Instr instr;
    while (!validator.done() && !code.at_end()) {
        WASM_TRY(code.next(instr));
        WASM_TRY(validator.on(instr));
        if (map != nullptr) map->push_back({translator.code_offset(), instr.offset});
        translator.on(instr);
    }
    WASM_TRY(validator.finish(code.offset()));
    std::unique_ptr<const Code> result = translator.finish();
    if (result == nullptr) {
        Error error;
        error.kind = ErrorKind::Limit;
        error.message = "function needs more than 65535 slots for locals and operands";
        error.offset = module.body(index).offset;
        error.section = "code";
        return error;
    }
    return result;
}

}  // namespace

Result<std::unique_ptr<const Code>> translate(const TranslateEnv& env, uint32_t index, std::vector<CodeOffset>* map) {
    auto result = translate_body(env, index, map);
    if (!result) return in_function(std::move(result).error(), env.module(), index);
    return result;
}

}  // namespace wasm
