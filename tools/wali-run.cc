// SPDX-License-Identifier: Apache-2.0
// The program: options → module → hosts → run → status. Each step is a file of cli/.
#include "cli/about.h"
#include "cli/binfmt.h"
#include "cli/check.h"
#include "cli/exit_status.h"
#include "cli/log.h"
#include "cli/module_file.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/process_look.h"
#include "cli/program.h"
#include "cli/time_limit.h"
#include "cli/trap_report.h"

#include <wasm/dispatch_stats.h>

#include <fmt/format.h>
#include <sys/auxv.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <span>

namespace {

using namespace cli;

// A variable of the host that steers wali-run itself; a set-uid program takes none from who calls it.
std::string_view own_variable(const char* name) {
    const char* value = getauxval(AT_SECURE) != 0 ? nullptr : std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

[[noreturn]] void fail(std::string_view file, std::string_view reason, int status) {
    report_error(file, reason);
    end_with(status);
}

LogLevels choose_log_levels(const Options& options) {
    LogLevels levels;
    if (const auto wrong = levels.apply(own_variable("WALI_LOG"))) fail({}, "WALI_LOG: " + *wrong, kOwnFailure);
    if (options.verbosity >= 0) levels.set_all(level_of_verbosity(options.verbosity));
    if (const auto wrong = levels.apply(options.log)) fail({}, "--log: " + *wrong, kOwnFailure);
    return levels;
}

int print(std::string_view text) {
    if (write_stdout(text)) return 0;
    fail({}, "cannot write to standard output", kOwnFailure);
}

void limit_time(Options& options) {
    if (options.timeout_ns) options.deadline_ns = monotonic_ns() + *options.timeout_ns;
    if (!options.deadline_ns) return;
    const auto seconds = static_cast<double>(options.timeout_ns.value_or(0)) / 1e9;
    std::string message = options.timeout_ns
                              ? fmt::format("{}: not finished after {} s (--timeout)", options.module, seconds)
                              : fmt::format("{}: not finished in time (--timeout)", options.module);
    if (!start_time_limit(*options.deadline_ns, std::move(message))) {
        fail({}, "--timeout: the host refuses a thread or a process", kOwnFailure);
    }
}

// --dispatch-stats: what this process, not a forked one, has executed.
struct StatsFile {
    std::FILE* file = nullptr;
    pid_t owner = 0;
} g_stats;

void open_dispatch_stats(const std::string& name) {
    if (!wasm::dispatch_stats())
        fail({}, "--dispatch-stats: this build does not count (-Ddispatch_stats=true does)", kOwnFailure);
    g_stats.file = std::fopen(name.c_str(), "we");
    g_stats.owner = getpid();
    if (g_stats.file == nullptr) fail(name, "cannot write", kOwnFailure);
}

void write_dispatch_stats() {
    if (getpid() != g_stats.owner) return;
    const std::string text = *wasm::dispatch_stats();
    const bool written = std::fwrite(text.data(), 1, text.size(), g_stats.file) == text.size();
    if (std::fclose(g_stats.file) != 0 || !written) fail({}, "--dispatch-stats: cannot write", kOwnFailure);
}

[[noreturn]] void end_as(const wasm::Stop& stop) {
    write_dispatch_stats();
    if (stop.exited()) end_with(stop.exit_status & 0xFF);
    if (stop.finished()) end_with(0);
    die_of_trap(stop.trap);
}

// One import is told with the engine's own reason; several are listed.
void refuse_imports(const std::string& name, const Program& program) {
    const std::vector<std::string> lines = program.unlinkable_imports();
    if (lines.size() < 2) return;
    report_error(name, fmt::format("{} imports are not provided with the type they want:", lines.size()));
    write_stderr(fmt::format("{}", fmt::join(lines, "")));
    end_with(kNotRunnable);
}

[[noreturn]] void run(const Options& options, const ModuleBytes& bytes, std::span<char* const> argv) {
    const std::string& name = options.module;
    name_running_module(name);
    const auto stop_if_failed = [&](const auto& result) {
        if (!result) fail(name, result.error().describe(), status_of(result.error().kind));
    };
    // Bodies are validated when they are first called: most of a large program never is.
    auto module = wasm::Module::load(bytes.bytes, {name, options.features, false}, bytes.owner);
    stop_if_failed(module);
    if (log_wants(LogArea::Load, wasm::LogLevel::Info)) {
        log_line(wasm::LogLevel::Info, "load",
                 fmt::format("{}: {} bytes, {} imports", name, bytes.bytes.size(), (*module)->imports().size()));
    }
    Program program(options, name, *module);
    if (program.kind() == ProgramKind::Wali) {
        look_like_guest(options.comm.empty() ? name : options.comm, options.argv0.value_or(name), options.args.size(),
                        argv);
    }
    stop_if_failed(program.define_imports(options.unknown_imports));
    auto stop = program.run();
    if (!stop && stop.error().kind == wasm::ErrorKind::Unlinkable) refuse_imports(name, program);
    stop_if_failed(stop);
    end_as(*stop);
}

// The options that ask for no run. nullopt: there is none of them.
std::optional<int> answer(const Options& options) {
    if (options.help) return print(help_text());
    if (options.version) return print(version_text());
    if (options.list_syscalls) return print(syscalls_text());
    if (!options.binfmt_install && !options.binfmt_status && !options.binfmt_remove) return std::nullopt;
    const BinfmtPlaces places;
    auto answer = options.binfmt_install  ? binfmt_install(places)
                  : options.binfmt_remove ? binfmt_remove(places)
                                          : binfmt_status(places);
    if (!answer) fail({}, answer.error().message, kOwnFailure);
    static_cast<void>(print(answer->text));
    return answer->status;
}

wasm::Result<Options> read_options(std::span<char* const> argv) {
    const std::string_view more = own_variable("WALI_RUN_OPTS");
    const auto started_by_kernel = binfmt_run();
    if (!started_by_kernel) return parse_options(argv, more);
    auto options = parse_binfmt_run(argv, started_by_kernel->keeps_argv0, more);
    if (options) options->module_fd = started_by_kernel->fd;
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    std::set_new_handler([] { fail({}, "out of memory", kOwnFailure); });
    auto parsed = read_options({argv, static_cast<size_t>(argc)});
    if (!parsed) fail({}, parsed.error().message, kOwnFailure);
    Options& options = *parsed;
    start_log(choose_log_levels(options));
    if (const auto status = answer(options)) return *status;
    if (options.module.empty()) fail({}, "no module given (try --help)", kOwnFailure);

    limit_time(options);
    if (!options.dispatch_stats.empty()) open_dispatch_stats(options.dispatch_stats);
    auto read = options.module_fd >= 0 ? read_module(options.module_fd) : read_module(options.module);
    if (const auto* refused = std::get_if<ModuleRefused>(&read)) fail(options.module, refused->reason, refused->status);
    const auto& bytes = std::get<ModuleBytes>(read);
    if (options.check) return check_module(options, options.module, bytes);
    run(options, bytes, {argv, static_cast<size_t>(argc)});
}
