// SPDX-License-Identifier: Apache-2.0
// Parser and help printer over options.def.
#include "options.h"

#include "exit_status.h"
#include "wali/wali.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace cli {
namespace {

enum class Takes : uint8_t { None, Needs, May };
enum class Inherit : uint8_t { Own, Child };

struct Row {
    OptionId id;
    char letter;
    std::string_view name;
    std::string_view argument;
    Takes takes;
    Inherit inherit;
    std::string_view help;
};

constexpr Row kRows[] = {
#define GROUP(title)
#define HIDDEN_GROUP()
#define OPTION(id, letter, name, argument, takes, inherit, help) \
    {OptionId::id, letter, name, argument, Takes::takes, Inherit::inherit, help},
#include "options.def"
#undef OPTION
#undef HIDDEN_GROUP
#undef GROUP
};

constexpr std::string_view kDisable = "disable-";

struct FeatureName {
    wasm::Feature feature;
    std::string_view name;
};
constexpr FeatureName kFeatures[] = {
#define FEATURE(id, text) {wasm::Feature::id, text},
    WASM_FEATURES(FEATURE)
#undef FEATURE
};

const Row* find_row(std::string_view name) {
    for (const Row& row : kRows) {
        if (row.id != OptionId::DisableFeature && row.name == name) return &row;
    }
    return nullptr;
}
const Row& row_of(OptionId id) { return kRows[static_cast<size_t>(id)]; }

const wasm::Feature* find_feature(std::string_view name) {
    for (const FeatureName& f : kFeatures) {
        if (f.name == name) return &f.feature;
    }
    return nullptr;
}

// Levenshtein distance; option names are short.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 0; i < a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.size(); ++j) {
            const size_t substitute = diagonal + (a[i] == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substitute, row[j] + 1, diagonal + 1});
        }
    }
    return row[b.size()];
}

// The name meant by a misspelt one: closest within a third of its letters, or the only one it begins.
std::string near_miss(std::string_view word) {
    std::vector<std::string> names;
    for (const Row& row : kRows) {
        if (!row.help.empty() && row.id != OptionId::DisableFeature) names.emplace_back(row.name);
    }
    for (const FeatureName& f : kFeatures) names.push_back(fmt::format("{}{}", kDisable, f.name));

    std::string best;
    size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
    for (const std::string& name : names) {
        const size_t d = word.size() >= 3 && name.starts_with(word) ? 1 : distance(word, name);
        if (d < best_distance) {
            best_distance = d;
            best = name;
        }
    }
    return best;
}

class Parser {
  public:
    OrUsage<void> words(std::span<const std::string> words, bool may_name_module);
    Options take() { return std::move(options_); }

  private:
    OrUsage<void> long_option(std::string_view word, std::span<const std::string> words, size_t& i);
    OrUsage<void> short_option(std::string_view word);
    OrUsage<void> apply(const Row& row, std::optional<std::string_view> value);
    OrUsage<void> apply_value(OptionId id, std::string_view value);
    OrUsage<void> apply_number(OptionId id, std::string_view value);
    void apply_flag(OptionId id);
    OrUsage<void> disable(std::string_view feature);
    OrUsage<void> verbose(std::optional<std::string_view> value);
    void inherit(const Row& row, std::optional<std::string_view> value);

    Options options_;
};

OrUsage<void> Parser::words(std::span<const std::string> words, bool may_name_module) {
    size_t i = 0;
    for (; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--") {
            ++i;
            break;
        }
        if (word.size() < 2 || word[0] != '-') break;
        WASM_TRY(word[1] == '-' ? long_option(word.substr(2), words, i) : short_option(word.substr(1)));
    }
    if (i == words.size()) return {};
    if (!may_name_module) return own_failure(fmt::format("WALI_RUN_OPTS: '{}' is not an option", words[i]));
    options_.module = words[i];
    options_.args.assign(words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
    return {};
}

OrUsage<void> Parser::long_option(std::string_view word, std::span<const std::string> words, size_t& i) {
    const size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = word.substr(equals + 1);

    if (name.starts_with(kDisable) && find_feature(name.substr(kDisable.size())) != nullptr) {
        if (value) return own_failure(fmt::format("--{} takes no argument", name));
        return disable(name.substr(kDisable.size()));
    }
    const Row* row = find_row(name);
    if (row == nullptr) {
        const std::string meant = near_miss(name);
        return own_failure(meant.empty() ? fmt::format("unknown option '--{}' (try --help)", name)
                                         : fmt::format("unknown option '--{}': did you mean '--{}'?", name, meant));
    }
    if (row->takes == Takes::Needs && !value) {
        if (i + 1 == words.size()) return own_failure(fmt::format("--{} needs an argument: {}", name, row->argument));
        value = words[++i];
    }
    return apply(*row, value);
}

// -v, -vv, -v=3, -h. Letters of options that need an argument do not exist.
OrUsage<void> Parser::short_option(std::string_view word) {
    for (size_t at = 0; at < word.size(); ++at) {
        const char letter = word[at];
        const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                       [letter](const Row& r) { return r.letter == letter && letter != 0; });
        if (row == std::end(kRows)) return own_failure(fmt::format("unknown option '-{}' (try --help)", word));
        if (at + 1 < word.size() && word[at + 1] == '=') return apply(*row, word.substr(at + 2));
        WASM_TRY(apply(*row, std::nullopt));
    }
    return {};
}

