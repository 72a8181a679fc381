// SPDX-License-Identifier: Apache-2.0
// Operand types of the function under validation.
#pragma once

#include "decode/limits.h"

#include <wasm/types.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

namespace wasm {

using Types = std::span<const ValType>;

// Pushes beyond kMaxOperands are dropped and remembered: overflowed() must be looked at before the stack is trusted.
class TypeStack {
  public:
    uint32_t size() const { return size_; }
    bool overflowed() const { return overflowed_; }
    ValType from_top(uint32_t depth) const { return data_[size_ - 1 - depth]; }
    Types top(uint32_t n) const { return {data_.get() + (size_ - n), n}; }
    void truncate(uint32_t size) { size_ = size; }
    void drop(uint32_t n) { size_ -= n; }
    void clear() {
        size_ = 0;
        overflowed_ = false;
    }
    void push(ValType type) {
        if (size_ == capacity_) [[unlikely]] {
            if (!grow(1)) return;
        }
        data_[size_++] = type;
    }
    void push(Types types) {
        const auto n = static_cast<uint32_t>(types.size());
        if (n > capacity_ - size_) [[unlikely]] {
            if (!grow(n)) return;
        }
        std::copy(types.begin(), types.end(), data_.get() + size_);
        size_ += n;
    }

  private:
    [[gnu::cold]] bool grow(uint32_t n) {
        if (n > kMaxOperands - size_) {
            overflowed_ = true;
            return false;
        }
        capacity_ = std::min(std::max({size_ + n, 2 * capacity_, uint32_t{64}}), kMaxOperands);
        auto bigger = std::make_unique_for_overwrite<ValType[]>(capacity_);
        std::copy_n(data_.get(), size_, bigger.get());
        data_ = std::move(bigger);
        return true;
    }

    std::unique_ptr<ValType[]> data_;
    uint32_t size_ = 0;
    uint32_t capacity_ = 0;
    bool overflowed_ = false;
};

// Spec §3.3: is a value of type `actual` acceptable where `expected` is asked for?
constexpr bool matches(ValType actual, ValType expected) { return actual == expected || actual.is_bottom(); }
inline bool matches(Types actual, Types expected) {
    return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end(),
                      [](ValType a, ValType e) { return matches(a, e); });
}

}  // namespace wasm
