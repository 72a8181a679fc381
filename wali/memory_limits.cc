// SPDX-License-Identifier: Apache-2.0
#include "memory_limits.h"

#include "kernel.h"

#include <linux/capability.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

namespace wali {

namespace {

Rlimit host_limit(uint32_t resource) {
    Rlimit limit{};
    kernel(SYS_prlimit64, 0, resource, nullptr, &limit);
    return limit;
}

bool may_raise_limits() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
    return kernel(SYS_capget, &header, data) == 0 && (data[0].effective >> CAP_SYS_RESOURCE & 1U) != 0;
}

}  // namespace

Rlimit MemoryLimits::get(uint32_t resource) const {
    const std::lock_guard guard(lock_);
    const auto& own = limits_[index_of(resource)].own;
    return own ? *own : host_limit(resource);
}

int MemoryLimits::set(uint32_t resource, const Rlimit& wanted) {
    const std::lock_guard guard(lock_);
    auto& own = limits_[index_of(resource)].own;
    if (wanted.soft > wanted.hard) return EINVAL;
    if (wanted.hard > (own ? *own : host_limit(resource)).hard && !may_raise_limits()) return EPERM;
    own = wanted;
    return 0;
}

uint64_t MemoryLimits::soft(uint32_t resource) const {
    const std::lock_guard guard(lock_);
    const auto& own = limits_[index_of(resource)].own;
    return own ? own->soft : UINT64_MAX;
}

void MemoryLimits::before_exec(bool is_sure) {
    const std::lock_guard guard(lock_);
    for (size_t i = 0; i < limits_.size(); ++i) {
        Limit& limit = limits_[i];
        if (!limit.own) continue;
        limit.host = host_limit(kResources[i]);
        Rlimit given = *limit.own;
        if (!is_sure) given.hard = std::max(given.hard, limit.host->hard);
        kernel(SYS_prlimit64, 0, kResources[i], &given, nullptr);
    }
}

void MemoryLimits::after_failed_exec() {
    const std::lock_guard guard(lock_);
    for (size_t i = 0; i < limits_.size(); ++i) {
        Limit& limit = limits_[i];
        if (!limit.host) continue;
        if (kernel(SYS_prlimit64, 0, kResources[i], &*limit.host, nullptr) != 0) {
            const Rlimit most{limit.own->hard, limit.own->hard};
            kernel(SYS_prlimit64, 0, kResources[i], &most, nullptr);
        }
        limit.host.reset();
    }
}

}  // namespace wali
