// SPDX-License-Identifier: Apache-2.0
// How each trap ends the process, and what its report says.
#include "cli/exit_status.h"

#include "cli/trap_report.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

using wasm::TrapKind;

namespace {
cli::TrapEnd end_of(TrapKind kind, std::string detail = {}) {
    wasm::Trap trap;
    trap.kind = kind;
    trap.detail = std::move(detail);
    return cli::end_of(trap);
}
}  // namespace

TEST_CASE("every trap ends by a signal or one of our statuses, never both") {
    constexpr TrapKind kinds[] = {
#define TRAP(id, text) TrapKind::id,
        WASM_TRAPS(TRAP)
#undef TRAP
    };
    for (const TrapKind kind : kinds) {
        const cli::TrapEnd end = end_of(kind);
        CAPTURE(to_string(kind));
        CHECK((end.signal == 0) != (end.status == 0));
        CHECK((end.status == 0 || end.status == cli::kOwnFailure || end.status == cli::kNotRunnable));
    }
    CHECK(end_of(TrapKind::OutOfBoundsMemory).signal == SIGSEGV);
    CHECK(end_of(TrapKind::MemoryFault).signal == SIGSEGV);
    CHECK(end_of(TrapKind::MemoryFault, "SIGBUS: beyond").signal == SIGBUS);
    CHECK(end_of(TrapKind::IntegerDivideByZero).signal == SIGFPE);
    CHECK(end_of(TrapKind::InvalidBody).status == cli::kNotRunnable);
}

TEST_CASE("a failed load ends with the status of its cause") {
    CHECK(cli::status_of(wasm::ErrorKind::Malformed) == cli::kNotRunnable);
    CHECK(cli::status_of(wasm::ErrorKind::Unlinkable) == cli::kNotRunnable);
    CHECK(cli::status_of(cli::own_failure("x").kind) == cli::kOwnFailure);
    CHECK(cli::status_of(cli::not_runnable("x").kind) == cli::kNotRunnable);
}

TEST_CASE("a trap report names the place and cuts a long backtrace in the middle") {
    wasm::Trap trap;
    trap.kind = TrapKind::OutOfBoundsMemory;
    trap.fault_address = 0x10000;
    trap.backtrace = {{3, 0x41, "in\nner", "m", false}, {2, 0, "", "m", false}, {0, 0, "SYS_write", "", true}};
    CHECK(cli::describe_trap("m.wasm", trap) ==
          "wali-run: m.wasm: trap: out of bounds memory access (address 0x10000) in in\\x0aner\n"
          "    #0   in\\x0aner at 0x41\n"
          "    #1   function 2\n"
          "    #2   SYS_write (host)\n");
    trap.backtrace.assign(100000, {1, 0x20, "f", "m", false});
    const std::string text = cli::describe_trap("m", trap);
    CHECK(std::count(text.begin(), text.end(), '\n') == 27);
    CHECK(text.find("… 99975 more\n    #99995 f at 0x20\n") != std::string::npos);
}
