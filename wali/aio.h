// SPDX-License-Identifier: Apache-2.0
// Asynchronous input and output of the kernel's (io_submit). The kernel knows a context by an address of this process
// and a request by the address of its control block. A guest has a number for the one; for the other the address of a
// block of its own, of which the kernel is given a copy. What it finds in the copy has been checked, and stays.
#pragma once

#include <wasm/fork.h>

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

namespace wali {

struct AioBlock {  // struct iocb
    uint64_t data;
    uint32_t key;
    int32_t rw_flags;
    uint16_t opcode;
    int16_t priority;
    int32_t fd;
    uint64_t buffer, bytes;
    int64_t offset;
    uint64_t reserved;
    uint32_t flags;
    int32_t event_fd;
};
struct AioEvent {  // struct io_event
    uint64_t data;
    uint64_t block;  // its address
    int64_t result, more;
};
static_assert(sizeof(AioBlock) == 64 && sizeof(AioEvent) == 32);

class AioContext {
  public:
    explicit AioContext(uint64_t host_id) : host(host_id) {}
    const uint64_t host;

    // A copy of the block at `guest`, until end() is told its address.
    AioBlock* begin(const AioBlock& block, uint32_t guest);
    // Where the guest has that block.
    uint32_t end(uint64_t copy);
    // io_cancel: the kernel's answer.
    long cancel(uint32_t guest);

  private:
    struct Request {
        AioBlock block;
        uint32_t guest;
    };
    wasm::ForkLock lock_{wasm::LockRank::Other};
    std::unordered_map<uint64_t, std::unique_ptr<Request>> requests_;  // by the address of the copy
};

// Those of a process. A child of a fork has none to the kernel, which says so.
class AioContexts {
  public:
    // Each is a mapping of the host, of which guests must not make as many as there can be.
    static constexpr size_t kMost = 64;

    // The number of one more; 0: there are too many.
    uint64_t add(uint64_t host);
    // nullptr: there is none of that number.
    std::shared_ptr<AioContext> find(uint64_t number);
    std::shared_ptr<AioContext> take(uint64_t number);

  private:
    wasm::ForkLock lock_{wasm::LockRank::Other};
    std::map<uint64_t, std::shared_ptr<AioContext>> contexts_;
    uint64_t next_ = 1;
};

}  // namespace wali
