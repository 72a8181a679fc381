// SPDX-License-Identifier: Apache-2.0
// Mounts by number: what they are and which there are; file systems set up step by step.
#include "calls.h"
#include "extensible.h"
#include "guest_string.h"

namespace wali {

SysResult sys_statmount(Call& call, InAt<MountRequest> request, BytesOut out, Int flags) {
    return call.kernel(Extensible::sized(call, request.at.at).kernel(), out.kernel, out.count, flags.value);
}

SysResult sys_listmount(Call& call, InAt<MountRequest> request, ArrayOut<uint64_t> out, Int flags) {
    return call.kernel(Extensible::sized(call, request.at.at).kernel(), out.kernel, out.count, flags.value);
}

// What follows a key depends on the command.
SysResult sys_fsconfig(Call& call, Fd context, FsconfigCommand command, String key, GuestAddress value, Int more) {
    enum { kString = 1, kBinary = 2, kPath = 3, kPathEmpty = 4, kFd = 5 };
    const auto make = [&](const void* host, int last) {
        return call.kernel(context.value, command.value, key.kernel, host, last);
    };
    const int named = call.process.fds.owns(more.value) ? -1 : more.value;
    switch (command.value) {
        case kString: return make(GuestString(call, value.at).kernel(), more.value);
        case kBinary: return make(call.kernel_range(value.at, static_cast<uint32_t>(more.value)), more.value);
        case kPath:
        case kPathEmpty: return make(GuestString(call, value.at).kernel(), named);
        case kFd: return make(call.kernel_range(value.at, 0), named);
        default: return make(call.kernel_range(value.at, 0), more.value);  // only whether there is one counts
    }
}

}  // namespace wali