OrUsage<void> Parser::apply(const Row& row, std::optional<std::string_view> value) {
    if (row.takes == Takes::None && value) return own_failure(fmt::format("--{} takes no argument", row.name));
    if (row.id == OptionId::Verbose) return verbose(value);
    if (value) {
        WASM_TRY(apply_value(row.id, *value));
    } else {
        apply_flag(row.id);
    }
    if (row.inherit == Inherit::Child && row.id != OptionId::Child) inherit(row, value);
    return {};
}

// Given twice, the last counts: the child needs only that one.
void Parser::inherit(const Row& row, std::optional<std::string_view> value) {
    const std::string word = fmt::format("--{}", row.name);
    std::erase_if(options_.inherited,
                  [&](const std::string& old) { return old == word || old.starts_with(word + "="); });
    options_.inherited.push_back(value ? fmt::format("{}={}", word, *value) : word);
}

void Parser::apply_flag(OptionId id) {
    switch (id) {
        case OptionId::ClearEnv: options_.clear_env = true; break;
        case OptionId::WarnMissing: options_.warn_missing = true; break;
        case OptionId::Strace: options_.strace.emplace(); break;
        case OptionId::StraceSummary: options_.strace_summary = true; break;
        case OptionId::Check: options_.check = true; break;
        case OptionId::ListSyscalls: options_.list_syscalls = true; break;
        case OptionId::Version: options_.version = true; break;
        case OptionId::Help: options_.help = true; break;
        case OptionId::BinfmtInstall: options_.binfmt_install = true; break;
        case OptionId::BinfmtStatus: options_.binfmt_status = true; break;
        case OptionId::BinfmtRemove: options_.binfmt_remove = true; break;
        case OptionId::StrictCalls: options_.strict_calls = true; break;
        case OptionId::StrictAtomics: options_.strict_atomics = true; break;
        case OptionId::Child: options_.child = true; break;
        default: break;  // every other row takes an argument
    }
}

OrUsage<void> Parser::apply_value(OptionId id, std::string_view value) {
    switch (id) {
        case OptionId::Invoke: options_.invoke = value; return {};
        case OptionId::Argv0: options_.argv0 = value; return {};
        case OptionId::Cwd: options_.cwd = value; return {};
        case OptionId::Strace:
            if (const auto wrong = wali::check_trace_filter(value)) return own_failure("--strace: " + *wrong);
            options_.strace = value;
            return {};
        case OptionId::DispatchStats: options_.dispatch_stats = value; return {};
        case OptionId::StraceOut: options_.strace_out = value; return {};
        case OptionId::StraceResume: options_.strace_resume = value; return {};
        case OptionId::Comm: options_.comm = value; return {};
        case OptionId::EnvFile: options_.env.push_back({EnvChange::Kind::File, std::string(value)}); return {};
        case OptionId::Log:
            if (!options_.log.empty()) options_.log += ',';
            options_.log += value;
            return {};
        case OptionId::Env: {
            const size_t equals = value.find('=');
            if (value.empty() || equals == 0) return own_failure(fmt::format("--env '{}': not of the form K=V", value));
            options_.env.push_back(
                {equals == std::string_view::npos ? EnvChange::Kind::CopyFromHost : EnvChange::Kind::Set,
                 std::string(value)});
            return {};
        }
        case OptionId::UnknownImports:
            if (value == "enosys") {
                options_.unknown_imports = UnknownImports::Enosys;
            } else if (value == "trap") {
                options_.unknown_imports = UnknownImports::Trap;
            } else if (value == "refuse") {
                options_.unknown_imports = UnknownImports::Refuse;
            } else {
                return own_failure(fmt::format("--unknown-imports '{}': not one of enosys, trap, refuse", value));
            }
            return {};
        default: return apply_number(id, value);
    }
}

template <class T>
std::optional<T> parse_integer(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

OrUsage<void> Parser::apply_number(OptionId id, std::string_view value) {
    const auto refuse = [&](std::string_view want) {
        return own_failure(fmt::format("--{} '{}': not {}", row_of(id).name, value, want));
    };
    if (id == OptionId::StackSize || id == OptionId::MaxMemory) {
        const auto size = parse_size(value);
        if (!size || *size == 0) return refuse("a size such as 65536, 64K, 16M or 2G");
        (id == OptionId::StackSize ? options_.stack_size : options_.max_memory) = size;
    } else if (id == OptionId::MaxThreads) {
        options_.max_threads = parse_integer<uint32_t>(value);
        if (options_.max_threads.value_or(0) == 0) return refuse("a number of threads from 1 on");
    } else if (id == OptionId::Timeout) {
        options_.timeout_ns = parse_seconds(value);
        if (options_.timeout_ns.value_or(0) == 0) return refuse("a time in seconds such as 10 or 0.5");
    } else if (id == OptionId::Deadline) {
        options_.deadline_ns = parse_integer<uint64_t>(value);
        if (!options_.deadline_ns) return refuse("a number of nanoseconds");
    }
    return {};
}

OrUsage<void> Parser::disable(std::string_view feature) {
    options_.features.set(*find_feature(feature), false);
    options_.inherited.push_back(fmt::format("--{}{}", kDisable, feature));
    return {};
}

// Steps above `error`; a bare -v starts at info because nobody types it to see only warnings.
OrUsage<void> Parser::verbose(std::optional<std::string_view> value) {
    constexpr int kInfo = 2;
    if (!value) {
        options_.verbosity = options_.verbosity < kInfo ? kInfo : options_.verbosity + 1;
        return {};
    }
    const auto n = parse_integer<int>(*value);
    if (!n || *n < 0 || *n > 9) return own_failure(fmt::format("-v '{}': not a number from 0 to 5", *value));
    options_.verbosity = *n;
    return {};
}

}  // namespace

