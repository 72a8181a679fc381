// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include "binfmt.h"
#include "environment.h"
#include "exit_status.h"
#include "log.h"
#include "output.h"
#include "trap_report.h"
#include "values.h"

#include <wasm/atomics.h>
#include <wasm/text.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace cli {
namespace {

using wasm::Stop;

constexpr std::string_view kEntry = "_start";
constexpr std::string_view kReactorEntry = "_initialize";

wasm::StoreOptions store_options(const Options& options) {
    wasm::StoreOptions store;
    if (options.stack_size) store.stack_bytes = *options.stack_size;
    if (options.max_memory) store.max_memory_bytes = *options.max_memory;
    store.log = &log_line;
    return store;
}

bool is_wasi(const wasm::ImportType& import) {
    const shims::Shim* shim = shims::find(import.module);
    return shim != nullptr && shim->name == "wasi";
}

std::span<const char* const> host_environment() {
    size_t count = 0;
    while (environ[count] != nullptr) ++count;
    return {environ, count};
}

// Where a trace goes: a descriptor of its own, -1 when the file cannot be opened (errno).
int open_trace(const Options& options) {
    if (!options.strace_out) return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    constexpr mode_t kMode = 0666;
    return open(options.strace_out->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, kMode);
}

wasm::Result<wali::TraceOptions> trace_options(const Options& options) {
    wali::TraceOptions trace;
    trace.lines = options.strace.has_value();
    trace.summary = options.strace_summary;
    trace.what = options.strace.value_or("");
    trace.resumed = options.strace_resume;
    if (!trace.lines && !trace.summary) {
        if (options.strace_out) return own_failure("--strace-out: give --strace or --strace-summary too");
        return trace;
    }
    if (trace.resumed.empty()) trace.out = open_trace(options);
    if (trace.resumed.empty() && trace.out < 0) {
        return own_failure(
            fmt::format("--strace-out {}: {}", options.strace_out.value_or("(standard error)"), std::strerror(errno)));
    }
    return trace;
}

// How this program is executed again; empty if it cannot be found: without /proc (an empty root), when the kernel
// started it by its registration and not by a path. Then the kernel is left to find what runs modules.
std::string own_program() {
    constexpr const char* kSelf = "/proc/self/exe";
    if (access(kSelf, X_OK) == 0) return kSelf;
    const auto* name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));  // NOLINT(performance-no-int-to-ptr)
    if (name == nullptr || binfmt_run()) return {};
    std::unique_ptr<char, decltype(&std::free)> path(realpath(name, nullptr), &std::free);
    return path ? std::string(path.get()) : std::string();
}

// What a .wasm child is started with: this program, and the options that concern children.
std::vector<std::string> self_words(const Options& options) {
    const std::string self = own_program();
    if (self.empty()) return {};
    std::vector<std::string> words = {self, "--child"};
    words.insert(words.end(), options.inherited.begin(), options.inherited.end());
    if (options.deadline_ns) words.push_back(fmt::format("--deadline={}", *options.deadline_ns));
    return words;
}

wali::UnknownImports wali_policy(UnknownImports unknown) {
    switch (unknown) {
        case UnknownImports::Trap: return wali::UnknownImports::Trap;
        case UnknownImports::Refuse: return wali::UnknownImports::Refuse;
        case UnknownImports::Default:
        case UnknownImports::Enosys: break;
    }
    return wali::UnknownImports::Enosys;
}

wasm::HostOutcome trap_missing(wasm::Caller& caller, wasm::Slot*, void* env) {
    return caller.trap(wasm::TrapKind::MissingImport, *static_cast<const std::string*>(env));
}

}  // namespace

ProgramKind kind_of(const wasm::Module& module) {
    if (wali::is_wali_module(module)) return ProgramKind::Wali;
    const auto imports = module.imports();
    return std::any_of(imports.begin(), imports.end(), is_wasi) ? ProgramKind::Wasi : ProgramKind::Plain;
}

Program::Program(const Options& options, std::string name, std::shared_ptr<const wasm::Module> module)
    : options_(options),
      name_(std::move(name)),
      module_(std::move(module)),
      kind_(kind_of(*module_)),
      store_(store_options(options)),
      linker_(store_) {}

wasm::Result<void> Program::define_imports(UnknownImports unknown) {
    if (kind_ == ProgramKind::Wali) {
        const auto imports = module_->imports();
        if (std::any_of(imports.begin(), imports.end(), is_wasi)) {
            return not_runnable("imports from both WALI and WASI: whose rules it should run by is not clear");
        }
    }
    // Only a Linux program has the environment of the user who starts it.
    const bool inherits = kind_ == ProgramKind::Wali && !options_.clear_env;
    std::vector<std::string> environment =
        WASM_TRY(make_environment(inherits ? host_environment() : std::span<const char* const>(), options_.env));
    std::vector<std::string> args = {options_.argv0.value_or(name_)};
    args.insert(args.end(), options_.args.begin(), options_.args.end());

    shims_ = shims::define_for(*module_, linker_, store_, {args, environment, &log_line});
    if (kind_ != ProgramKind::Wali && !options_.child && (options_.strace || options_.strace_summary)) {
        return own_failure("--strace: only programs with WALI imports make system calls");
    }
    if (kind_ == ProgramKind::Wali) {
        WASM_TRY(define_wali(std::move(args), std::move(environment), unknown));
    }
    if (unknown == UnknownImports::Trap) trap_unknown_imports();
    return {};
}

