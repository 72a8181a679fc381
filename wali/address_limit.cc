// SPDX-License-Identifier: Apache-2.0
#include "address_limit.h"

#include "kernel.h"

#include <linux/capability.h>
#include <sys/resource.h>

#include <cerrno>

namespace wali {

namespace {

Rlimit host_limit() {
    Rlimit limit{};
    kernel(SYS_prlimit64, 0, RLIMIT_AS, nullptr, &limit);
    return limit;
}

bool may_raise_limits() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
    return kernel(SYS_capget, &header, data) == 0 && (data[0].effective >> CAP_SYS_RESOURCE & 1U) != 0;
}

}  // namespace

Rlimit AddressLimit::get() const {
    const std::lock_guard guard(lock_);
    return own_ ? *own_ : host_limit();
}

int AddressLimit::set(const Rlimit& wanted) {
    const std::lock_guard guard(lock_);
    if (wanted.soft > wanted.hard) return EINVAL;
    if (wanted.hard > (own_ ? *own_ : host_limit()).hard && !may_raise_limits()) return EPERM;
    own_ = wanted;
    return 0;
}

bool AddressLimit::is_set() const {
    const std::lock_guard guard(lock_);
    return own_.has_value();
}

bool AddressLimit::allows(uint64_t bytes) const {
    const std::lock_guard guard(lock_);
    return !own_ || bytes <= own_->soft;
}

void AddressLimit::before_exec() {
    const std::lock_guard guard(lock_);
    if (!own_) return;
    host_ = host_limit();
    kernel(SYS_prlimit64, 0, RLIMIT_AS, &*own_, nullptr);
}

void AddressLimit::after_failed_exec() {
    const std::lock_guard guard(lock_);
    if (!host_) return;
    if (kernel(SYS_prlimit64, 0, RLIMIT_AS, &*host_, nullptr) != 0) {
        const Rlimit most{own_->hard, own_->hard};
        kernel(SYS_prlimit64, 0, RLIMIT_AS, &most, nullptr);
    }
    host_.reset();
}

}  // namespace wali
