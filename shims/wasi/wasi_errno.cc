// SPDX-License-Identifier: Apache-2.0
#include "wasi_errno.h"

#include <array>
#include <cerrno>
#include <cstddef>

namespace shims::wasi {
namespace {

constexpr int kMostHostErrno = 133;

constexpr auto kFromHost = [] {
    std::array<Errno, kMostHostErrno + 1> table{};
    table.fill(Errno::Io);
#define ERRNO(name, number, host) \
    if (host != 0 || Errno::name == Errno::Success) table[host] = Errno::name;
#include "wasi_errno.def"
#undef ERRNO
    return table;
}();

}  // namespace

Errno from_host(int host_errno) {
    return host_errno < 0 || host_errno > kMostHostErrno ? Errno::Io : kFromHost[static_cast<size_t>(host_errno)];
}

}  // namespace shims::wasi
