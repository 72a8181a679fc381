// SPDX-License-Identifier: Apache-2.0
// How a trace shows each structure of abi.h and guest_signal.h: the fields that matter, by the names C programs know.
#pragma once

#include "../abi.h"
#include "../guest_signal.h"
#include "view.h"

#include <concepts>

namespace wali::trace {

template <class T>
    requires std::integral<T>
void put(std::string& out, const CallView&, T value) {
    out += '[';
    out += std::to_string(value);
    out += ']';
}

void put(std::string& out, const CallView& view, const Timespec& value);
void put(std::string& out, const CallView& view, const TimespecPair& value);
void put(std::string& out, const CallView& view, const Timeval& value);
void put(std::string& out, const CallView& view, const TimevalPair& value);
void put(std::string& out, const CallView& view, const Timezone& value);
void put(std::string& out, const CallView& view, const Itimerval& value);
void put(std::string& out, const CallView& view, const Itimerspec& value);
void put(std::string& out, const CallView& view, const Utimbuf& value);
void put(std::string& out, const CallView& view, const Tms& value);
void put(std::string& out, const CallView& view, const Timex& value);
void put(std::string& out, const CallView& view, const Stat& value);
void put(std::string& out, const CallView& view, const Statx& value);
void put(std::string& out, const CallView& view, const Statfs& value);
void put(std::string& out, const CallView& view, const Ustat& value);
void put(std::string& out, const CallView& view, const FileHandle& value);
void put(std::string& out, const CallView& view, const Flock& value);
void put(std::string& out, const CallView& view, const CacheRange& value);
void put(std::string& out, const CallView& view, const CacheState& value);
void put(std::string& out, const CallView& view, const MountRequest& value);
void put(std::string& out, const CallView& view, const FdPair& value);
void put(std::string& out, const CallView& view, const PollFd& value);
void put(std::string& out, const CallView& view, const EpollEvent& value);
void put(std::string& out, const CallView& view, const WaitStatus& value);
void put(std::string& out, const CallView& view, const Sigset& value);
void put(std::string& out, const CallView& view, const SigsetArg& value);
void put(std::string& out, const CallView& view, const Rlimit& value);
void put(std::string& out, const CallView& view, const Rusage& value);
void put(std::string& out, const CallView& view, const Sysinfo& value);
void put(std::string& out, const CallView& view, const Utsname& value);
void put(std::string& out, const CallView& view, const SchedParam& value);
void put(std::string& out, const CallView& view, const SchedAttr& value);
void put(std::string& out, const CallView& view, const CapHeader& value);
void put(std::string& out, const CallView& view, const CapData& value);
void put(std::string& out, const CallView& view, const SemBuf& value);
void put(std::string& out, const CallView& view, const MqAttr& value);
void put(std::string& out, const CallView& view, const LandlockRule& value);
void put(std::string& out, const CallView& view, const FutexWait& value);
void put(std::string& out, const CallView& view, const FutexWaitPair& value);
void put(std::string& out, const CallView& view, const Iovec& value);
void put(std::string& out, const CallView& view, const MsgHdr& value);
void put(std::string& out, const CallView& view, const MmsgHdr& value);
void put(std::string& out, const CallView& view, const GuestSigaction& value);
void put(std::string& out, const CallView& view, const GuestStack& value);
void put(std::string& out, const CallView& view, const GuestSiginfo& value);
void put(std::string& out, const CallView& view, const GuestSigevent& value);

// `length` bytes of a sockaddr.
void put_socket_address(std::string& out, const CallView& view, wasm::GuestAddr at, uint32_t length);
// iovecs; of those that a call fills, no more than `bytes` bytes in all.
void put_vectors(std::string& out, const CallView& view, wasm::GuestAddr at, uint64_t count, uint64_t bytes);

}  // namespace wali::trace
