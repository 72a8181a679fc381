// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: arbitrary bytes through the decoder and the validator. Besides what the sanitizers see, an error
// must be one line with a place inside the input, and validation at load must agree with validation function by
// function.
#include "decode/module_data.h"
#include "validate/func_validator.h"

#include <wasm/module.h>

#include <cstdlib>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_error(const wasm::Error& error, size_t size) {
    require(error.offset.has_value() && *error.offset <= size);
    require(!error.message.empty());
    require(error.describe().find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    wasm::ModuleOptions options;
    options.validate_bodies = false;
    const auto lazy = wasm::Module::load({data, size}, options);
    const auto eager = wasm::Module::load({data, size});
    if (!lazy) {
        check_error(lazy.error(), size);
        require(!eager);
        return 0;
    }
    const wasm::Module& module = *lazy.value();
    (void)module.imports();
    (void)module.exports();
    const wasm::ModuleData& m = module.data();
    bool all_valid = true;
    for (uint32_t i = 0; i < m.functions.size(); ++i) {
        (void)module.func_name(i);
        if (i < m.imported_functions) continue;
        const auto valid = wasm::validate_body(m, i);
        if (valid) continue;
        all_valid = false;
        check_error(valid.error(), size);
        require(valid.error().func_index == i);
    }
    require(all_valid == eager.has_value());
    return 0;
}
