// SPDX-License-Identifier: Apache-2.0
// A test script of the official suite in the binary form that ../gen writes (../gen/FORMAT.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spec {

// The codes of FORMAT.md.
enum class Op : uint8_t {
    Module = 1,
    Definition,
    Instance,
    Register,
    Action,
    AssertReturn,
    AssertTrap,
    AssertTrapModule,
    AssertExhaustion,
    AssertException,
    AssertInvalid,
    AssertMalformed,
    AssertUnlinkable,
    TextOnly,
    Unconverted,
};
bool is_assertion(Op op);

enum class ValueKind : uint8_t { Bits, NullRef, HostRef, NonNullRef };

// An argument, or one acceptable result.
struct ScriptValue {
    ValueKind kind = ValueKind::Bits;
    uint8_t type = 0;        // binary code of a number, vector or heap type; 0: any
    uint8_t lane_bytes = 0;  // of the lanes that the masks speak of
    uint8_t canonical = 0;   // lanes that may be any canonical NaN
    uint8_t arithmetic = 0;  // lanes that may be any arithmetic NaN
    uint64_t bits = 0;
    uint64_t high_bits = 0;
};

struct Action {
    bool is_get = false;
    std::string_view module;  // empty: the last instance
    std::string_view field;
    std::vector<ScriptValue> args;
};

using Alternatives = std::vector<ScriptValue>;

// Which fields are set depends on op. Views are into the script's bytes.
struct Command {
    Op op = Op::Unconverted;
    uint32_t line = 0;
    std::string_view name;    // of a module, definition or instance; the name to register under
    std::string_view target;  // what an instance or a registration refers to
    std::string_view text;    // expected message, or why the command was not converted
    std::span<const uint8_t> binary;
    Action action;
    std::vector<Alternatives> expected;
};

struct Script {
    std::vector<uint8_t> bytes;
    std::vector<Command> commands;
};

// nullopt: the file is missing or not a script.
std::optional<Script> load_script(const std::string& path);

}  // namespace spec