wasm::Result<void> Program::define_wali(std::vector<std::string> args,
                                        std::vector<std::string> environment,
                                        UnknownImports unknown) {
    // So that a .wasm child logs as its parent does, also when a native program lies between them.
    if (const std::string spec = log_spec(); !spec.empty()) set_variable(environment, "WALI_LOG=" + spec);
    wali::Options wali;
    wali.args = std::move(args);
    wali.env = std::move(environment);
    if (char* const path = ::realpath(options_.module.c_str(), nullptr); path != nullptr) {
        wali.program = path;
        std::free(path);
    }
    wali.unknown_imports = wali_policy(unknown);
    wali.warn_missing = options_.warn_missing;
    wali.strict_calls = options_.strict_calls;
    wali.max_threads = options_.max_threads.value_or(0);
    wali.self = self_words(options_);
    wali.trace = WASM_TRY(trace_options(options_));
    wali.log = &log_line;
    wali.on_thread_trap = [](const wasm::Trap& trap) { die_of_trap(trap); };
    wali_ = std::make_unique<wali::Host>(store_, std::move(wali));
    if (options_.strict_atomics) wasm::perform_unaligned_atomics(nullptr);
    wali_->define(linker_);
    return {};
}

// Last of the resolvers: whatever function nobody else provides. Memories, tables and globals cannot be made up.
void Program::trap_unknown_imports() {
    linker_.add_resolver([this](const wasm::ImportType& import) -> std::optional<wasm::Extern> {
        if (import.type.kind != wasm::ExternKind::Func) return std::nullopt;
        unknown_names_.push_back(fmt::format("{}.{}", import.module, import.name));
        const wasm::HostFunc func{import.type.func, &trap_missing, &unknown_names_.back(), false, 0};
        return wasm::Extern(store_.make_func(func, unknown_names_.back()));
    });
}

std::vector<std::string> Program::unlinkable_imports() const {
    std::vector<std::string> lines;
    for (const wasm::ImportType& import : module_->imports()) {
        if (linker_.resolve(import)) continue;
        lines.push_back(fmt::format("    {}.{} {}\n", wasm::printable_name(import.module),
                                    wasm::printable_name(import.name), to_string(import.type)));
    }
    return lines;
}

wasm::Result<Stop> Program::run() {
    if (options_.cwd && chdir(options_.cwd->c_str()) != 0) {
        return own_failure(fmt::format("--cwd {}: {}", *options_.cwd, std::strerror(errno)));
    }
    auto made = WASM_TRY(linker_.prepare(module_));
    if (!made.stop.finished()) return std::move(made.stop);
    // What can be wrong with a program of the user's rights is found before any of its code runs.
    if (wali_) WASM_TRY(wali_->attach(made.instance));
    if (wali_ && !options_.invoke) WASM_TRY(entry(made.instance));
    Stop start = linker_.start(made.instance);
    if (!start.finished()) return start;
    if (options_.invoke) return invoke(made.instance, *options_.invoke);
    const wasm::Func func = WASM_TRY(entry(made.instance));
    return kind_ == ProgramKind::Wali ? wali_->run(made.instance) : call_plain(func);
}

wasm::Stop Program::call_plain(const wasm::Func& func) {
    std::vector<wasm::Value> results;
    return store_.main_thread().call(func, {}, results);
}

// The function a program starts with. A WASI reactor has only its initialisation.
wasm::Result<wasm::Func> Program::entry(wasm::Instance instance) const {
    auto func = instance.func(kEntry);
    if (!func && kind_ == ProgramKind::Wasi) func = instance.func(kReactorEntry);
    if (!func) return not_runnable(fmt::format("no exported function '{}'; name one with --invoke", kEntry));
    if (const auto type = func->type(); !type.params.empty() || !type.results.empty()) {
        return not_runnable(fmt::format("'{}' has type {}, not () -> ()", kEntry, to_string(type)));
    }
    return *func;
}

wasm::Result<Stop> Program::invoke(wasm::Instance instance, const std::string& name) {
    const auto func = instance.func(name);
    if (!func) return not_runnable(fmt::format("no exported function '{}'", name));
    auto args = parse_values(func->type(), options_.args);
    // The caller's mistake, not the module's.
    if (!args) {
        return own_failure(fmt::format("--invoke {}: {}", name, args.error().message));
    }
    if (const auto initialize = instance.func(kReactorEntry);
        initialize && initialize->type() == wasm::FuncType{} && name != kReactorEntry) {
        Stop stop = call_plain(*initialize);
        if (!stop.finished()) return stop;
    }
    std::vector<wasm::Value> results;
    Stop stop = store_.main_thread().call(*func, *args, results);
    if (!stop.finished()) return stop;
    std::string text;
    for (const wasm::Value& result : results) text += format_value(result) + '\n';
    if (!write_stdout(text)) return own_failure("cannot write the results");
    return stop;
}

}  // namespace cli
