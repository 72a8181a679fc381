// SPDX-License-Identifier: Apache-2.0
// What a WALI libc asks of its engine between `_start` and `main`, and after it.
#pragma once

#include "sys_result.h"

#include <wasm/bind.h>

namespace wali {

int32_t startup_init();
int32_t startup_deinit();
int32_t cl_get_argc(wasm::Caller& caller);
int32_t cl_get_argv_len(wasm::Caller& caller, uint32_t index);
int32_t cl_copy_argv(wasm::Caller& caller, wasm::GuestAddr buffer, uint32_t index);
int32_t get_init_envfile(wasm::Caller& caller, wasm::GuestAddr buffer, uint32_t size);
wasm::HostOutcome proc_exit(wasm::Caller& caller, int32_t code);

struct Process;
// The file at Process::kEnvironmentPath: a descriptor of the guest's, or an error.
SysResult open_environment(const Process& process, uint32_t flags);

}  // namespace wali
