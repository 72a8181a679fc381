// SPDX-License-Identifier: Apache-2.0
// Cursor over bytes of the module with a sticky fault: after the first fault every read yields 0 and the cursor
// stands at the end, so that callers check once per entry instead of once per byte.
#pragma once

#include "decode/errors.h"
#include "decode/limits.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace wasm {

using Bytes = std::span<const uint8_t>;

class Reader {
  public:
    // Reads [pos, end). `begin` is module offset `begin_offset`; `file_end` (>= end) is where the module ends.
    Reader(const uint8_t* begin, uint64_t begin_offset, const uint8_t* pos, const uint8_t* end, const uint8_t* file_end)
        : pos_(pos), end_(end), begin_(begin), begin_offset_(begin_offset), file_end_(file_end) {}

    bool at_end() const { return pos_ == end_; }
    const uint8_t* pos() const { return pos_; }
    const uint8_t* end() const { return end_; }
    size_t remaining() const { return static_cast<size_t>(end_ - pos_); }
    uint64_t offset() const { return offset_of(pos_); }
    uint64_t offset_of(const uint8_t* p) const { return begin_offset_ + static_cast<uint64_t>(p - begin_); }

    bool failed() const { return fault_ != nullptr; }
    // First fault wins. `message` lives forever.
    [[gnu::cold]] void fail(const char* message, const uint8_t* at) {
        if (fault_) return;
        fault_ = message;
        fault_at_ = at;
        pos_ = end_;
    }
    // `value` is appended to the message in hexadecimal.
    [[gnu::cold]] void fail(const char* message, const uint8_t* at, uint64_t value) {
        if (fault_) return;
        fail(message, at);
        value_ = value;
        kind_ = FaultKind::Value;
    }
    [[gnu::cold]] void fail_limit(const char* what, const uint8_t* at, uint64_t count, uint64_t limit) {
        if (fault_) return;
        fail(what, at);
        value_ = count;
        limit_ = limit;
        kind_ = FaultKind::Limit;
    }
    // A fault found by a nested decoder.
    [[gnu::cold]] void fail(Error error) {
        if (fault_) return;
        fail("", pos_);
        nested_ = std::make_unique<Error>(std::move(error));
    }
    [[gnu::cold]] Error error() const {
        if (nested_) return *nested_;
        const uint64_t at = offset_of(fault_at_);
        if (kind_ == FaultKind::Limit) return over_limit(fault_, value_, limit_, at);
        if (kind_ == FaultKind::Value) return malformed(fmt::format("{} 0x{:02x}", fault_, value_), at);
        return malformed(fault_, at);
    }
    Result<void> status() const {
        if (failed()) [[unlikely]]
            return error();
        return {};
    }

    uint8_t peek() const { return at_end() ? uint8_t{0} : *pos_; }
    uint8_t u8() {
        if (at_end()) [[unlikely]] {
            fail_end();
            return 0;
        }
        return *pos_++;
    }
    uint32_t u32() {
        if (pos_ != end_ && *pos_ < 0x80) [[likely]]
            return *pos_++;
        return static_cast<uint32_t>(unsigned_leb(32));
    }
    uint64_t u64() {
        if (pos_ != end_ && *pos_ < 0x80) [[likely]]
            return *pos_++;
        return unsigned_leb(64);
    }
    int32_t s32() { return static_cast<int32_t>(signed_leb(32)); }
    int64_t s33() { return signed_leb(33); }
    int64_t s64() { return signed_leb(64); }
    template <class T>
    T fixed() {
        T value{};
        if (remaining() < sizeof value) [[unlikely]] {
            fail("unexpected end of section or function", end_);
            return value;
        }
        std::memcpy(&value, pos_, sizeof value);
        pos_ += sizeof value;
        return value;
    }

    // Number of entries that follow. Entries take at least one byte each, so a count beyond the end of the
    // module is refused at once; callers still must not reserve by it.
    uint32_t count() {
        const uint8_t* at = pos_;
        const uint32_t n = u32();
        if (n > static_cast<uint64_t>(file_end_ - at) && !failed()) [[unlikely]]
            fail("length out of bounds", at);
        return failed() ? 0 : n;
    }
    Bytes bytes(size_t n) {
        if (n > remaining()) [[unlikely]] {
            fail_end();
            return {};
        }
        const Bytes result(pos_, n);
        pos_ += n;
        return result;
    }
    void skip(size_t n) { (void)bytes(n); }

  private:
    enum class FaultKind : uint8_t { Plain, Value, Limit };

    [[gnu::cold]] void fail_end() { fail("unexpected end of section or function", end_); }

    // Spec §5.2.2: at most ceil(bits / 7) bytes, unused bits of the last one are zero.
    uint64_t unsigned_leb(unsigned bits) {
        const uint8_t* at = pos_;
        uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            if (shift >= bits) [[unlikely]]
                return fail("integer representation too long", at), 0;
            if (at_end()) [[unlikely]]
                return fail_end(), 0;
            const uint8_t byte = *pos_++;
            const uint8_t payload = byte & 0x7F;
            if (shift + 7 > bits && payload >> (bits - shift) != 0) [[unlikely]] {
                return fail("integer too large", at), 0;
            }
            value |= uint64_t{payload} << shift;
            if (byte < 0x80) return value;
        }
    }
    // As above; unused bits repeat the sign.
    int64_t signed_leb(unsigned bits) {
        const uint8_t* at = pos_;
        uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            if (shift >= bits) [[unlikely]]
                return fail("integer representation too long", at), 0;
            if (at_end()) [[unlikely]]
                return fail_end(), 0;
            const uint8_t byte = *pos_++;
            const uint8_t payload = byte & 0x7F;
            if (shift + 7 > bits) {
                const unsigned mask = (0x7FU << (bits - shift - 1)) & 0x7F;
                if ((payload & mask) != 0 && (payload & mask) != mask) [[unlikely]] {
                    return fail("integer too large", at), 0;
                }
            }
            value |= uint64_t{payload} << shift;
            if (byte < 0x80) {
                if (shift + 7 < 64 && (byte & 0x40) != 0) value |= ~uint64_t{0} << (shift + 7);
                return static_cast<int64_t>(value);
            }
        }
    }

    const uint8_t* pos_;
    const uint8_t* end_;
    const uint8_t* begin_;
    uint64_t begin_offset_;
    const uint8_t* file_end_;
    const char* fault_ = nullptr;
    const uint8_t* fault_at_ = nullptr;
    uint64_t value_ = 0;
    uint64_t limit_ = 0;
    FaultKind kind_ = FaultKind::Plain;
    std::unique_ptr<Error> nested_;
};

}  // namespace wasm
