// SPDX-License-Identifier: Apache-2.0
// The imports of module "wali" that are not system calls.
#include "host_module.h"
#include "startup.h"

namespace wali {

std::vector<Auxiliary> auxiliary_imports() {
    using wasm::bind;
    return {
        {"__init", bind<&startup_init>()},         {"__deinit", bind<&startup_deinit>()},
        {"__call_ctors", bind<&startup_init>()},    // __init, in 2025
        {"__call_dtors", bind<&startup_deinit>()},  // __deinit, in 2025
        {"__cl_get_argc", bind<&cl_get_argc>()},   {"__cl_get_argv_len", bind<&cl_get_argv_len>()},
        {"__cl_copy_argv", bind<&cl_copy_argv>()}, {"__get_init_envfile", bind<&get_init_envfile>()},
        {"__proc_exit", bind<&proc_exit>()},
    };
}

}  // namespace wali
