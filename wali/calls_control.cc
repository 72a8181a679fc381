// SPDX-License-Identifier: Apache-2.0
// fcntl, ioctl and prctl: what the last argument is depends on the command (options.def).
#include "calls.h"
#include "command_argument.h"

#include <fmt/format.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/sockios.h>

#include <array>
#include <cstring>
#include <vector>

namespace wali {

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
        case CommandArg::InOut:
        case CommandArg::FdIn:
        case CommandArg::Own: break;
    }
    return register_of_pointer(call.kernel_range(wasm::GuestAddr{low}, command.bytes));
}

namespace {

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
    const SysResult result = call.kernel(fd.value, SIOCGIFCONF, &host);
    if (result.failed() || result.not_started()) return result;
    guest->length = host.length;
    return call.store(at, *guest) ? result : SysResult::fail(EFAULT);
}

// FS_IOC_FIEMAP: what is asked, and room for as many extents as it says. The kernel writes the former back whatever
// happens.
SysResult extents(const Call& call, Fd fd, wasm::GuestAddr at) {
    constexpr uint32_t kMostAtOnce = 1U << 16;  // the last one tells that there are more
    constexpr uint32_t kTooMany = UINT32_MAX / sizeof(fiemap_extent);
    auto asked = call.load(wasm::GuestPtr<Fiemap>{at});
    if (!asked) return call.kernel(fd.value, FS_IOC_FIEMAP, bad_pointer());
    const uint32_t room = asked->room;
    const uint32_t count = room > kTooMany ? 0 : std::min(room, kMostAtOnce);
    if (room <= kTooMany) asked->room = count;
    std::vector<std::byte> host(sizeof *asked + count * sizeof(fiemap_extent));
    std::memcpy(host.data(), &*asked, sizeof *asked);
    const SysResult result = call.kernel(fd.value, FS_IOC_FIEMAP, host.data());
    std::memcpy(&*asked, host.data(), sizeof *asked);
    asked->room = room;
    std::memcpy(host.data(), &*asked, sizeof *asked);
    const uint64_t filled = result.failed() ? 0 : std::min(asked->mapped, count);
    const bool written = call.memory.write(at, host.data(), sizeof *asked + filled * sizeof(fiemap_extent));
    return written || result.failed() ? result : SysResult::fail(EFAULT);
}

// A structure that begins with a descriptor: the kernel gets a copy.
SysResult with_descriptor(const Call& call, Fd fd, const Command& command, wasm::GuestAddr at) {
    alignas(8) std::array<std::byte, 304> copy{};
    int32_t named = -1;
    if (command.bytes > copy.size() || wasm::raw(at) == 0 || !call.memory.read(at, copy.data(), command.bytes)) {
        return call.kernel(fd.value, command.host, bad_pointer());
    }
    std::memcpy(&named, copy.data(), sizeof named);
    if (call.process.fds.owns(named)) named = -1;
    std::memcpy(copy.data(), &named, sizeof named);
    return call.kernel(fd.value, command.host, copy.data());
}

// FIDEDUPERANGE: what is compared, and with parts of how many other files, whose descriptors follow. The kernel says
// how many may be, and writes all of it back.
struct EqualRanges {
    uint64_t offset, length;
    uint16_t count, reserved[3];
};

SysResult equal_ranges(const Call& call, Fd fd, wasm::GuestAddr at) {
    const auto asked = call.load(wasm::GuestPtr<EqualRanges>{at});
    if (!asked) return call.kernel(fd.value, FIDEDUPERANGE, bad_pointer());
    const size_t count = asked->count;
    std::vector<std::byte> host(sizeof *asked + count * sizeof(file_dedupe_range_info));
    if (!call.memory.read(at, host.data(), host.size())) return call.kernel(fd.value, FIDEDUPERANGE, bad_pointer());
    std::memcpy(host.data(), &*asked, sizeof *asked);
    std::vector<int64_t> named(count);
    for (size_t i = 0; i < count; ++i) {
        std::byte* other = &host[sizeof *asked + i * sizeof(file_dedupe_range_info)];
        std::memcpy(&named[i], other, sizeof named[i]);
        // The kernel looks at the lower half of the number only.
        const int64_t given = call.process.fds.owns(static_cast<int>(named[i])) ? -1 : named[i];
        std::memcpy(other, &given, sizeof given);
    }
    const SysResult result = call.kernel(fd.value, FIDEDUPERANGE, host.data());
    if (result.failed() || result.not_started()) return result;
    for (size_t i = 0; i < count; ++i) {
        std::memcpy(&host[sizeof *asked + i * sizeof(file_dedupe_range_info)], &named[i], sizeof named[i]);
    }
    return call.memory.write(at, host.data(), host.size()) ? result : SysResult::fail(EFAULT);
}

SysResult converted(const Call& call, Fd fd, const Command& command, wasm::GuestAddr at) {
    switch (command.host) {
        case SIOCGIFCONF: return interface_list(call, fd, {at});
        case FIDEDUPERANGE: return equal_ranges(call, fd, at);
        default: return extents(call, fd, at);
    }
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
    const auto code = static_cast<uint32_t>(request.value);
    const Command* known = find_ioctl(code);
    if (known == nullptr) {
        // A descriptor that is not open is EBADF first; F_GETFD tells without any effect.
        const bool open = fd.value >= 0 && wali::kernel(SYS_fcntl, fd.value, 1) >= 0;
        return open ? refused(call, code, ENOTTY) : SysResult::fail(EBADF);
    }
    if (known->argument == CommandArg::FdIn) return with_descriptor(call, fd, *known, argument.at);
    if (known->argument == CommandArg::Own) return converted(call, fd, *known, argument.at);
    return call.kernel(fd.value, known->host, command_argument(call, *known, wasm::raw(argument.at)));
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
