// SPDX-License-Identifier: Apache-2.0
// Words to values and back, for --invoke.
#include "cli/values.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace {

using cli::format_value;
using cli::parse_value;
using wasm::Value;

std::string round_trip(wasm::ValType type, std::string_view word) {
    auto value = parse_value(type, word);
    return value ? format_value(*value) : value.error().message;
}

}  // namespace

TEST_CASE("integers are read signed or unsigned, decimal or hexadecimal") {
    CHECK(round_trip(wasm::kI32, "-1") == "-1");
    CHECK(round_trip(wasm::kI32, "4294967295") == "-1");
    CHECK(round_trip(wasm::kI32, "0xffffffff") == "-1");
    CHECK(round_trip(wasm::kI32, "-0x80000000") == "-2147483648");
    CHECK(round_trip(wasm::kI64, "18446744073709551615") == "-1");
    CHECK(round_trip(wasm::kI64, "-9223372036854775808") == "-9223372036854775808");
    for (const char* bad : {"", "-", "1x", "4294967296", "-2147483649", "0x", "1.0", " 1"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_value(wasm::kI32, bad));
    }
    CHECK(round_trip(wasm::kI32, "one") == "'one' is not a value of type i32");
}

TEST_CASE("floats are printed in the fewest digits") {
    CHECK(round_trip(wasm::kF64, "0.1") == "0.1");
    CHECK(round_trip(wasm::kF32, "0.1") == "0.1");
    CHECK(round_trip(wasm::kF64, "0x1.8p1") == "3");
    CHECK(round_trip(wasm::kF64, "-inf") == "-inf");
    CHECK(round_trip(wasm::kF64, "-0") == "-0");
    CHECK(round_trip(wasm::kF32, "nan") == "nan");
    CHECK_FALSE(parse_value(wasm::kF64, ""));
    CHECK_FALSE(parse_value(wasm::kF64, "1.5 "));
}

TEST_CASE("references can only be null") {
    CHECK(round_trip(wasm::kFuncRef, "null") == "null (funcref)");
    CHECK_FALSE(parse_value(wasm::kFuncRef, "7"));
    CHECK(round_trip(wasm::kV128, "0") == "'0': no way to write a v128 here");
}

TEST_CASE("the number of words must be the function's") {
    const wasm::FuncType type{{wasm::kI32, wasm::kF64}, {}};
    const std::string words[] = {"1", "2.5"};
    auto values = cli::parse_values(type, words);
    REQUIRE(values);
    CHECK(values->at(0).as_i32() == 1);
    CHECK(values->at(1).as_f64() == 2.5);
    CHECK_FALSE(cli::parse_values(type, std::span(words).first(1)));
}
