// SPDX-License-Identifier: Apache-2.0
// The state of one guest process and of each of its threads. The kernel keeps everything it can (descriptors, ids,
// working directory); here is only what it cannot know.
#pragma once

#include "address_space.h"
#include "fd_guard.h"
#include "wali.h"

#include <wasm/host.h>
#include <wasm/store.h>

#include <string>
#include <vector>

namespace wali {

struct Process {
    explicit Process(Options o) : options(std::move(o)) {}
    const Options options;
    FdGuard fds;              // the runtime's own descriptors
    AddressSpace space;       // of memory 0, once the instance is attached
    wasm::Instance instance;  // of the main thread; set when it is run

    int environment_file = -1;  // NAME=VALUE lines, a handle of `fds`, once the guest has asked for it
    std::string environment_path() const { return "/proc/self/fd/" + std::to_string(fds.number(environment_file)); }

    void log(wasm::LogLevel level, std::string_view area, std::string_view message) const {
        if (options.log != nullptr) options.log(level, area, message);
    }
};

// Per guest thread; found through wasm::Thread::user_data.
struct GuestThread {
    Process& process;
    wasm::Thread& wasm;

    static GuestThread& of(const wasm::Caller& caller) {
        return *static_cast<GuestThread*>(caller.thread().user_data());
    }
};

}  // namespace wali
