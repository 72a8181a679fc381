// SPDX-License-Identifier: Apache-2.0
// Scatter and gather: guest iovecs and message headers hold 32-bit pointers. They are copied once and converted from
// the copy, because other guest threads may change them meanwhile. Where the guest's structure cannot be read the
// kernel is handed a bad pointer instead, so that it reports the error it would, in the order it would.
#include "calls.h"
#include "dispatch.h"
#include "vectors.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace wali {

bool convert_vectors(const Call& call, wasm::GuestPtr<Iovec> from, uint32_t count, iovec* to) {
    std::array<Iovec, 64> chunk;
    for (uint32_t done = 0; done < count;) {
        const uint32_t n = std::min<uint32_t>(count - done, chunk.size());
        if (!from || !call.memory.read((from + done).at, chunk.data(), n * sizeof(Iovec))) return false;
        for (uint32_t i = 0; i < n; ++i) {
            // A length that is negative as the guest's ssize_t is so to the kernel too, which refuses it.
            const auto length = static_cast<size_t>(static_cast<int32_t>(chunk[i].length));
            to[done + i] = {call.kernel_range(chunk[i].base, chunk[i].length), length};
        }
        done += n;
    }
    return true;
}

namespace {

// The vectors of one call.
class Vectors {
  public:
    template <Direction D>
    Vectors(const Call& call, GuestArray<Iovec, D> guest) : count_(guest.count) {
        // The kernel judges other counts without looking at the vectors.
        if (count_ == 0 || count_ > kMaxVectors) return;
        if (convert_vectors(call, guest.at, count_, vectors_.data())) host_ = vectors_.data();
    }
    const iovec* host() const { return host_; }
    uint32_t count() const { return count_; }

