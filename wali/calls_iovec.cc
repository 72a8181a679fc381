// SPDX-License-Identifier: Apache-2.0
// Scatter and gather: guest iovecs and message headers hold 32-bit pointers. They are copied once and converted from
// the copy, because other guest threads may change them meanwhile. Where the guest's structure cannot be read the
// kernel is handed a bad pointer instead, so that it reports the error it would, in the order it would.
#include "calls.h"
#include "dispatch.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace wali {

namespace {

constexpr uint32_t kMaxVectors = 1024;  // UIO_MAXIOV

const iovec* bad_vectors() { return reinterpret_cast<const iovec*>(bad_pointer()); }

// Converts `count` vectors into `to`, which has room for them. False if the guest's cannot be read.
bool convert(const Call& call, wasm::GuestPtr<Iovec> from, uint32_t count, iovec* to) {
    std::array<Iovec, 64> chunk;
    for (uint32_t done = 0; done < count;) {
        const uint32_t n = std::min<uint32_t>(count - done, chunk.size());
        if (!from || !call.memory.read((from + done).at, chunk.data(), n * sizeof(Iovec))) return false;
        for (uint32_t i = 0; i < n; ++i) {
            to[done + i] = {call.kernel_range(chunk[i].base, chunk[i].length), chunk[i].length};
        }
        done += n;
    }
    return true;
}

// The vectors of one call.
class Vectors {
  public:
    template <Direction D>
    Vectors(const Call& call, GuestArray<Iovec, D> guest) : count_(guest.count) {
        // The kernel judges other counts without looking at the vectors.
        if (count_ == 0 || count_ > kMaxVectors) return;
        if (convert(call, guest.at, count_, vectors_.data())) host_ = vectors_.data();
    }
    const iovec* host() const { return host_; }
    uint32_t count() const { return count_; }

  private:
    uint32_t count_;
    const iovec* host_ = bad_vectors();
    std::array<iovec, kMaxVectors> vectors_;  // filled as far as count_
};

// A sendmsg or recvmsg header and everything it points to, for the kernel.
struct HostMessage {
    MsgHdr guest{};
    msghdr host{};
    std::vector<iovec> vectors;
    std::vector<std::byte> control;  // a checked copy; for sending only
};

void convert_vectors(const Call& call, HostMessage& m) {
    const auto count = static_cast<uint32_t>(m.guest.iov_count);
    m.host.msg_iovlen = static_cast<size_t>(m.guest.iov_count);
    m.host.msg_iov = const_cast<iovec*>(bad_vectors());
    if (count == 0 || count > kMaxVectors) return;
    m.vectors.resize(count);
    if (convert(call, m.guest.iov, count, m.vectors.data())) m.host.msg_iov = m.vectors.data();
}

bool convert_header(const Call& call, const MsgHdr& guest, HostMessage& m) {
    m.guest = guest;
    constexpr uint64_t kLongestName = sizeof(sockaddr_storage);
    m.host.msg_name = call.kernel_range(guest.name, std::min<uint64_t>(guest.name_length, kLongestName));
    m.host.msg_namelen = guest.name_length;
    convert_vectors(call, m);
    m.host.msg_control = call.kernel_range(guest.control, guest.control_length);
    m.host.msg_controllen = guest.control_length;
    m.host.msg_flags = guest.flags;
    return true;
}

// True if a control message would send one of the runtime's descriptors away.
bool sends_own_descriptor(const Call& call, const std::vector<std::byte>& control) {
    size_t at = 0;
    while (control.size() - at >= sizeof(cmsghdr)) {
        cmsghdr header{};
        std::memcpy(&header, &control[at], sizeof header);
        if (header.cmsg_len < sizeof header || header.cmsg_len > control.size() - at) return false;  // kernel: EINVAL
        if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_RIGHTS) {
            for (size_t i = sizeof header; i + sizeof(int) <= header.cmsg_len; i += sizeof(int)) {
                int fd = -1;
                std::memcpy(&fd, &control[at + i], sizeof fd);
                if (call.process.fds.owns(fd)) return true;
            }
        }
        const size_t next = at + ((header.cmsg_len + 7) & ~size_t{7});
        if (next > control.size()) break;
        at = next;
    }
    return false;
}

// The kernel gets a copy of the control messages, the one that has been looked at.
SysResult check_control(const Call& call, HostMessage& m) {
    constexpr uint32_t kLongest = 1 << 20;  // far more than any net.core.optmem_max allows
    if (m.guest.control_length == 0 || m.guest.control_length > kLongest) return SysResult::ok(0);
    m.control.resize(m.guest.control_length);
    if (!call.memory.read(m.guest.control, m.control.data(), m.control.size())) {
        m.host.msg_control = bad_pointer();
        return SysResult::ok(0);
    }
    m.host.msg_control = m.control.data();
    return sends_own_descriptor(call, m.control) ? SysResult::fail(EBADF) : SysResult::ok(0);
}

// What recvmsg changes in the guest's header.
bool write_back(const Call& call, wasm::GuestPtr<MsgHdr> at, const HostMessage& m) {
    MsgHdr guest = m.guest;
    guest.name_length = m.host.msg_namelen;
    guest.control_length = static_cast<uint32_t>(m.host.msg_controllen);
    guest.flags = m.host.msg_flags;
    return call.store(at, guest);
}

// Several messages at once; the storage lives as long as this does.
struct HostMessages {
    std::vector<HostMessage> messages;
    std::vector<mmsghdr> host;
};

// Reads as many headers as can be read: like the kernel, which then stops with what it has done, or with EFAULT.
void load_messages(const Call& call, GuestArray<MmsgHdr, Direction::InOut> guest, HostMessages& out) {
    const uint32_t count = std::min(guest.count, kMaxVectors);
    out.messages.reserve(count);
    for (uint32_t i = 0; i < count; ++i) {
        const auto header = call.load(guest.at + i);
        if (!header) break;
        convert_header(call, header->header, out.messages.emplace_back());
    }
}

