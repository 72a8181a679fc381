// SPDX-License-Identifier: Apache-2.0
// Keys, and what a process may learn or take of the kernel's objects that others have: comparisons, descriptors.
#include "calls.h"
#include "file_kind.h"
#include "guest_string.h"
#include "options.h"

#include <fmt/format.h>
#include <linux/kcmp.h>
#include <unistd.h>

#include <array>
#include <list>

namespace wali {

SysResult sys_keyctl(Call& call, KeyCommand command, VarArg a, VarArg b, VarArg c, VarArg d) {
    const KeyCommandRow* known = find_keyctl(static_cast<uint32_t>(command.value));
    if (known == nullptr) return SysResult::fail(EOPNOTSUPP);  // as the kernel answers for unknown ones
    const std::array<VarArg, 4> given{a, b, c, d};
    std::array<long, 4> host{};
    std::list<GuestString> strings;
    for (size_t i = 0; i < given.size(); ++i) {
        switch (known->arguments[i]) {
            case 's': host[i] = register_of_pointer(strings.emplace_back(call, given[i].address()).kernel()); break;
            case 'b': host[i] = register_of_pointer(call.kernel_range(given[i].address(), given[i + 1].low)); break;
            case 'l': host[i] = static_cast<long>(given[i].low); break;
            case 'n': host[i] = given[i].integer(); break;
            case 'f': host[i] = call.process.fds.owns(given[i].integer()) ? -1 : given[i].integer(); break;
            default: break;
        }
    }
    return call.kernel(command.value, host[0], host[1], host[2], host[3]);
}

// The runtime's own descriptors are not open to the guest. Where a process is another one, its are like anybody's.
SysResult sys_kcmp(Call& call, Pid one, Pid other, KcmpType type, ULong index, ULong other_index) {
    const auto is_own = [&](Pid pid, uint64_t number) {
        const bool here = pid.value == getpid() || pid.value == kernel(SYS_gettid);
        return here && number < FdGuard::kCeiling && call.process.fds.owns(static_cast<int>(number));
    };
    if (type.value == KCMP_EPOLL_TFD) {
        auto slot =
            call.load(wasm::GuestPtr<kcmp_epoll_slot>{wasm::GuestAddr{static_cast<uint32_t>(other_index.value)}});
        if (other_index.value > UINT32_MAX || !slot) {
            return call.kernel(one.value, other.value, type.value, index.value, bad_pointer());
        }
        if (is_own(one, index.value) || is_own(other, slot->efd)) return SysResult::fail(EBADF);
        return call.kernel(one.value, other.value, type.value, index.value, &*slot);
    }
    if (type.value == KCMP_FILE && (is_own(one, index.value) || is_own(other, other_index.value))) {
        return SysResult::fail(EBADF);
    }
    return call.kernel(one.value, other.value, type.value, index.value, other_index.value);
}

// What is taken is judged before the guest can use it: while it has one thread.
SysResult sys_pidfd_getfd(Call& call, Fd process, NewFd number, Int flags) {
    if (call.process.live_threads.load() != 1) return SysResult::fail(EPERM);
    // Whether it is our own process: it alone has that descriptor as this one.
    const SysResult taken = call.kernel(process.value, number.value, flags.value);
    if (taken.failed()) return taken;
    const auto fd = static_cast<int>(taken.value());
    const long same = wali::kernel(SYS_kcmp, getpid(), getpid(), KCMP_FILE, fd, number.value);
    const bool own = call.process.fds.owns(number.value) && same <= 0;
    if (!own && !is_forbidden(fd)) return taken;
    wali::kernel(SYS_close, fd);
    return SysResult::fail(own ? EBADF : EPERM);
}

// Bits that would change the address space of the runtime are kept here: a guest has none that they could change. They
// end with the program that set them.
SysResult sys_personality(Call& call, Persona wanted) {
    constexpr uint32_t kQuery = 0xFFFFFFFF;
    constexpr uint32_t kOurs = 0x08F80000;  // all but times, inode numbers, timeouts, randomness
    const auto persona = static_cast<uint32_t>(wanted.value);
    const uint32_t before = call.process.persona.load();
    const SysResult result = call.kernel(persona == kQuery ? kQuery : persona & ~kOurs);
    if (result.failed()) return result;
    if (persona != kQuery) call.process.persona.store(persona & kOurs);
    return SysResult::ok(result.value() | before);
}

// File systems by number: of one by name, its name, how many. Other machines than x86 have no such call.
SysResult sys_sysfs(Call& call, Int option, GuestAddress first, GuestAddress second) {
    enum { kNumber = 1, kName = 2 };
    if (option.value == kNumber) return call.kernel(option.value, GuestString(call, first.at).kernel(), 0);
    std::array<char, 4096> name{};
    const SysResult result = call.kernel(option.value, wasm::raw(first.at), name.data());
    if (option.value != kName || result.failed()) return result;
    const bool written = wasm::raw(second.at) != 0 &&
                         call.memory.write(second.at, name.data(), std::char_traits<char>::length(name.data()) + 1);
    return written ? result : SysResult::fail(EFAULT);
}

}  // namespace wali