  private:
    uint32_t count_;
    const iovec* host_ = bad_vectors();
    std::array<iovec, kMaxVectors> vectors_;  // filled as far as count_
};

constexpr uint32_t kLongControl = 16 << 10;

// A sendmsg or recvmsg header and everything it points to, for the kernel.
struct HostMessage {
    MsgHdr guest{};
    msghdr host{};
    std::vector<iovec> vectors;
    std::vector<std::byte> control;  // a checked copy; for sending only
};

void convert_vectors_of(const Call& call, HostMessage& m) {
    const auto count = static_cast<uint32_t>(m.guest.iov_count);
    m.host.msg_iovlen = static_cast<size_t>(m.guest.iov_count);
    m.host.msg_iov = const_cast<iovec*>(bad_vectors());
    if (count == 0 || count > kMaxVectors) return;
    m.vectors.resize(count);
    if (convert_vectors(call, m.guest.iov, count, m.vectors.data())) m.host.msg_iov = m.vectors.data();
}

bool convert_header(const Call& call, const MsgHdr& guest, HostMessage& m) {
    m.guest = guest;
    constexpr uint64_t kLongestName = sizeof(sockaddr_storage);
    m.host.msg_name = call.kernel_range(guest.name, std::min<uint64_t>(guest.name_length, kLongestName));
    m.host.msg_namelen = guest.name_length;
    convert_vectors_of(call, m);
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

// The kernel gets a copy of the control messages, the one that has been looked at. Long ones are not copied before the
// kernel has said that it takes as many from this socket: it does before it looks at anything else in the message.
SysResult check_control(const Call& call, int fd, HostMessage& m) {
    const uint32_t bytes = m.guest.control_length;
    if (bytes == 0) return SysResult::ok(0);
    if (bytes > kLongControl) {
        msghdr unreadable{};
        unreadable.msg_control = bad_pointer();
        unreadable.msg_controllen = bytes;
        const auto verdict = SysResult::from_kernel(kernel(SYS_sendmsg, fd, &unreadable, MSG_DONTWAIT | MSG_NOSIGNAL));
        if (!verdict.failed_with(EFAULT)) return verdict;
    }
    m.control.resize(bytes);
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

// Several messages, as many as are prepared quickly: a signal that comes in between has the kernel's call not made, and
// what has been prepared for it is lost. So the kernel is given one batch after the other, and what it has done stays.
struct Batch {
    std::vector<HostMessage> messages;
    std::vector<mmsghdr> host;
    SysResult error = SysResult::ok(0);  // of the message after them

    bool is_full() const { return vectors_ >= kMostVectors || control_ >= kLongControl; }
    void add(HostMessage&& message) {
        vectors_ += message.vectors.size();
        control_ += message.control.size();
        messages.push_back(std::move(message));
    }
    void finish() {
        for (const HostMessage& message : messages) host.push_back({message.host, 0});
    }

  private:
    static constexpr size_t kMostVectors = 8 * kMaxVectors;
    size_t vectors_ = 0;
    size_t control_ = 0;
};

using GuestMessages = GuestArray<MmsgHdr, Direction::InOut>;

// Messages from `first` on. Headers that cannot be read end it: like the kernel, which then stops with what it has
// done, or with EFAULT. `prepare` makes of a message what else the call needs.
template <class Prepare>
Batch load_batch(const Call& call, GuestMessages guest, uint32_t first, Prepare prepare) {
    Batch batch;
    const uint32_t count = std::min(guest.count, kMaxVectors);
    for (uint32_t i = first; i < count && !batch.is_full(); ++i) {
        const auto header = call.load(guest.at + i);
        if (!header || (i != first && header->header.control_length > kLongControl)) break;
        HostMessage message;
        convert_header(call, header->header, message);
        batch.error = prepare(message);
        if (batch.error.failed()) break;
        batch.add(std::move(message));
    }
    batch.finish();
    return batch;
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
    constexpr pid_t kNobody = INT32_MAX;  // for the kernel's opinion of all but the process
    const bool own = pid.value == getpid();
    const Vectors local(call, here);
    const Vectors remote(call, there);
    const SysResult result =
        call.kernel(own ? pid.value : kNobody, local.host(), local.count(), remote.host(), remote.count(), flags.value);
    if (own || !result.failed_with(ESRCH)) return result;
    const bool exists = pid.value > 0 && kernel(SYS_kill, pid.value, 0) != -ESRCH;
    return SysResult::fail(exists ? EPERM : ESRCH);
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
    const SysResult control = check_control(call, fd.value, m);
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
    const uint32_t count = std::min(messages.count, kMaxVectors);
    uint32_t done = 0;
    do {
        const auto so_far = [&](SysResult failure) { return done != 0 ? SysResult::ok(done) : failure; };
        Batch batch =
            load_batch(call, messages, done, [&](HostMessage& m) { return check_control(call, fd.value, m); });
        if (batch.host.empty() && batch.error.failed()) return so_far(batch.error);
        if (batch.host.empty()) return so_far(call.kernel(fd.value, bad_pointer(), messages.count, flags.value));
        const SysResult sent = call.kernel(fd.value, batch.host.data(), batch.host.size(), flags.value);
        if (sent.failed() || sent.not_started()) return so_far(sent);
        for (int64_t i = 0; i < sent.value(); ++i, ++done) {
            const uint32_t length = batch.host[static_cast<size_t>(i)].msg_len;
            if (!call.store(length_of(messages.at + done), length)) return so_far(SysResult::fail(EFAULT));
        }
        if (static_cast<size_t>(sent.value()) < batch.host.size()) break;
    } while (done < count);
    return SysResult::ok(done);
}

SysResult sys_recvmmsg(Call& call, Fd fd, ArrayInOutAt<MmsgHdr> messages, MsgFlags flags, InOut<Timespec> timeout) {
    const uint32_t count = std::min(messages.count, kMaxVectors);
    auto how = flags.value;
    uint32_t done = 0;
    do {
        const auto so_far = [&](SysResult failure) { return done != 0 ? SysResult::ok(done) : failure; };
        Batch batch = load_batch(call, messages, done, [](HostMessage&) { return SysResult::ok(0); });
        if (batch.host.empty()) {
            return so_far(call.kernel(fd.value, bad_pointer(), messages.count, how, timeout.kernel));
        }
        const SysResult received = call.kernel(fd.value, batch.host.data(), batch.host.size(), how, timeout.kernel);
        if (received.failed() || received.not_started()) return so_far(received);
        for (int64_t i = 0; i < received.value(); ++i, ++done) {
            const auto n = static_cast<size_t>(i);
            batch.messages[n].host = batch.host[n].msg_hdr;
            const wasm::GuestPtr<MmsgHdr> at = messages.at + done;
            if (!write_back(call, {at.at}, batch.messages[n]) || !call.store(length_of(at), batch.host[n].msg_len)) {
                return so_far(SysResult::fail(EFAULT));
            }
        }
        if (static_cast<size_t>(received.value()) < batch.host.size()) break;
        // What is left of a timeout is not looked at: the call then ends early, as it may.
        if (timeout.kernel != nullptr) break;
        // After the first message the kernel does not wait any more, either.
        if ((how & MSG_WAITFORONE) != 0) how |= MSG_DONTWAIT;
    } while (done < count);
    return SysResult::ok(done);
}

}  // namespace wali
