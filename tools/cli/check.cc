// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include "exit_status.h"
#include "log.h"
#include "output.h"
#include "program.h"

#include <wasm/text.h>

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

struct NamedFeature {
    wasm::Feature feature;
    std::string_view name;
};
constexpr NamedFeature kFeatures[] = {
#define FEATURE(id, text) {wasm::Feature::id, text},
    WASM_FEATURES(FEATURE)
#undef FEATURE
};

// A module uses a feature if it is refused without it. That costs a validation each, and needs no second opinion on
// which instruction belongs to what.
std::string used_features(const ModuleBytes& module, const wasm::Features& enabled) {
    std::vector<std::string_view> used;
    for (const NamedFeature& f : kFeatures) {
        if (!enabled.has(f.feature)) continue;
        wasm::ModuleOptions without;
        without.features = enabled;
        without.features.set(f.feature, false);
        if (!wasm::Module::load(module.bytes, without)) used.push_back(f.name);
    }
    return used.empty() ? "only the core" : fmt::format("{}", fmt::join(used, ", "));
}

std::string_view describe_kind(ProgramKind kind) {
    switch (kind) {
        case ProgramKind::Wali: return "WALI (imports Linux system calls)";
        case ProgramKind::Wasi: return "WASI preview 1";
        case ProgramKind::Plain: break;
    }
    return "plain WebAssembly";
}

std::string describe_entry(const wasm::Module& module) {
    std::vector<std::string_view> names;
    for (const wasm::ExportType& e : module.exports()) {
        if (e.type.kind == wasm::ExternKind::Func && (e.name == "_start" || e.name == "_initialize")) {
            names.push_back(e.name);
        }
    }
    return names.empty() ? "none (call an export with --invoke)" : fmt::format("{}", fmt::join(names, ", "));
}

// "provided", or what happens instead.
std::string describe_import(const Program& program,
                            const wasm::ImportType& import,
                            const std::vector<wali::SyscallInfo>& rows) {
    constexpr std::string_view kSyscall = "SYS_";
    if (!program.linker().resolve(import)) return "NOT PROVIDED";
    if (import.module == "wali" && import.name.starts_with(kSyscall)) {
        const auto name = import.name.substr(kSyscall.size());
        const auto row = std::find_if(rows.begin(), rows.end(), [name](const auto& r) { return r.name == name; });
        if (row != rows.end() && row->form == "absent") return fmt::format("answers ENOSYS: {}", row->arguments);
    }
    return "provided";
}

struct ImportReport {
    std::string text;
    size_t missing = 0;
};

ImportReport describe_imports(const Program& program) {
    const auto imports = program.module().imports();
    const std::vector<wali::SyscallInfo> rows = wali::syscalls();
    ImportReport report;
    for (const wasm::ImportType& import : imports) {
        const std::string state = describe_import(program, import, rows);
        report.missing += state == "NOT PROVIDED" ? 1 : 0;
        report.text += fmt::format("    {}.{} {}: {}\n", wasm::printable_name(import.module),
                                   wasm::printable_name(import.name), to_string(import.type), state);
    }
    report.text =
        fmt::format("imports:  {}\n", imports.empty() ? "none" : fmt::format("{}", imports.size())) + report.text;
    return report;
}

}  // namespace

int check_module(const Options& options, const std::string& name, const ModuleBytes& bytes) {
    const auto fail = [&](const wasm::Error& error) {
        report_error(name, error.describe());
        return status_of(error.kind);
    };
    auto module = wasm::Module::load(bytes.bytes, {name, options.features, true}, bytes.owner);
    if (!module) return fail(module.error());
    Program program(options, name, *module);
    // Links nothing that is not really there, so that it shows.
    if (auto defined = program.define_imports(UnknownImports::Refuse); !defined) return fail(defined.error());

    const ImportReport imports = describe_imports(program);
    std::string out = fmt::format("{}: valid\nkind:     {}\nentry:    {}\nfeatures: {}\n{}", wasm::printable(name),
                                  describe_kind(program.kind()), describe_entry(**module),
                                  used_features(bytes, options.features), imports.text);
    if (!write_stdout(out)) return kOwnFailure;
    // A WALI program runs until it calls what is missing, unless it was asked not to.
    const bool tolerated = program.kind() == ProgramKind::Wali && options.unknown_imports != UnknownImports::Refuse;
    if (imports.missing == 0 || tolerated || options.unknown_imports == UnknownImports::Trap) return 0;
    report_error(name, fmt::format("cannot run: {} import{} not provided", imports.missing,
                                   imports.missing == 1 ? " is" : "s are"));
    return kNotRunnable;
}

}  // namespace cli
