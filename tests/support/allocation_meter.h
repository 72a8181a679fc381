// SPDX-License-Identifier: Apache-2.0
// How much heap a piece of code needs at its peak: the test's replacement for `operator new` counts.
#pragma once

#include <cstddef>

namespace wasm::test {

// Counts from its construction. One at a time, on one thread.
class AllocationMeter {
  public:
    AllocationMeter();
    // Largest number of bytes alive at once, above what was alive at construction.
    size_t peak() const;

  private:
    size_t start_;
};

}  // namespace wasm::test
