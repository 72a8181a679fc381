// SPDX-License-Identifier: Apache-2.0
// What wali-run says on stderr: error lines, and the log that --log, -v and WALI_LOG switch on.
// Every line leaves in one write, so that lines of several processes and threads do not mix. When the guest has
// put something else on descriptor 2 (its own file, perhaps a database), nothing is written there.
#pragma once

#include <wasm/store.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cli {

#define CLI_LOG_AREAS(AREA)  \
    AREA(Load, "load")       \
    AREA(Link, "link")       \
    AREA(Syscall, "syscall") \
    AREA(Signal, "signal")   \
    AREA(Thread, "thread")   \
    AREA(Memory, "memory")   \
    AREA(Shim, "shim")       \
    AREA(Wasi, "wasi")

enum class LogArea : uint8_t {
#define AREA(id, text) id,
    CLI_LOG_AREAS(AREA)
#undef AREA
        Count
};

// How much of each area is wanted.
class LogLevels {
  public:
    void set_all(wasm::LogLevel level) { levels_.fill(level); }
    void set(LogArea area, wasm::LogLevel level) { levels_[static_cast<size_t>(area)] = level; }
    wasm::LogLevel get(LogArea area) const { return levels_[static_cast<size_t>(area)]; }
    bool wants(LogArea area, wasm::LogLevel level) const { return level <= get(area); }
    bool operator==(const LogLevels&) const = default;

    // Applies "LEVEL", "AREA=LEVEL" or several of them separated by commas, left to right. Returns what is wrong
    // with it, if anything; then nothing has changed.
    std::optional<std::string> apply(std::string_view spec);
    // A spec that gives these levels again.
    std::string spec() const;

  private:
    std::array<wasm::LogLevel, static_cast<size_t>(LogArea::Count)> levels_{};  // Error
};

// -v=N: 0 is error, 4 and more is trace.
wasm::LogLevel level_of_verbosity(int steps);

// Remembers what descriptor 2 is and which levels are wanted. Once, before the guest runs.
void start_log(const LogLevels& levels);
bool log_wants(LogArea area, wasm::LogLevel level);
// A spec for WALI_LOG that gives a child the levels of this process; empty when they are the default ones.
std::string log_spec();
// "wali-run: level: area: message". Filters by level; the caller of a frequent message asks log_wants first.
void log_line(wasm::LogLevel level, std::string_view area, std::string_view message);
// The text as it is, newline included.
void write_stderr(std::string_view text);
// "wali-run: FILE: reason" or, without a file, "wali-run: reason".
void report_error(std::string_view file, std::string_view reason);

}  // namespace cli
