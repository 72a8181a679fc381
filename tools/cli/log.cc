// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include <wasm/text.h>
#include <wasm/write_quietly.h>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace cli {
namespace {

using wasm::LogLevel;

constexpr std::string_view kLevelNames[] = {"error", "warn", "info", "debug", "trace"};
static_assert(std::size(kLevelNames) == static_cast<size_t>(LogLevel::Trace) + 1);

constexpr std::string_view kAreaNames[] = {
#define AREA(id, text) text,
    CLI_LOG_AREAS(AREA)
#undef AREA
};

template <class T>
std::optional<T> find_name(const auto& names, std::string_view name) {
    const auto* at = std::find(std::begin(names), std::end(names), name);
    if (at == std::end(names)) return std::nullopt;
    return static_cast<T>(at - std::begin(names));
}

// What was on descriptor 2 when we started. Plain data, no constructor: it is read from any thread, after fork too.
struct Stderr {
    bool known;
    dev_t device;
    ino_t inode;
};
constinit Stderr stderr_at_start{};
constinit LogLevels levels_now;

bool stderr_is_ours() {
    struct stat now{};
    if (fstat(STDERR_FILENO, &now) != 0) return false;
    return !stderr_at_start.known || (now.st_dev == stderr_at_start.device && now.st_ino == stderr_at_start.inode);
}

}  // namespace

std::optional<std::string> LogLevels::apply(std::string_view spec) {
    LogLevels next = *this;
    while (!spec.empty()) {
        const std::string_view item = spec.substr(0, spec.find(','));
        spec.remove_prefix(std::min(spec.size(), item.size() + 1));
        const size_t equals = item.find('=');
        const std::string_view level_name = equals == std::string_view::npos ? item : item.substr(equals + 1);
        const auto level = find_name<LogLevel>(kLevelNames, level_name);
        if (!level) return fmt::format("'{}' is not a level: {}", level_name, fmt::join(kLevelNames, ", "));
        if (equals == std::string_view::npos) {
            next.set_all(*level);
            continue;
        }
        const auto area = find_name<LogArea>(kAreaNames, item.substr(0, equals));
        if (!area) return fmt::format("'{}' is not an area: {}", item.substr(0, equals), fmt::join(kAreaNames, ", "));
        next.set(*area, *level);
    }
    *this = next;
    return std::nullopt;
}

std::string LogLevels::spec() const {
    // The commonest level first keeps the list short: usually one word.
    const auto most = *std::max_element(levels_.begin(), levels_.end(), [&](LogLevel a, LogLevel b) {
        return std::count(levels_.begin(), levels_.end(), a) < std::count(levels_.begin(), levels_.end(), b);
    });
    std::string text(kLevelNames[static_cast<size_t>(most)]);
    for (size_t i = 0; i < levels_.size(); ++i) {
        if (levels_[i] != most)
            text += fmt::format(",{}={}", kAreaNames[i], kLevelNames[static_cast<size_t>(levels_[i])]);
    }
    return text;
}

LogLevel level_of_verbosity(int steps) {
    return static_cast<LogLevel>(std::clamp(steps, 0, static_cast<int>(LogLevel::Trace)));
}

void start_log(const LogLevels& levels) {
    struct stat now{};
    stderr_at_start = {true, 0, 0};
    if (fstat(STDERR_FILENO, &now) == 0) stderr_at_start = {true, now.st_dev, now.st_ino};
    levels_now = levels;
}

bool log_wants(LogArea area, LogLevel level) { return levels_now.wants(area, level); }

std::string log_spec() { return levels_now == LogLevels() ? std::string() : levels_now.spec(); }

void log_line(LogLevel level, std::string_view area, std::string_view message) {
    const auto known = find_name<LogArea>(kAreaNames, area);
    // An area this list lacks is shown by the level of "load", rather than lost.
    if (!log_wants(known.value_or(LogArea::Load), level)) return;
    write_stderr(
        fmt::format("wali-run: {}: {}: {}\n", kLevelNames[static_cast<size_t>(level)], area, wasm::printable(message)));
}

void write_stderr(std::string_view text) {
    if (stderr_is_ours()) static_cast<void>(wasm::write_quietly(STDERR_FILENO, text));
}

void report_error(std::string_view file, std::string_view reason) {
    const std::string where = file.empty() ? std::string() : wasm::printable(file) + ": ";
    write_stderr(fmt::format("wali-run: {}{}\n", where, wasm::printable(reason)));
}

}  // namespace cli
