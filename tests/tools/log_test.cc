// SPDX-License-Identifier: Apache-2.0
// Log levels, and what a line of the log looks like.
#include "cli/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

namespace {

using namespace cli;
using wasm::LogLevel;

// What `act` writes to descriptor 2.
template <class F>
std::string stderr_of(F&& act) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const int saved = dup(STDERR_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[1]);
    act();
    dup2(saved, STDERR_FILENO);
    close(saved);
    std::string text(4096, '\0');
    const ssize_t n = read(pipe_ends[0], text.data(), text.size());
    close(pipe_ends[0]);
    text.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return text;
}

}  // namespace

TEST_CASE("a log spec is levels for all and for areas, left to right") {
    LogLevels levels;
    CHECK(levels.get(LogArea::Load) == LogLevel::Error);
    CHECK_FALSE(levels.apply("info,signal=trace"));
    CHECK(levels.get(LogArea::Load) == LogLevel::Info);
    CHECK(levels.get(LogArea::Signal) == LogLevel::Trace);
    CHECK(levels.wants(LogArea::Load, LogLevel::Warn));
    CHECK_FALSE(levels.wants(LogArea::Load, LogLevel::Debug));
    CHECK_FALSE(levels.apply("signal=error,warn"));
    CHECK(levels.get(LogArea::Signal) == LogLevel::Warn);
    CHECK_FALSE(levels.apply(""));
}

TEST_CASE("a wrong log spec changes nothing and says what is possible") {
    LogLevels levels;
    CHECK(*levels.apply("warn,load=loud") == "'loud' is not a level: error, warn, info, debug, trace");
    CHECK(*levels.apply("warn,lod=info") ==
          "'lod' is not an area: load, link, syscall, signal, thread, memory, shim, wasi");
    CHECK(*levels.apply(",") == "'' is not a level: error, warn, info, debug, trace");
    CHECK(levels == LogLevels());
}

TEST_CASE("levels can be handed on as a spec") {
    LogLevels levels;
    CHECK(levels.spec() == "error");
    REQUIRE_FALSE(levels.apply("debug,wasi=warn,load=trace"));
    LogLevels again;
    REQUIRE_FALSE(again.apply(levels.spec()));
    CHECK(again == levels);
}

TEST_CASE("lines are filtered by area and shown without control characters") {
    LogLevels levels;
    REQUIRE_FALSE(levels.apply("wasi=info"));
    const std::string text = stderr_of([&] {
        start_log(levels);
        log_line(LogLevel::Info, "wasi", "a\nb\x1b[1m");
        log_line(LogLevel::Debug, "wasi", "not shown");
        log_line(LogLevel::Info, "link", "not shown");
    });
    start_log(LogLevels());
    CHECK(text == "wali-run: info: wasi: a\\x0ab\\x1b[1m\n");
}

TEST_CASE("nothing is written to a descriptor that the guest has put in place of stderr") {
    int other[2];
    REQUIRE(pipe(other) == 0);
    const std::string text = stderr_of([&] {
        start_log(LogLevels());
        report_error("f", "seen");
        const int ours = dup(STDERR_FILENO);
        dup2(other[1], STDERR_FILENO);
        report_error("f", "not seen");
        dup2(ours, STDERR_FILENO);
        close(ours);
    });
    start_log(LogLevels());
    fcntl(other[0], F_SETFL, O_NONBLOCK);
    char byte = 0;
    CHECK(read(other[0], &byte, 1) == -1);
    close(other[0]);
    close(other[1]);
    CHECK(text == "wali-run: f: seen\n");
}
