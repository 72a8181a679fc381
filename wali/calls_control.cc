// SPDX-License-Identifier: Apache-2.0
// fcntl, ioctl and prctl: what the last argument is depends on the command (options.def).
#include "calls.h"
#include "dispatch.h"
#include "options.h"

#include <fmt/format.h>

namespace wali {

namespace {

// The argument as the kernel wants it.
long command_argument(const Call& call, const Command& command, uint32_t low) {
    switch (command.argument) {
        case CommandArg::None:
        case CommandArg::OpenFlagsBack: return 0;
        case CommandArg::OpenFlags: return host_open_flags(static_cast<int32_t>(low));
        case CommandArg::Number: return static_cast<int32_t>(low);
        case CommandArg::Fd: {
            const auto fd = static_cast<int32_t>(low);
            return call.process.fds.owns(fd) ? -1 : fd;
        }
        case CommandArg::In:
        case CommandArg::Out:
        case CommandArg::InOut: break;
    }
    return register_of_pointer(call.kernel_range(wasm::GuestAddr{low}, command.bytes));
}

SysResult refused(const Call& call, uint32_t command, int error) {
    call.process.log(wasm::LogLevel::Info, "syscall",
                     fmt::format("{} command {:#x} is not known and not passed on", call.row.name, command));
    return SysResult::fail(error);
}

// SIOCGIFCONF: {length, address of ifreq[]}. A null address asks for the length needed.
SysResult interface_list(const Call& call, Fd fd, wasm::GuestPtr<Ifconf> at) {
    auto guest = call.load(at);
    if (!guest) return SysResult::fail(EFAULT);
    struct {
        int32_t length;
        std::byte* buffer;
    } host{guest->length, nullptr};
    if (guest->length < 0) return SysResult::fail(EINVAL);
    host.buffer = call.kernel_range(guest->buffer, static_cast<uint32_t>(guest->length));
    constexpr long kSiocgifconf = 0x8912;
    const SysResult result = call.kernel(fd.value, kSiocgifconf, &host);
    if (result.failed() || result.not_started()) return result;
    guest->length = host.length;
    return call.store(at, *guest) ? result : SysResult::fail(EFAULT);
}

// FICLONERANGE: the structure names the descriptor to copy from.
SysResult clone_range(const Call& call, Fd fd, uint32_t request, CommandAddress at) {
    struct Range {
        int64_t from;
        uint64_t offset, bytes, to;
    };
    auto range = call.load(wasm::GuestPtr<Range>{at.at});
    if (!range) return call.kernel(fd.value, request, bad_pointer());
    if (call.process.fds.owns(static_cast<int>(range->from))) range->from = -1;
    return call.kernel(fd.value, request, &*range);
}

}  // namespace

SysResult sys_fcntl(Call& call, Fd fd, FcntlCommand command, VarArg argument) {
    const auto code = static_cast<uint32_t>(command.value);
    const Command* known = find_fcntl(code);
    if (known == nullptr) return fd.value < 0 ? SysResult::fail(EBADF) : refused(call, code, EINVAL);
    const SysResult result = call.kernel(fd.value, code, command_argument(call, *known, argument.low));
    if (known->argument != CommandArg::OpenFlagsBack || result.failed() || result.not_started()) return result;
    return SysResult::ok(guest_open_flags(result.value()));
}

SysResult sys_ioctl(Call& call, Fd fd, IoctlRequest request, CommandAddress argument) {
    constexpr uint32_t kSiocgifconf = 0x8912;
    const auto code = static_cast<uint32_t>(request.value);
    constexpr uint32_t kFiclonerange = 0x4020940D;
    if (code == kSiocgifconf) return interface_list(call, fd, {argument.at});
    if (code == kFiclonerange) return clone_range(call, fd, code, argument);
    const Command* known = find_ioctl(code);
    if (known != nullptr) {
        return call.kernel(fd.value, code, command_argument(call, *known, wasm::raw(argument.at)));
    }
    // A descriptor that is not open is EBADF first; F_GETFD tells without any effect.
    const bool open = fd.value >= 0 && wali::kernel(SYS_fcntl, fd.value, 1) >= 0;
    return open ? refused(call, code, ENOTTY) : SysResult::fail(EBADF);
}

SysResult sys_prctl(Call& call, PrctlOption option, VarArg a, VarArg b, VarArg c, VarArg d) {
    const auto code = static_cast<uint32_t>(option.value);
    const Command* known = find_prctl(code);
    if (known == nullptr) return refused(call, code, EINVAL);
    const long rest[] = {b.integer(), c.integer(), d.integer()};
    const auto more = [&](int i) { return known->more > i ? rest[i] : 0L; };
    return call.kernel(option.value, command_argument(call, *known, a.low), more(0), more(1), more(2));
}

}  // namespace wali
