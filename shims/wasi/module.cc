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

wasm::HostFunc make_absent(Context& context, std::string_view name, std::string_view params) {
    context.absent.push_back({name, &context});
    wasm::HostFunc func;
    for (const char c : params) func.type.params.push_back(c == 'I' ? wasm::kI64 : wasm::kI32);
    func.type.results = {wasm::kI32};
    func.fn = &answer_notsup;
    func.env = &context.absent.back();
    return func;
}

struct Row {
    std::string_view name;
    bool unstable_only;
    wasm::HostFunc (*make)(Context& context);
};
constexpr Row kRows[] = {
#define CALL(name)              {#name, false, [](Context& c) { return wasm::bind<&name>(c); }},
#define CALL_UNSTABLE(name, fn) {#name, true, [](Context& c) { return wasm::bind<&fn>(c); }},
#define ABSENT(name, params)    {#name, false, [](Context& c) { return make_absent(c, #name, params); }},
#include "calls.def"
#undef ABSENT
#undef CALL_UNSTABLE
#undef CALL
};

const Row* find_row(std::string_view module, std::string_view name) {
    const Row* found = nullptr;
    for (const Row& row : kRows) {
        // A row of wasi_unstable stands behind the one it replaces.
        if (row.name == name && (!row.unstable_only || module == kUnstable)) found = &row;
    }
    return found;
}

// Functions are made when a module asks for them: a program uses ten of ninety.
std::unique_ptr<State> define(wasm::Linker& linker, wasm::Store& store, const Setup& setup) {
    auto context = std::make_unique<Context>();
    context->args = setup.args;
    context->environment = setup.environment;
    context->log = setup.log;
    linker.add_resolver([&store, c = context.get()](const wasm::ImportType& import) -> std::optional<wasm::Extern> {
        if (import.module != kPreview1 && import.module != kUnstable) return std::nullopt;
        const Row* row = find_row(import.module, import.name);
        if (row == nullptr) return std::nullopt;
        return wasm::Extern(store.make_func(row->make(*c), fmt::format("{}.{}", import.module, import.name)));
    });
    return context;
}

}  // namespace

constexpr Shim kShim{"wasi", "WASI preview 1: arguments, environment, stdio, clocks, random numbers", kModules,
                     &define};

}  // namespace shims::wasi
