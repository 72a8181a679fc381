// SPDX-License-Identifier: Apache-2.0
// Extended attributes by way of a structure, and what security modules say of a process.
#include "calls.h"
#include "extensible.h"

namespace wali {

namespace {

SysResult with_value(const Call& call, DirFd dir, Path path, AtFlags flags, String name, BytesIn given) {
    Extensible arguments(call, given.at, given.count);
    if (auto* attribute = arguments.as<XattrArgs>()) {
        if (attribute->value > UINT32_MAX) return SysResult::fail(EFAULT);
        const wasm::GuestAddr at{static_cast<uint32_t>(attribute->value)};
        attribute->value = reinterpret_cast<uintptr_t>(call.kernel_range(at, attribute->size));
    }
    return call.kernel(dir.value, path.kernel, flags.value, name.kernel, arguments.kernel(), given.count);
}

// A buffer whose length the kernel reads and writes. At least as much of it is looked at as the kernel does.
SysResult with_length(const Call& call, OptionOut out, uint64_t least, auto make) {
    auto room = call.load(out.length);
    if (!room) {
        std::byte* nowhere = wasm::raw(out.length.at) == 0 ? nullptr : bad_pointer();
        return make(call.kernel_range(out.at, 0), reinterpret_cast<uint32_t*>(nowhere));
    }
    const uint32_t before = *room;
    const SysResult result = make(call.kernel_range(out.at, std::max<uint64_t>(before, least)), &*room);
    const bool said = *room != before || !result.failed();  // how much it needs, also if that is too much
    return said && !call.store(out.length, *room) ? SysResult::fail(EFAULT) : result;
}

}  // namespace

SysResult sys_setxattrat(Call& call, DirFd dir, Path path, AtFlags flags, String name, BytesIn arguments) {
    return with_value(call, dir, path, flags, name, arguments);
}

SysResult sys_getxattrat(Call& call, DirFd dir, Path path, AtFlags flags, String name, BytesIn arguments) {
    return with_value(call, dir, path, flags, name, arguments);
}

SysResult sys_lsm_get_self_attr(Call& call, LsmAttribute attribute, OptionOut contexts, Int flags) {
    constexpr uint64_t kContextHead = 32;  // names the module that is asked, with LSM_FLAG_SINGLE
    return with_length(call, contexts, kContextHead, [&](std::byte* buffer, uint32_t* bytes) {
        return call.kernel(attribute.value, buffer, bytes, flags.value);
    });
}

SysResult sys_lsm_list_modules(Call& call, OptionOut list, Int flags) {
    return with_length(call, list, 0,
                       [&](std::byte* buffer, uint32_t* bytes) { return call.kernel(buffer, bytes, flags.value); });
}

}  // namespace wali
