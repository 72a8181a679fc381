// SPDX-License-Identifier: Apache-2.0
// Calls that x86-64 has and machines after it lack, because a newer call includes them (VIA and OLDER in
// syscalls.def): how they are made there.
#pragma once

#include "args.h"
#include "kernel.h"

#include <array>

namespace wali {

struct OlderCall {
    KernelPointers guest;  // what an argument points to is copied once
    bool can_block = false;
    std::array<long, 6> args{};  // as the kernel would get them

    template <class... A>
    long make(long nr, A... a) const {
        return can_block ? kernel_interruptible(nr, a...) : kernel(nr, a...);
    }
};

using OlderForm = long (*)(const OlderCall&);

#define DIRECT(...)
#define CUSTOM(...)
#define ABSENT(...)
#define ALIAS(...)
#define VIA(...)
#define OLDER(name) long older_##name(const OlderCall& call);
#include "syscalls.def"
#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

}  // namespace wali
