// SPDX-License-Identifier: Apache-2.0
// The command line of wali-run as a struct. What options exist is said in options.def alone; this room's parser
// turns words into values and knows nothing of what they do.
#pragma once

#include <wasm/module.h>
#include <wasm/result.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

enum class OptionId : uint8_t {
#define GROUP(title)
#define HIDDEN_GROUP()
#define OPTION(id, ...) id,
#include "options.def"
#undef OPTION
#undef HIDDEN_GROUP
#undef GROUP
};

enum class UnknownImports : uint8_t { Default, Enosys, Trap, Refuse };

// One change of the guest's environment, in the order of the command line.
struct EnvChange {
    enum class Kind : uint8_t { Set, CopyFromHost, File };
    Kind kind = Kind::Set;
    std::string text;  // "K=V", "K", or a file name
};

struct Options {
    std::optional<std::string> invoke;
    std::optional<std::string> argv0;
    std::vector<EnvChange> env;
    bool clear_env = false;
    std::optional<std::string> cwd;
    UnknownImports unknown_imports = UnknownImports::Default;

    std::optional<uint64_t> stack_size;
    std::optional<uint64_t> max_memory;
    std::optional<uint32_t> max_threads;
    std::optional<uint64_t> timeout_ns;
    std::optional<uint64_t> deadline_ns;  // on CLOCK_MONOTONIC

    int verbosity = -1;  // steps of -v; -1: not given
    std::string log;     // as given to --log, later ones appended
    bool warn_missing = false;
    std::string dispatch_stats;         // file
    std::optional<std::string> strace;  // WHAT, perhaps empty
    std::optional<std::string> strace_out;
    bool strace_summary = false;
    std::string strace_resume;
    std::string comm;  // else the module's

    bool check = false;
    bool list_syscalls = false;
    bool version = false;
    bool help = false;

    bool binfmt_install = false;
    bool binfmt_status = false;
    bool binfmt_remove = false;

    bool strict_calls = false;
    bool strict_atomics = false;
    wasm::Features features = wasm::Features::all();

    bool child = false;
    std::vector<std::string> inherited;  // words a .wasm child gets before its module

    std::string module;             // empty: none was given
    int module_fd = -1;             // where it is open already
    std::vector<std::string> args;  // of the guest, after the module
};

// A usage error: one line, without "wali-run: ".
template <class T>
using OrUsage = wasm::Result<T>;

// Reads options up to the module. `env_options` is the value of WALI_RUN_OPTS (empty when it must be ignored); its
// words act as if they stood before those of `argv`, and may not name a module.
OrUsage<Options> parse_options(std::span<char* const> argv, std::string_view env_options);

// The same for a run that the kernel has started (binfmt_misc): `argv` is then our name, the module, the guest's
// argv[0] if `keeps_argv0`, and its other arguments; no options.
OrUsage<Options> parse_binfmt_run(std::span<char* const> argv, bool keeps_argv0, std::string_view env_options);

// "4096", "64K", "16M", "2G" (powers of 1024).
std::optional<uint64_t> parse_size(std::string_view text);
// "10", "0.5": seconds as nanoseconds.
std::optional<uint64_t> parse_seconds(std::string_view text);
// Blank-separated words; '…' and "…" group, a backslash takes the next character as it is. nullopt: open quote.
std::optional<std::vector<std::string>> split_words(std::string_view text);

// --help, from the table.
std::string help_text();

}  // namespace cli
