// SPDX-License-Identifier: Apache-2.0
// The judge of the official suite must itself be able to say no.
#include "runner/match.h"
#include "runner/skips.h"

#include <catch2/catch.hpp>
#include <sstream>

using spec::matches;
using spec::message_matches;
using spec::ScriptValue;
using spec::ValueKind;
using wasm::Value;

namespace {

ScriptValue number(wasm::ValType type, uint64_t bits) {
    return {.type = static_cast<uint8_t>(type.kind()), .bits = bits};
}

Value value(wasm::ValType type, uint64_t bits, uint64_t high = 0) {
    Value v = Value::null(type);
    v.bits = bits;
    v.high_bits = high;
    return v;
}

}  // namespace

TEST_CASE("numbers match bit for bit and by type") {
    CHECK(matches(value(wasm::kI32, 0xFFFFFFFF00000007), number(wasm::kI32, 7)));  // the high half is unspecified
    CHECK_FALSE(matches(value(wasm::kI32, 8), number(wasm::kI32, 7)));
    CHECK_FALSE(matches(value(wasm::kI64, 7), number(wasm::kI32, 7)));
    CHECK_FALSE(matches(value(wasm::kI64, 0x100000007), number(wasm::kI64, 7)));
    CHECK_FALSE(matches(Value::f64(-0.0), number(wasm::kF64, 0)));
    CHECK_FALSE(matches(value(wasm::kV128, 1, 2), number(wasm::kV128, 1)));
}

TEST_CASE("NaN classes") {
    ScriptValue canonical = number(wasm::kF32, 0);
    canonical.lane_bytes = 4;
    canonical.canonical = 1;
    CHECK(matches(value(wasm::kF32, 0x7FC00000), canonical));
    CHECK(matches(value(wasm::kF32, 0xFFC00000), canonical));
    CHECK_FALSE(matches(value(wasm::kF32, 0x7FC00001), canonical));
    CHECK_FALSE(matches(value(wasm::kF32, 0x7F800000), canonical));
    ScriptValue arithmetic = number(wasm::kF64, 0);
    arithmetic.lane_bytes = 8;
    arithmetic.arithmetic = 1;
    CHECK(matches(value(wasm::kF64, 0xFFF8000000000001), arithmetic));
    CHECK_FALSE(matches(value(wasm::kF64, 0x7FF4000000000000), arithmetic));
    ScriptValue lanes = number(wasm::kV128, 5);
    lanes.lane_bytes = 8;
    lanes.canonical = 2;
    CHECK(matches(value(wasm::kV128, 5, 0x7FF8000000000000), lanes));
    CHECK_FALSE(matches(value(wasm::kV128, 0x7FF8000000000000, 5), lanes));
}

TEST_CASE("references") {
    const ScriptValue host{.kind = ValueKind::HostRef, .type = 0x6F, .bits = 0};
    const auto argument = to_argument(host, wasm::kExternRef);
    REQUIRE(argument);
    CHECK_FALSE(argument->is_null());
    CHECK(matches(*argument, host));
    CHECK_FALSE(matches(*argument, {.kind = ValueKind::HostRef, .type = 0x6F, .bits = 1}));
    CHECK_FALSE(matches(*argument, {.kind = ValueKind::NullRef}));
    CHECK_FALSE(matches(*argument, {.kind = ValueKind::NonNullRef, .type = 0x70}));
    CHECK_FALSE(to_argument(host, wasm::kI32));
    CHECK_FALSE(to_argument(number(wasm::kI64, 1), wasm::kI32));
}

TEST_CASE("messages match by their beginning, without the details of one implementation") {
    CHECK(message_matches("type mismatch: expected i32", "type mismatch"));
    CHECK(message_matches("unknown memory", "unknown memory 1"));
    CHECK(message_matches("type mismatch", "type mismatch: instruction requires [i32] but stack has []"));
    CHECK_FALSE(message_matches("a type mismatch", "type mismatch"));
    CHECK_FALSE(message_matches("unknown table", "unknown memory 1"));
    CHECK_FALSE(message_matches("", "unreachable"));
}

TEST_CASE("the list of skips") {
    const auto load = [](const char* text) {
        std::istringstream in(text);
        return spec::read_skips(in, "skips");
    };
    const auto list = load("# comment\n\na*.wast:3,5-7 because\nsimd/b.wast no lanes yet\n");
    CHECK(list.error.empty());
    REQUIRE(list.skips.size() == 3);
    CHECK(list.skips[1].matches("ab.wast"));
    CHECK_FALSE(list.skips[1].matches("a/b.wast"));
    CHECK((list.skips[1].covers(5) && list.skips[1].covers(7) && !list.skips[1].covers(8)));
    CHECK(list.skips[2].covers(1));
    CHECK(list.skips[2].reason == "no lanes yet");
    CHECK_FALSE(load("a.wast\n").error.empty());
    CHECK_FALSE(load("a.wast: why\n").error.empty());
    CHECK_FALSE(load("a.wast:7-5 why\n").error.empty());
    CHECK_FALSE(load("a.wast:x why\n").error.empty());
}
