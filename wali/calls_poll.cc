// SPDX-License-Identifier: Apache-2.0
// Waiting on descriptors, where more than decoding is needed.
#include "calls.h"
#include "dispatch.h"

namespace wali {

// The sixth argument is a pointer to {pointer to a signal set, its size}, both 64 bits wide in the guest too.
SysResult sys_pselect6(Call& call, FdSets sets, InOut<Timespec> timeout, InAt<SigsetArg> mask) {
    struct {
        std::byte* set;
        uint64_t size;
    } host{nullptr, 0};
    if (mask) {
        const auto guest = call.load(mask.at);
        if (!guest || guest->address > UINT32_MAX) return SysResult::fail(EFAULT);
        host = {call.kernel_range(wasm::GuestAddr{static_cast<uint32_t>(guest->address)}, sizeof(Sigset)), guest->size};
    }
    return call.kernel(sets.count, sets.kernel[0], sets.kernel[1], sets.kernel[2], timeout.kernel,
                       mask ? &host : nullptr);
}

}  // namespace wali