void point_at_messages(HostMessages& m) {
    for (const HostMessage& message : m.messages) m.host.push_back({message.host, 0});
}

wasm::GuestPtr<uint32_t> length_of(wasm::GuestPtr<MmsgHdr> message) {
    return {wasm::GuestAddr{wasm::raw(message.at) + static_cast<uint32_t>(offsetof(MmsgHdr, length))}};
}

}  // namespace

SysResult sys_readv(Call& call, Fd fd, ArrayOutAt<Iovec> vectors) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count());
}

SysResult sys_writev(Call& call, Fd fd, ArrayInAt<Iovec> vectors) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count());
}

SysResult sys_preadv(Call& call, Fd fd, ArrayOutAt<Iovec> vectors, ULong low, ULong high) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count(), low.value, high.value);
}

SysResult sys_pwritev(Call& call, Fd fd, ArrayInAt<Iovec> vectors, ULong low, ULong high) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count(), low.value, high.value);
}

SysResult sys_preadv2(Call& call, Fd fd, ArrayOutAt<Iovec> vectors, ULong low, ULong high, RwFlags flags) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count(), low.value, high.value, flags.value);
}

SysResult sys_pwritev2(Call& call, Fd fd, ArrayInAt<Iovec> vectors, ULong low, ULong high, RwFlags flags) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count(), low.value, high.value, flags.value);
}

SysResult sys_vmsplice(Call& call, Fd fd, ArrayInAt<Iovec> vectors, SpliceFlags flags) {
    const Vectors v(call, vectors);
    return call.kernel(fd.value, v.host(), v.count(), flags.value);
}

namespace {

// From the process to itself. Addresses of another one mean nothing to a guest, and reach its runtime.
template <Direction Here, Direction There>
SysResult copy_memory(
    const Call& call, Pid pid, GuestArray<Iovec, Here> here, GuestArray<Iovec, There> there, ULong flags) {
    const pid_t self = getpid();
    if (flags.value == 0 && pid.value != self) {
        return SysResult::fail(kernel(SYS_kill, pid.value, 0) == -ESRCH ? ESRCH : EPERM);
    }
    const Vectors local(call, here);
    const Vectors remote(call, there);
    return call.kernel(self, local.host(), local.count(), remote.host(), remote.count(), flags.value);
}

}  // namespace

SysResult sys_process_vm_readv(Call& call, Pid pid, ArrayOutAt<Iovec> local, ArrayInAt<Iovec> remote, ULong flags) {
    return copy_memory(call, pid, local, remote, flags);
}

SysResult sys_process_vm_writev(Call& call, Pid pid, ArrayInAt<Iovec> local, ArrayOutAt<Iovec> remote, ULong flags) {
    return copy_memory(call, pid, local, remote, flags);
}

SysResult sys_sendmsg(Call& call, Fd fd, InAt<MsgHdr> message, MsgFlags flags) {
    const auto guest = call.load(message.at);
    if (!guest) return call.kernel(fd.value, bad_pointer(), flags.value);
    HostMessage m;
    convert_header(call, *guest, m);
    const SysResult control = check_control(call, m);
    if (control.failed()) return control;
    return call.kernel(fd.value, &m.host, flags.value);
}

SysResult sys_recvmsg(Call& call, Fd fd, InOutAt<MsgHdr> message, MsgFlags flags) {
    const auto guest = call.load(message.at);
    if (!guest) return call.kernel(fd.value, bad_pointer(), flags.value);
    HostMessage m;
    convert_header(call, *guest, m);
    const SysResult received = call.kernel(fd.value, &m.host, flags.value);
    if (received.failed() || received.not_started()) return received;
    return write_back(call, message.at, m) ? received : SysResult::fail(EFAULT);
}

SysResult sys_sendmmsg(Call& call, Fd fd, ArrayInOutAt<MmsgHdr> messages, MsgFlags flags) {
    HostMessages m;
    load_messages(call, messages, m);
    if (m.messages.empty()) return call.kernel(fd.value, bad_pointer(), messages.count, flags.value);
    for (HostMessage& message : m.messages) {
        const SysResult control = check_control(call, message);
        if (control.failed()) return control;
    }
    point_at_messages(m);
    const SysResult sent = call.kernel(fd.value, m.host.data(), m.host.size(), flags.value);
    for (int64_t i = 0; i < sent.value(); ++i) {
        const auto n = static_cast<uint32_t>(i);
        if (!call.store(length_of(messages.at + n), m.host[n].msg_len)) return SysResult::fail(EFAULT);
    }
    return sent;
}

SysResult sys_recvmmsg(Call& call, Fd fd, ArrayInOutAt<MmsgHdr> messages, MsgFlags flags, InOut<Timespec> timeout) {
    HostMessages m;
    load_messages(call, messages, m);
    if (m.messages.empty()) {
        return call.kernel(fd.value, bad_pointer(), messages.count, flags.value, timeout.kernel);
    }
    point_at_messages(m);
    const SysResult received = call.kernel(fd.value, m.host.data(), m.host.size(), flags.value, timeout.kernel);
    for (int64_t i = 0; i < received.value(); ++i) {
        const auto n = static_cast<uint32_t>(i);
        m.messages[n].host = m.host[n].msg_hdr;
        const wasm::GuestPtr<MmsgHdr> at = messages.at + n;
        if (!write_back(call, {at.at}, m.messages[n]) || !call.store(length_of(at), m.host[n].msg_len)) {
            return SysResult::fail(EFAULT);
        }
    }
    return received;
}

}  // namespace wali
