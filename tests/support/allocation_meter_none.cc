// SPDX-License-Identifier: Apache-2.0
// Where `operator new` cannot be replaced, nothing is counted.
#include "support/allocation_meter.h"

namespace wasm::test {

AllocationMeter::AllocationMeter() : start_(0) {}

size_t AllocationMeter::peak() const { return start_; }

}  // namespace wasm::test