namespace {

OrUsage<void> take_environment(Parser& parser, std::string_view env_options) {
    if (env_options.empty()) return {};
    const auto words = split_words(env_options);
    if (!words) return own_failure("WALI_RUN_OPTS: a quote is not closed");
    return parser.words(*words, false);
}

}  // namespace

OrUsage<Options> parse_options(std::span<char* const> argv, std::string_view env_options) {
    Parser parser;
    const std::vector<std::string> given(argv.begin() + std::min<ptrdiff_t>(1, std::ssize(argv)), argv.end());
    const bool child = !given.empty() && given[0] == fmt::format("--{}", row_of(OptionId::Child).name);
    if (!child) WASM_TRY(take_environment(parser, env_options));
    WASM_TRY(parser.words(given, true));
    return parser.take();
}

OrUsage<Options> parse_binfmt_run(std::span<char* const> argv, bool keeps_argv0, std::string_view env_options) {
    Parser parser;
    WASM_TRY(take_environment(parser, env_options));
    Options options = parser.take();
    size_t next = 1;
    if (next < argv.size()) options.module = argv[next++];
    if (keeps_argv0 && next < argv.size()) options.argv0 = argv[next++];
    options.args.assign(argv.begin() + static_cast<ptrdiff_t>(std::min(next, argv.size())), argv.end());
    return options;
}

std::optional<uint64_t> parse_size(std::string_view text) {
    unsigned shift = 0;
    if (!text.empty()) {
        switch (text.back()) {
            case 'k':
            case 'K': shift = 10; break;
            case 'm':
            case 'M': shift = 20; break;
            case 'g':
            case 'G': shift = 30; break;
            default: break;
        }
    }
    if (shift != 0) text.remove_suffix(1);
    const auto value = parse_integer<uint64_t>(text);
    if (!value || *value > std::numeric_limits<uint64_t>::max() >> shift) return std::nullopt;
    return *value << shift;
}

std::optional<uint64_t> parse_seconds(std::string_view text) {
    constexpr double kMost = 1e9;  // thirty years; also keeps the product inside 64 bits
    // strtod reads more than decimal numbers; std::from_chars would bring libm into every start.
    if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
    const std::string terminated(text);
    char* end = nullptr;
    const double seconds = std::strtod(terminated.c_str(), &end);
    if (*end != '\0' || end == terminated.c_str() || text[0] == '+' || !(seconds >= 0 && seconds <= kMost))
        return std::nullopt;
    return static_cast<uint64_t>(seconds * 1e9);
}

std::optional<std::vector<std::string>> split_words(std::string_view text) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (quote == 0 && blank) {
            in_word = false;
            continue;
        }
        if (!in_word) words.emplace_back();
        in_word = true;
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            words.back() += text[++i];
        } else {
            words.back() += c;
        }
    }
    if (quote != 0) return std::nullopt;
    return words;
}

std::string help_text() {
    constexpr size_t kHelpColumn = 26;
    std::string out =
        "Usage: wali-run [OPTIONS] MODULE [ARGS…]\n"
        "Runs a WebAssembly program as if it were a native one. MODULE '-' is standard input.\n";
    bool shown = true;
    const auto add = [&](const Row& row) {
        if (!shown) return;
        std::string left =
            row.letter != 0 ? fmt::format("  -{}, --{}", row.letter, row.name) : fmt::format("  --{}", row.name);
        if (row.takes == Takes::Needs) left += fmt::format(" {}", row.argument);
        if (row.takes == Takes::May) left += fmt::format("[={}]", row.argument);
        out += fmt::format("{:<{}}{}\n", left, kHelpColumn, row.help);
    };
#define GROUP(title) \
    shown = true;    \
    out += title ":\n";
#define HIDDEN_GROUP()  shown = false;
#define OPTION(id, ...) add(row_of(OptionId::id));
#include "options.def"
#undef OPTION
#undef HIDDEN_GROUP
#undef GROUP
    out +=
        "Options end at MODULE or '--'. --opt=value is --opt value. The variable WALI_RUN_OPTS may hold more.\n"
        "Status: the guest's own; 125 wali-run failed, 126 MODULE cannot run, 127 not found.\n";
    return out;
}

}  // namespace cli
