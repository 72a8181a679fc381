// SPDX-License-Identifier: Apache-2.0
// Asynchronous input and output: blocks are copied, judged, and given to the kernel one by one.
#include "aio.h"
#include "calls.h"
#include "dispatch.h"
#include "signal_wait.h"
#include "vectors.h"

#include <linux/aio_abi.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace wali {

AioBlock* AioContext::begin(const AioBlock& block, uint32_t guest) {
    auto request = std::make_unique<Request>(Request{block, guest});
    AioBlock* copy = &request->block;
    const std::lock_guard guard(lock_);
    requests_.emplace(reinterpret_cast<uintptr_t>(copy), std::move(request));
    return copy;
}

uint32_t AioContext::end(uint64_t copy) {
    const std::lock_guard guard(lock_);
    const auto found = requests_.find(copy);
    if (found == requests_.end()) return 0;
    const uint32_t guest = found->second->guest;
    requests_.erase(found);
    return guest;
}

long AioContext::cancel(uint32_t guest) {
    const std::lock_guard guard(lock_);
    for (const auto& [copy, request] : requests_) {
        if (request->guest != guest) continue;
        AioEvent unused{};
        const long cancelled = kernel(SYS_io_cancel, host, &request->block, &unused);
        if (cancelled != -EINVAL) return cancelled;  // else it has ended, and another one of that block may not
    }
    return -EINVAL;
}

uint64_t AioContexts::add(uint64_t host) {
    const std::lock_guard guard(lock_);
    if (contexts_.size() >= kMost) return 0;
    contexts_.emplace(next_, std::make_shared<AioContext>(host));
    return next_++;
}

std::shared_ptr<AioContext> AioContexts::find(uint64_t number) {
    const std::lock_guard guard(lock_);
    const auto found = contexts_.find(number);
    return found == contexts_.end() ? nullptr : found->second;
}

std::shared_ptr<AioContext> AioContexts::take(uint64_t number) {
    const std::lock_guard guard(lock_);
    const auto found = contexts_.find(number);
    if (found == contexts_.end()) return nullptr;
    auto context = std::move(found->second);
    contexts_.erase(found);
    return context;
}

