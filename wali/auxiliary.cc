// SPDX-License-Identifier: Apache-2.0
// The imports of module "wali" that are not system calls.
#include "host_module.h"
#include "jumps.h"
#include "startup.h"
#include "threads.h"

namespace wali {

namespace {

wasm::HostFunc returning_twice(wasm::HostFunc func) {
    func.returns_twice = true;
    return func;
}

}  // namespace

std::vector<Auxiliary> auxiliary_imports() {
    using wasm::bind;
    return {
        {"__init", bind<&startup_init>()},
        {"__deinit", bind<&startup_deinit>()},
        {"__call_ctors", bind<&startup_init>()},    // __init, in 2025
        {"__call_dtors", bind<&startup_deinit>()},  // __deinit, in 2025
        {"__cl_get_argc", bind<&cl_get_argc>()},
        {"__cl_get_argv_len", bind<&cl_get_argv_len>()},
        {"__cl_copy_argv", bind<&cl_copy_argv>()},
        {"__get_init_envfile", bind<&get_init_envfile>()},
        {"__proc_exit", bind<&proc_exit>(), "exit_group"},
        {"__wasm_thread_spawn", bind<&thread_spawn>(), "clone"},
        {"setjmp", returning_twice(bind<&guest_setjmp>())},
        {"_setjmp", returning_twice(bind<&guest_setjmp>())},
        {"sigsetjmp", returning_twice(bind<&guest_sigsetjmp>())},
        {"longjmp", bind<&guest_longjmp>()},
        {"_longjmp", bind<&guest_longjmp>()},
        {"siglongjmp", bind<&guest_longjmp>()},
    };
}

}  // namespace wali
