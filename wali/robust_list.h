// SPDX-License-Identifier: Apache-2.0
// The list of mutexes a thread holds, as the guest lays it out (set_robust_list).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wali {

struct GuestRobustList {
    static constexpr std::string_view kName = "robust list";
    uint32_t first;  // entries are linked through their first word; the last one points back here
    uint32_t pad;
    int64_t offset;    // from an entry to its futex word
    uint32_t pending;  // an entry that is being locked or unlocked
    uint32_t pad2;
};
static_assert(sizeof(GuestRobustList) == 24 && offsetof(GuestRobustList, pending) == 16);

}  // namespace wali
