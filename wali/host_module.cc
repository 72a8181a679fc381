// SPDX-License-Identifier: Apache-2.0
#include "host_module.h"

#include <fmt/format.h>

#include <algorithm>

namespace wali {

namespace {

bool all_integers(const std::vector<wasm::ValType>& types) {
    return std::ranges::all_of(types, &wasm::ValType::is_int);
}

wasm::FuncType canonical_type(const Row& row) {
    wasm::FuncType type;
    for (const char c : row.params) type.params.push_back(c == 'I' ? wasm::kI64 : wasm::kI32);
    type.results = {wasm::kI64};
    return type;
}

// Arguments may be i32 or i64, the result may be either or absent.
bool adaptable(const wasm::FuncType& declared, size_t params) {
    return declared.params.size() == params && all_integers(declared.params) && declared.results.size() <= 1 &&
           all_integers(declared.results);
}

wasm::HostOutcome missing_import(wasm::Caller& caller, wasm::Slot*, void* env) {
    return caller.trap(wasm::TrapKind::MissingImport, *static_cast<const std::string*>(env));
}

// A call this table does not make. C code may declare it as it likes, so there is nothing to decode.
SysResult answer_missing(wasm::Caller&, const wasm::Slot*, SyscallImport& import) {
    const Process& process = *import.process;
    if (process.options.warn_missing && !import.warned.exchange(true)) {
        const std::string_view reason = import.row != nullptr ? import.row->reason : "Linux has no such call";
        process.log(wasm::LogLevel::Warn, "syscall", fmt::format("{} answers ENOSYS: {}", import.name, reason));
    }
    return SysResult::fail(ENOSYS);
}

wasm::HostOutcome missing_syscall(wasm::Caller& caller, wasm::Slot* slots, void* env) {
    auto& import = *static_cast<SyscallImport*>(env);
    const SysResult result = answer_missing(caller, slots, import);
    if (import.has_result) slots[0].set(result.value());
    return wasm::HostOutcome::Continue;
}

}  // namespace

HostModule::HostModule(wasm::Store& store, Process& process)
    : store_(store), process_(process), auxiliary_(auxiliary_imports()) {}

std::optional<wasm::Extern> HostModule::resolve(const wasm::ImportType& import) {
    if (import.module != kModuleName || import.type.kind != wasm::ExternKind::Func) return std::nullopt;
    if (import.name.starts_with(kSyscallPrefix)) {
        return resolve_syscall(import, import.name.substr(kSyscallPrefix.size()));
    }
    const auto known = std::ranges::find(auxiliary_, import.name, &Auxiliary::name);
    if (known != auxiliary_.end()) return resolve_auxiliary(import, traced(*known));
    return trap_when_called(import);
}

std::optional<wasm::Extern> HostModule::resolve_syscall(const wasm::ImportType& import, std::string_view name) {
    const wasm::FuncType& declared = import.type.func;
    const Row* row = find_syscall(name);
    const bool missing = row == nullptr || row->form == Form::Absent;
    if (missing && process_.options.unknown_imports != UnknownImports::Enosys) return trap_when_called(import);
    if (missing && !all_integers(declared.results)) return trap_when_called(import);
    if (!missing && !adaptable(declared, row->params.size())) {
        return make({canonical_type(*row), &missing_import, nullptr, false, 0}, import.name);  // the linker explains
    }
    SyscallImport& s = syscalls_.emplace_back();
    s.row = row;
    s.process = &process_;
    s.name = import.name;
    s.has_result = !declared.results.empty();
    s.params = static_cast<uint32_t>(declared.params.size());
    if (missing) s.answer = &answer_missing;
    for (size_t i = 0; i < std::min<size_t>(declared.params.size(), 32); ++i) {
        if (declared.params[i] == wasm::kI64) s.wide |= 1U << i;
    }
    const bool traced = process_.tracer != nullptr && process_.tracer->wants(row);
    wasm::HostFn enter = missing ? &missing_syscall : &enter_syscall;
    if (traced) enter = &trace::enter_traced;
    return make({declared, enter, &s, false, 1}, import.name);  // the module may declare more results
}

wasm::HostFunc HostModule::traced(const Auxiliary& import) {
    const trace::Tracer* tracer = process_.tracer.get();
    if (import.like.empty() || tracer == nullptr || !tracer->prints() || !tracer->wants(find_syscall(import.like))) {
        return import.func;
    }
    wasm::HostFunc func = import.func;
    func.fn = &trace::enter_traced_auxiliary;
    func.env = &traced_.emplace_back(trace::TracedAuxiliary{process_, import});
    return func;
}

std::optional<wasm::Extern> HostModule::resolve_auxiliary(const wasm::ImportType& import, const wasm::HostFunc& func) {
    const wasm::FuncType& declared = import.type.func;
    const bool integers = all_integers(func.type.params) && all_integers(func.type.results);
    const bool exact = declared == func.type || !integers || !adaptable(declared, func.type.params.size());
    const wasm::FuncType& type = exact ? func.type : declared;
    Declared& d = declared_.emplace_back(Declared{func, process_, exact, type.params.size(), !type.results.empty()});
    return make({type, &enter_auxiliary, &d, func.returns_twice, 1}, import.name);
}

wasm::HostOutcome HostModule::enter_auxiliary(wasm::Caller& caller, wasm::Slot* slots, void* env) {
    const auto& d = *static_cast<const Declared*>(env);
    if (!d.process.is_memory(caller.memory())) return refuse_stranger(caller);
    return d.exact ? d.func.fn(caller, slots, d.func.env) : call_adapted(caller, slots, d);
}

wasm::HostOutcome HostModule::call_adapted(wasm::Caller& caller, wasm::Slot* slots, const Declared& a) {
    wasm::Slot own[8] = {};  // the function's own result may need a slot that the declared type has not
    std::copy_n(slots, std::min<size_t>(a.params, std::size(own)), own);
    const wasm::HostOutcome outcome = a.func.fn(caller, own, a.func.env);
    if (outcome == wasm::HostOutcome::Continue && a.has_result) {
        slots[0].set(a.func.type.results.empty() ? int64_t{0} : own[0].i64());
    }
    return outcome;
}

std::optional<wasm::Extern> HostModule::trap_when_called(const wasm::ImportType& import) {
    if (process_.options.unknown_imports == UnknownImports::Refuse) return std::nullopt;
    const std::string& name = missing_.emplace_back(fmt::format("{}.{}", import.module, import.name));
    if (process_.options.warn_missing) {
        process_.log(wasm::LogLevel::Warn, "link", fmt::format("{} is missing: calling it will trap", name));
    }
    return make({import.type.func, &missing_import, const_cast<std::string*>(&name), false, 0}, import.name);
}

wasm::Extern HostModule::make(const wasm::HostFunc& func, std::string_view name) {
    return store_.make_func(func, fmt::format("{}.{}", kModuleName, name));
}

}  // namespace wali
