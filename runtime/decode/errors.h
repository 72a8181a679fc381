// SPDX-License-Identifier: Apache-2.0
// Errors of the decoder and the validator, spelled shortly.
#pragma once

#include <wasm/result.h>

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

namespace wasm {

inline Error make_error(ErrorKind kind, std::string message, uint64_t offset) {
    Error error;
    error.kind = kind;
    error.message = std::move(message);
    error.offset = offset;
    return error;
}
[[gnu::cold]] inline Error malformed(std::string message, uint64_t offset) {
    return make_error(ErrorKind::Malformed, std::move(message), offset);
}
[[gnu::cold]] inline Error invalid(std::string message, uint64_t offset) {
    return make_error(ErrorKind::Invalid, std::move(message), offset);
}
[[gnu::cold]] inline Error over_limit(std::string_view what, uint64_t count, uint64_t limit, uint64_t offset) {
    return make_error(ErrorKind::Limit, fmt::format("{}: {}, the limit is {}", what, count, limit), offset);
}

}  // namespace wasm
