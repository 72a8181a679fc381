// SPDX-License-Identifier: Apache-2.0
// Socket addresses, vectors, messages, signals.
#include "names.h"
#include "structs.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wali::trace {

namespace {

using AddressBytes = std::array<char, sizeof(sockaddr_storage)>;

template <class T>
T as(const AddressBytes& bytes) {
    T value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::string internet_address(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(family, address, text.data(), text.size());
    return text.data();
}

void put_unix_address(std::string& out, const AddressBytes& bytes, uint32_t length) {
    constexpr size_t kPath = offsetof(sockaddr_un, sun_path);
    if (length <= kPath) return;
    const std::string_view path(bytes.data() + kPath, length - kPath);
    out += ", sun_path=";
    // A name that begins with NUL is not in the file system, and may hold more of them.
    if (path[0] == '\0') {
        out += '@';
        return put_quoted(out, path.substr(1));
    }
    put_quoted(out, path.substr(0, path.find('\0')));
}

void put_handler(std::string& out, uint32_t handler) {
    if (handler == kSigDfl) {
        out += "SIG_DFL";
    } else if (handler == kSigIgn) {
        out += "SIG_IGN";
    } else {
        out += fmt::format("{:#x}", handler);
    }
}

}  // namespace

void put_socket_address(std::string& out, const CallView& view, wasm::GuestAddr at, uint32_t length) {
    AddressBytes bytes{};
    length = std::min<uint32_t>(length, bytes.size());
    constexpr uint32_t kFamily = sizeof(sa_family_t);
    if (wasm::raw(at) == 0 || length < kFamily || !view.memory.read(at, bytes.data(), length)) {
        return put_address(out, wasm::raw(at));
    }
    const auto family = as<sockaddr>(bytes).sa_family;
    put_names(out += "{sa_family=", kSetOf<SocketDomain>, family);
    if (family == AF_INET && length >= sizeof(sockaddr_in)) {
        const auto address = as<sockaddr_in>(bytes);
        out += fmt::format(", sin_port={}, sin_addr=\"{}\"", ntohs(address.sin_port),
                           internet_address(AF_INET, &address.sin_addr));
    } else if (family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
        const auto address = as<sockaddr_in6>(bytes);
        out += fmt::format(", sin6_port={}, sin6_addr=\"{}\"", ntohs(address.sin6_port),
                           internet_address(AF_INET6, &address.sin6_addr));
    } else if (family == AF_UNIX) {
        put_unix_address(out, bytes, length);
    } else {
        put_quoted(out += ", sa_data=", {bytes.data() + kFamily, length - kFamily});
    }
    out += '}';
}

void put_vectors(std::string& out, const CallView& view, wasm::GuestAddr at, uint64_t count, uint64_t bytes) {
    put_array<Iovec>(out, view, at, count, [&](std::string& text, const Iovec& vector) {
        const uint64_t shown = std::min<uint64_t>(vector.length, bytes);
        bytes -= shown;
        text += "{iov_base=";
        shown == 0 && vector.length != 0 ? put_address(text, wasm::raw(vector.base))
                                         : put_bytes(text, view, vector.base, shown);
        text += fmt::format(", iov_len={}}}", vector.length);
    });
}

void put(std::string& out, const CallView& view, const Iovec& value) {
    out += "{iov_base=";
    put_bytes(out, view, value.base, value.length);
    out += fmt::format(", iov_len={}}}", value.length);
}

void put(std::string& out, const CallView& view, const MsgHdr& value) {
    out += "{msg_name=";
    put_socket_address(out, view, value.name, value.name_length);
    out += fmt::format(", msg_namelen={}, msg_iov=", value.name_length);
    put_vectors(out, view, value.iov.at, static_cast<uint32_t>(value.iov_count), view.written(UINT64_MAX));
    out += fmt::format(", msg_iovlen={}, msg_controllen={}, msg_flags=", value.iov_count, value.control_length);
    put_names(out, kSetOf<MsgFlags>, static_cast<uint32_t>(value.flags));
    out += '}';
}

void put(std::string& out, const CallView& view, const MmsgHdr& value) {
    CallView whole = view;  // the call's result counts messages, not bytes
    whole.result = value.length;
    put(out += "{msg_hdr=", whole, value.header);
    out += fmt::format(", msg_len={}}}", value.length);
}

void put(std::string& out, const CallView&, const Sigset& value) { put_signal_set(out, value.bits); }

void put(std::string& out, const CallView& view, const SigsetArg& value) {
    const auto at = wasm::GuestAddr{static_cast<uint32_t>(value.address)};
    const auto set = value.address == 0 ? std::nullopt : view.memory.load(wasm::GuestPtr<uint64_t>{at});
    out += "{sigmask=";
    set ? put_signal_set(out, *set) : put_address(out, value.address);
    out += fmt::format(", sigsetsize={}}}", value.size);
}

void put(std::string& out, const CallView&, const GuestSigaction& value) {
    put_handler(out += "{sa_handler=", value.handler);
    put_signal_set(out += ", sa_mask=", value.mask);
    put_names(out += ", sa_flags=", "SigactionFlags", static_cast<uint32_t>(value.flags));
    out += '}';
}

void put(std::string& out, const CallView&, const GuestStack& value) {
    put_address(out += "{ss_sp=", value.base);
    put_names(out += ", ss_flags=", "StackFlags", static_cast<uint32_t>(value.flags));
    out += fmt::format(", ss_size={}}}", value.bytes);
}

void put(std::string& out, const CallView&, const GuestSiginfo& value) {
    out += fmt::format("{{si_signo={}, si_code=", signal_name(value.signal));
    const bool child = value.signal == SIGCHLD && value.code > 0;
    put_names(out, child ? "ChildCode" : "SignalCode", static_cast<uint32_t>(value.code));
    constexpr int32_t kUser = 0, kQueue = -1, kThread = -6;
    if (child || value.code == kUser || value.code == kQueue || value.code == kThread) {
        std::array<int32_t, 3> fields{};  // sender, its user, and what it sends
        std::memcpy(fields.data(), value.fields, sizeof fields);
        out += fmt::format(", si_pid={}, si_uid={}", fields[0], fields[1]);
        if (child) out += fmt::format(", si_status={}", fields[2]);
        if (value.code == kQueue) out += fmt::format(", si_value={}", fields[2]);
    }
    out += '}';
}

void put(std::string& out, const CallView&, const GuestSigevent& value) {
    out += fmt::format("{{sigev_value={:#x}, sigev_signo={}, sigev_notify=", value.value, signal_name(value.signal));
    put_names(out, "SignalNotify", static_cast<uint32_t>(value.notify));
    out += '}';
}

}  // namespace wali::trace
