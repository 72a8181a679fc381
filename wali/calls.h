// SPDX-License-Identifier: Apache-2.0
// The functions behind the CUSTOM rows, declared by the rows themselves: a definition whose parameters are not its
// row's kinds does not link.
#pragma once

#include "kinds.h"
#include "sys_result.h"

namespace wali {

struct Call;

#define DIRECT(...)
#define CUSTOM(name, x86, arm, rv, category, restart, ...) SysResult sys_##name(Call& __VA_OPT__(, ) __VA_ARGS__);
#define ABSENT(...)
#define ALIAS(...)
#define VIA(...)
#define OLDER(...)
#include "syscalls.def"
#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

}  // namespace wali
