// SPDX-License-Identifier: Apache-2.0
// What is said about a file that is no module. Its exit statuses are tested through the program (cli_test.py).
#include "cli/module_file.h"

#include <catch2/catch.hpp>
#include <string_view>

namespace {

std::string why(std::string_view bytes) {
    return cli::why_not_a_module({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace

TEST_CASE("what a file is that is no module") {
    using namespace std::string_view_literals;
    CHECK(why("\0asm\1\0\0\0"sv).empty());
    CHECK(why("\0asm\2\0\0\0"sv).empty());  // the decoder's matter
    CHECK(why(""sv) == "empty file, not a WebAssembly module");
    CHECK(why("\0asm\1"sv) == "truncated: only the start of a WebAssembly header");
    CHECK(why("\0aot\3\0\0\0"sv).starts_with("a WAMR AOT file"));
    CHECK(why("\0asm\x0d\0\1\0"sv).starts_with("a WebAssembly component"));
    CHECK(why("\x7f"
              "ELF\2\1\1\0"sv)
              .starts_with("a native ELF file"));
    CHECK(why("#!/bin/sh\n"sv).starts_with("a script"));
    CHECK(why("(module)"sv).starts_with("WebAssembly text"));
    CHECK(why("hello\n"sv).starts_with("text"));
    CHECK(why("\0as"sv) == "too short for a WebAssembly module");
    CHECK(why("\x89PNG\r\n\x1a\n\0\0"sv) == "not a WebAssembly module");
}
