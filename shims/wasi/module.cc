// SPDX-License-Identifier: Apache-2.0
// Turns the rows of calls.def into definitions of both WASI modules.
#include "calls.h"
#include "wasi.h"

#include <wasm/bind.h>

#include <fmt/format.h>

namespace shims::wasi {
namespace {

constexpr std::string_view kPreview1 = "wasi_snapshot_preview1";
constexpr std::string_view kUnstable = "wasi_unstable";
constexpr std::string_view kModules[] = {kPreview1, kUnstable};

wasm::HostOutcome answer_notsup(wasm::Caller&, wasm::Slot* slots, void* env) {
    const auto* call = static_cast<const AbsentCall*>(env);
    if (call->context->log != nullptr) {
        call->context->log(wasm::LogLevel::Warn, "wasi", fmt::format("{}: not supported", call->name));
    }
    slots[0].set(static_cast<uint32_t>(Errno::NotSup));
    return wasm::HostOutcome::Continue;
}

constexpr size_t kAbsentCount = 0
#define CALL(name)
#define CALL_UNSTABLE(name, fn)
#define ABSENT(name, params) +1
#include "calls.def"
#undef ABSENT
#undef CALL_UNSTABLE
#undef CALL
    ;

void define_absent(wasm::Linker& linker, Context& context, std::string_view name, std::string_view params) {
    context.absent.push_back({name, &context});
    wasm::HostFunc func;
    for (const char c : params) func.type.params.push_back(c == 'I' ? wasm::kI64 : wasm::kI32);
    func.type.results = {wasm::kI32};
    func.fn = &answer_notsup;
    func.env = &context.absent.back();
    for (const std::string_view module : kModules) linker.define_func(module, name, func);
}

void define_call(wasm::Linker& linker, std::string_view name, const wasm::HostFunc& func) {
    for (const std::string_view module : kModules) linker.define_func(module, name, func);
}

std::unique_ptr<State> define(wasm::Linker& linker, const Setup& setup) {
    auto context = std::make_unique<Context>();
    context->args = setup.args;
    context->environment = setup.environment;
    context->log = setup.log;
    context->absent.reserve(kAbsentCount);  // rows are pointed to
    // Of two definitions of a name the later one counts: CALL_UNSTABLE rows follow their CALL.
#define CALL(name)              define_call(linker, #name, wasm::bind<&name>(*context));
#define CALL_UNSTABLE(name, fn) linker.define_func(kUnstable, #name, wasm::bind<&fn>(*context));
#define ABSENT(name, params)    define_absent(linker, *context, #name, params);
#include "calls.def"
#undef ABSENT
#undef CALL_UNSTABLE
#undef CALL
    return context;
}

}  // namespace

constexpr Shim kShim{"wasi", "WASI preview 1: arguments, environment, stdio, clocks, random numbers", kModules,
                     &define};

}  // namespace shims::wasi
