// SPDX-License-Identifier: Apache-2.0
// How a failure that is not a trap travels: bad module, failed link, host refusal.
// Result<T> has the spelling of C++23's std::expected, so that it can be replaced by it.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace wasm {

enum class ErrorKind : uint8_t {
    Malformed,   // the bytes are not a module (spec §5)
    Invalid,     // the module breaks a validation rule (spec §3)
    Unlinkable,  // an import is missing or has another type (spec §4.5.4)
    Limit,       // a documented limit of this implementation
    Resource,    // the host refused memory, a file, a thread
};

struct Error {
    ErrorKind kind = ErrorKind::Malformed;
    std::string message;                 // one line without the place, e.g. "type mismatch: expected i32"
    std::optional<uint64_t> offset;      // bytes from the start of the module
    std::string section;                 // "code", "import", … ; empty when not inside one
    std::optional<uint32_t> func_index;  // in the function index space
    std::string func_name;               // when the name section or an export names it

    // "type mismatch: expected i32 (offset 0x1f3, code section, function 12 'main')": always one line.
    std::string describe() const;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
    explicit operator bool() const { return state_.index() == 0; }
    bool has_value() const { return state_.index() == 0; }
    T& value() & { return get(); }
    T&& value() && { return std::move(get()); }
    const T& value() const& { return *std::get_if<0>(&state_); }
    T& operator*() { return get(); }
    T* operator->() { return &get(); }
    const Error& error() const& { return *std::get_if<1>(&state_); }
    Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

  private:
    T& get() {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}
    explicit operator bool() const { return !error_; }
    bool has_value() const { return !error_; }
    void value() const {}
    const Error& error() const& { return *error_; }
    Error&& error() && { return std::move(*error_); }

  private:
    std::optional<Error> error_;
};

// Evaluates to the value, or returns the error from the enclosing function.
#define WASM_TRY(expr)                            \
    __extension__({                               \
        auto try_result = (expr);                 \
        if (!try_result) [[unlikely]]             \
            return std::move(try_result).error(); \
        std::move(try_result).value();            \
    })

}  // namespace wasm
