// SPDX-License-Identifier: Apache-2.0
#include "function_pointer.h"

#include "process.h"

#include <fmt/format.h>

#include <algorithm>

namespace wali {

namespace {

bool all_integers(const std::vector<wasm::ValType>& types) {
    return std::ranges::all_of(types, &wasm::ValType::is_int);
}

// What such a function is in C: ints and pointers, no result.
bool is_exact(const wasm::FuncType& type, size_t arguments) {
    return type.results.empty() && type.params.size() == arguments &&
           std::ranges::all_of(type.params, [](wasm::ValType t) { return t == wasm::kI32; });
}

}  // namespace

std::optional<FunctionPointer> FunctionPointer::resolve(wasm::Caller& caller, uint32_t index, size_t arguments) {
    using wasm::TrapKind;
    const Process& process = GuestThread::of(caller).process;
    const wasm::Table table = process.functions;
    const auto element = table ? table.get(index) : std::nullopt;
    TrapKind kind = TrapKind::UndefinedElement;
    std::string detail = fmt::format("function pointer {}", index);
    if (element && element->is_null()) kind = TrapKind::UninitializedElement;
    if (const wasm::Func func = element ? wasm::Func::from_ref(*element) : wasm::Func()) {
        const wasm::FuncType type = func.type();
        const size_t slots = std::max(type.params.size(), type.results.size());
        const bool strict = process.options.strict_calls;
        if (slots <= kMaxSlots && all_integers(type.params) && all_integers(type.results) &&
            (!strict || is_exact(type, arguments))) {
            return FunctionPointer(func, type.params.size());
        }
        kind = TrapKind::IndirectCallMismatch;
        detail += fmt::format(" has type {}", to_string(type));
    }
    static_cast<void>(caller.trap(kind, std::move(detail)));
    return std::nullopt;
}

void FunctionPointer::spread(std::span<const uint32_t> args, wasm::Slot* slots) const {
    for (size_t i = 0; i < params_; ++i) slots[i].set(uint64_t{i < args.size() ? args[i] : 0});
}

wasm::HostOutcome FunctionPointer::call(wasm::Caller& caller, std::span<const uint32_t> args) const {
    wasm::Slot slots[kMaxSlots] = {};
    wasm::Slot results[kMaxSlots];
    spread(args, slots);
    wasm::Stop stop = caller.call(func_, slots, results);
    return stop.finished() ? wasm::HostOutcome::Continue : caller.forward(std::move(stop));
}

wasm::Stop FunctionPointer::call(wasm::Thread& thread, std::span<const uint32_t> args) const {
    wasm::Slot slots[kMaxSlots] = {};
    wasm::Slot results[kMaxSlots];
    spread(args, slots);
    return thread.call(func_, slots, results);
}

}  // namespace wali
