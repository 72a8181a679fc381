// SPDX-License-Identifier: Apache-2.0
// Mutations of modules: what is written over is mostly what decoders and validators stumble over.
#pragma once

#include "support/module_builder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace wasm::test {

// Numbers that depend on the seed alone (splitmix64): a mutant is known by its seed and its number.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        state_ += 0x9E3779B97F4A7C15;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
    size_t below(size_t n) { return n == 0 ? 0 : static_cast<size_t>(next() % n); }
    bool chance(size_t one_in) { return below(one_in) == 0; }

  private:
    uint64_t state_;
};

class Mutator {
  public:
    Mutator(std::span<const Buffer> seeds, uint64_t seed) : seeds_(seeds), random_(seed) {}

    Buffer next() {
        Buffer bytes = seeds_[random_.below(seeds_.size())];
        for (size_t edits = 1 + random_.below(6); edits > 0 && bytes.size() > kHeader; --edits) edit(bytes);
        return bytes;
    }

  private:
    static constexpr size_t kHeader = 8;       // magic and version: without them nothing is read
    static constexpr size_t kLongestRun = 40;  // of bytes that move, are added or taken away

    size_t place(const Buffer& bytes) { return kHeader + random_.below(bytes.size() - kHeader); }
    ptrdiff_t offset(const Buffer& bytes) { return static_cast<ptrdiff_t>(place(bytes)); }

    uint8_t odd_byte() {
        static constexpr std::array<uint8_t, 22> kOdd{0x00, 0x01, 0x02, 0x0B, 0x10, 0x11, 0x3F, 0x40, 0x41, 0x63, 0x64,
                                                      0x69, 0x70, 0x7B, 0x7C, 0x7E, 0x7F, 0x80, 0xD0, 0xFC, 0xFE, 0xFF};
        return random_.chance(2) ? kOdd[random_.below(kOdd.size())] : static_cast<uint8_t>(random_.next());
    }

    void edit(Buffer& bytes) {
        switch (random_.below(9)) {
            case 0: bytes[place(bytes)] ^= static_cast<uint8_t>(1U << random_.below(8)); return;
            case 1:
            case 2:
            case 3: bytes[place(bytes)] = odd_byte(); return;
            case 4: --bytes[place(bytes)]; return;
            case 5: ++bytes[place(bytes)]; return;
            case 6: copy_within(bytes); return;
            case 7: splice(bytes); return;
            default: move_boundary(bytes); return;
        }
    }
    // Length stays: sections still end where they say.
    void copy_within(Buffer& bytes) {
        const size_t from = place(bytes), to = place(bytes);
        const size_t count = std::min({1 + random_.below(kLongestRun), bytes.size() - from, bytes.size() - to});
        const Buffer run(bytes.begin() + static_cast<ptrdiff_t>(from),
                         bytes.begin() + static_cast<ptrdiff_t>(from + count));
        std::copy(run.begin(), run.end(), bytes.begin() + static_cast<ptrdiff_t>(to));
    }
    void splice(Buffer& bytes) {
        const Buffer& other = seeds_[random_.below(seeds_.size())];
        if (other.size() <= kHeader) return;
        const size_t from = place(other), to = place(bytes);
        const size_t count = std::min({1 + random_.below(kLongestRun), other.size() - from, bytes.size() - to});
        std::copy_n(other.begin() + static_cast<ptrdiff_t>(from), count, bytes.begin() + static_cast<ptrdiff_t>(to));
    }
    void move_boundary(Buffer& bytes) {
        if (random_.chance(3)) {
            bytes.resize(place(bytes));
        } else if (random_.chance(2)) {
            bytes.insert(bytes.begin() + offset(bytes), odd_byte());
        } else {
            bytes.erase(bytes.begin() + offset(bytes));
        }
    }

    std::span<const Buffer> seeds_;
    Random random_;
};

}  // namespace wasm::test