namespace {

constexpr uint64_t kLongest = 0x7ffff000;  // the kernel reads and writes no more at once
constexpr int64_t kMostEvents = 65536;

uint64_t number_of(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

// What the kernel may follow becomes the host's. Addresses outside of guest memory become a bad one.
SysResult convert(const Call& call, AioBlock& block, std::vector<iovec>& vectors) {
    const FdGuard& fds = call.process.fds;
    if (fds.owns(block.fd)) block.fd = -1;
    if ((block.flags & IOCB_FLAG_RESFD) != 0 && fds.owns(block.event_fd)) block.event_fd = -1;
    const wasm::GuestAddr at{static_cast<uint32_t>(block.buffer)};
    const bool inside = block.buffer <= UINT32_MAX;
    switch (block.opcode) {
        case IOCB_CMD_PREAD:
        case IOCB_CMD_PWRITE:
            if (static_cast<int64_t>(block.bytes) >= 0) block.bytes = std::min(block.bytes, kLongest);
            block.buffer = number_of(inside ? call.kernel_range(at, std::min(block.bytes, kLongest)) : bad_pointer());
            return SysResult::ok(0);
        case IOCB_CMD_PREADV:
        case IOCB_CMD_PWRITEV: {
            block.buffer = number_of(bad_vectors());
            if (block.bytes == 0 || block.bytes > kMaxVectors || !inside) return SysResult::ok(0);
            const auto count = static_cast<uint32_t>(block.bytes);
            vectors.resize(count);
            if (convert_vectors(call, {at}, count, vectors.data())) block.buffer = number_of(vectors.data());
            return SysResult::ok(0);
        }
        case IOCB_CMD_FSYNC:
        case IOCB_CMD_FDSYNC:
        case IOCB_CMD_POLL: return SysResult::ok(0);  // its buffer is no address
        default: return SysResult::fail(EINVAL);
    }
}

// `at`: where the guest has the address of the block.
SysResult submit_one(Call& call, AioContext& context, uint64_t at) {
    if (at > UINT32_MAX) return SysResult::fail(EFAULT);
    const auto address = call.load(wasm::GuestPtr<uint32_t>{wasm::GuestAddr{static_cast<uint32_t>(at)}});
    if (!address) return SysResult::fail(EFAULT);
    auto block = call.load(wasm::GuestPtr<AioBlock>{wasm::GuestAddr{*address}});
    if (!block) return SysResult::fail(EFAULT);
    std::vector<iovec> vectors;
    const SysResult converted = convert(call, *block, vectors);
    if (converted.failed()) return converted;
    AioBlock* copy = context.begin(*block, *address);
    const SysResult result = call.kernel(context.host, 1, &copy);
    if (result.failed() || result.not_started()) {
        context.end(number_of(copy));
        return result;
    }
    // The copy may be gone. The kernel marks the guest's so: a program may not, and io_cancel then knows it.
    constexpr uint32_t kKey = 0;
    const wasm::GuestAddr key{*address + static_cast<uint32_t>(offsetof(AioBlock, key))};
    static_cast<void>(call.store(wasm::GuestPtr<uint32_t>{key}, kKey));
    return result;
}

// `wait(context, most, events)` makes the call.
template <class F>
SysResult get_events(Call& call, ULong number, Offset most, GuestAddress to, F wait) {
    const auto context = call.process.aio.find(number.value);
    const int64_t count = std::min(most.value, kMostEvents);
    const auto events = std::make_unique_for_overwrite<AioEvent[]>(static_cast<size_t>(std::max<int64_t>(count, 1)));
    const SysResult result = wait(context ? context->host : 0, count, events.get());
    if (!context || result.failed() || result.not_started() || result.stopped()) return result;
    const auto got = static_cast<size_t>(result.value());
    for (size_t i = 0; i < got; ++i) events[i].block = context->end(events[i].block);
    const bool written =
        got == 0 || (wasm::raw(to.at) != 0 && call.memory.write(to.at, events.get(), got * sizeof(AioEvent)));
    return written ? result : SysResult::fail(EFAULT);
}

}  // namespace

SysResult sys_io_setup(Call& call, Size requests, GuestAddress at) {
    const wasm::GuestPtr<uint64_t> guest{at.at};
    const auto before = call.load(guest);
    if (!before) return SysResult::fail(EFAULT);
    uint64_t host = *before;
    const SysResult result = call.kernel(requests.value, &host);
    if (result.failed()) return result;
    const uint64_t number = call.process.aio.add(host);
    if (number != 0 && call.store(guest, number)) return result;
    call.process.aio.take(number);
    kernel(SYS_io_destroy, host);
    return SysResult::fail(number == 0 ? EAGAIN : EFAULT);
}

SysResult sys_io_destroy(Call& call, ULong number) {
    const auto context = call.process.aio.take(number.value);
    return call.kernel(context ? context->host : 0);
}

SysResult sys_io_submit(Call& call, ULong number, Offset count, GuestAddress blocks) {
    const auto context = call.process.aio.find(number.value);
    if (count.value < 0 || !context) return SysResult::fail(EINVAL);
    for (int64_t done = 0; done < count.value; ++done) {
        const uint64_t at = wasm::raw(blocks.at) + static_cast<uint64_t>(done) * sizeof(uint32_t);
        const SysResult result = submit_one(call, *context, at);
        if (result.failed() || result.not_started()) return done == 0 ? result : SysResult::ok(done);
    }
    return SysResult::ok(count.value);
}

SysResult sys_io_cancel(Call& call, ULong number, GuestAddress block, GuestAddress) {
    const auto guest = call.load(wasm::GuestPtr<AioBlock>{block.at});
    if (!guest) return SysResult::fail(EFAULT);
    const auto context = call.process.aio.find(number.value);
    if (guest->key != 0 || !context) return SysResult::fail(EINVAL);
    return SysResult::from_kernel(context->cancel(wasm::raw(block.at)));
}

SysResult sys_io_getevents(Call& call, ULong number, Offset least, Offset most, GuestAddress to, In<Timespec> timeout) {
    return get_events(call, number, most, to, [&](uint64_t context, int64_t count, AioEvent* events) {
        return call.kernel(context, least.value, count, events, timeout.kernel);
    });
}

SysResult sys_io_pgetevents(
    Call& call, ULong number, Offset least, Offset most, GuestAddress to, In<Timespec> timeout, InAt<SigsetArg> mask) {
    return get_events(call, number, most, to, [&](uint64_t context, int64_t count, AioEvent* events) {
        return wait_with_mask(call, mask, [&](const HostSigsetArg* host) {
            return call.kernel(context, least.value, count, events, timeout.kernel, host);
        });
    });
}

}  // namespace wali
