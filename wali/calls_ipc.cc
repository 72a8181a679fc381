// SPDX-License-Identifier: Apache-2.0
// System V messages and semaphores.
#include "calls.h"
#include "command_argument.h"

#include <sys/sem.h>

#include <cstring>
#include <vector>

namespace wali {

namespace {
constexpr uint32_t kVersion = 0x100;  // IPC_64, which libcs of 32-bit machines add: there is no other form here

// A message buffer is a long, which has 64 bits on both sides, followed by the text. A length of that which is negative
// as the guest's ssize_t is so to the kernel too, which refuses it.
struct Text {
    Text(const Call& call, wasm::GuestAddr at, uint32_t size)
        : buffer(call.kernel_range(at, sizeof(int64_t) + (static_cast<int32_t>(size) < 0 ? 0 : size))),
          bytes(static_cast<int32_t>(size)) {}
    std::byte* buffer;
    int64_t bytes;
};
}  // namespace

SysResult sys_msgsnd(Call& call, Int queue, GuestAddress message, Size size, IpcFlags flags) {
    const Text text(call, message.at, size.value);
    return call.kernel(queue.value, text.buffer, text.bytes, flags.value);
}

SysResult sys_msgrcv(Call& call, Int queue, GuestAddress message, Size size, Offset type, IpcFlags flags) {
    const Text text(call, message.at, size.value);
    return call.kernel(queue.value, text.buffer, text.bytes, type.value, flags.value);
}

SysResult sys_msgctl(Call& call, Int queue, MsgCommand command, CommandAddress argument) {
    const Command* known = find_command("MsgCommand", static_cast<uint32_t>(command.value) & ~kVersion);
    if (known == nullptr) return SysResult::fail(EINVAL);
    return call.kernel(queue.value, known->host, command_argument(call, *known, wasm::raw(argument.at)));
}

namespace {

// ---- a set's values ------------------------------------------------------------------------------------------------

// How many semaphores a set has, or an error.
SysResult count_of(const Call& call, int set) {
    semid_ds status{};
    const SysResult result = call.kernel(set, 0, IPC_STAT, &status);
    return result.failed() ? result : SysResult::ok(static_cast<int64_t>(status.sem_nsems));
}

// GETALL and SETALL: as many numbers as there are semaphores, which nothing tells the kernel to keep to. Without a
// reservation around the memory they are moved one by one: between a look at the set and the call, another process may
// put a larger one in its place.
SysResult one_by_one(const Call& call, int set, bool stores, wasm::GuestAddr at) {
    const SysResult count = count_of(call, set);
    if (count.failed()) return count;
    std::vector<uint16_t> values(static_cast<size_t>(count.value()));
    const uint64_t bytes = values.size() * sizeof values[0];
    if (stores && (wasm::raw(at) == 0 || !call.memory.read(at, values.data(), bytes))) return SysResult::fail(EFAULT);
    for (size_t i = 0; i < values.size(); ++i) {
        const SysResult one = stores ? call.kernel(set, i, SETVAL, values[i]) : call.kernel(set, i, GETVAL, 0);
        if (one.failed()) return one;
        values[i] = static_cast<uint16_t>(one.value());
    }
    const bool done = stores || (wasm::raw(at) != 0 && call.memory.write(at, values.data(), bytes));
    return done ? SysResult::ok(0) : SysResult::fail(EFAULT);
}

SysResult all_values(const Call& call, int set, uint32_t command, wasm::GuestAddr at) {
    if (call.memory.reserved() == 0) return one_by_one(call, set, command == SETALL, at);
    return call.kernel(set, 0, command, call.kernel_range(at, 0));
}

// ---- where the kernel's structure is another one -------------------------------------------------------------------

SysResult converted(const Call& call, int set, const Command& command, wasm::GuestAddr at) {
    auto guest = command.argument == CommandArg::In ? call.load(wasm::GuestPtr<SemidDs>{at}) : SemidDs{};
    if (!guest) return call.kernel(set, 0, command.host, bad_pointer());
    semid_ds host{};
    static_assert(sizeof host.sem_perm == sizeof guest->permissions);
    std::memcpy(&host.sem_perm, &guest->permissions, sizeof guest->permissions);
    const SysResult result = call.kernel(set, 0, command.host, &host);
    if (result.failed() || command.argument == CommandArg::In) return result;
    std::memcpy(&guest->permissions, &host.sem_perm, sizeof guest->permissions);
    guest->operation = host.sem_otime;
    guest->change = host.sem_ctime;
    guest->count = host.sem_nsems;
    return call.store(wasm::GuestPtr<SemidDs>{at}, *guest) ? result : SysResult::fail(EFAULT);
}

}  // namespace

SysResult sys_semctl(Call& call, Int set, Int number, SemCommand command, CommandAddress argument) {
    const Command* known = find_command("SemCommand", static_cast<uint32_t>(command.value) & ~kVersion);
    if (known == nullptr) return SysResult::fail(EINVAL);
    if (known->argument == CommandArg::Own) return all_values(call, set.value, known->host, argument.at);
    constexpr bool kDiffers = sizeof(semid_ds) != sizeof(SemidDs);
    if (kDiffers && known->bytes == sizeof(SemidDs)) return converted(call, set.value, *known, argument.at);
    const long value = command_argument(call, *known, wasm::raw(argument.at));
    return call.kernel(set.value, number.value, known->host, value);
}

}  // namespace wali
