// SPDX-License-Identifier: Apache-2.0
// The state of one guest process and of each of its threads. The kernel keeps everything it can (descriptors, ids,
// working directory); here is only what it cannot know.
#pragma once

#include "address_space.h"
#include "aio.h"
#include "fd_guard.h"
#include "memory_limits.h"
#include "own_links.h"
#include "signals.h"
#include "trace/tracer.h"
#include "wali.h"

#include <wasm/host.h>
#include <wasm/store.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wali {

struct Process {
    explicit Process(Options o) : options(std::move(o)) {}
    const Options options;
    FdGuard fds;              // the runtime's own descriptors
    OwnLinks links{fds};      // how found files are opened
    AddressSpace space;       // of memory 0, once the instance is attached
    wasm::Instance instance;  // what the guest is, from Host::attach on; until then nobody can make a call
    wasm::Memory memory;      // its memory 0
    wasm::Table functions;    // what its function pointers are indices of; a null handle if it has none
    // Whether a caller has this process's memory: the instance is attached, and no other one calls.
    bool is_memory(wasm::Memory callers) const { return callers && callers.data() == memory.data(); }
    SignalActions actions;
    MemoryLimits memory_limits;
    AioContexts aio;
    std::unique_ptr<trace::Tracer> tracer;  // nullptr: nothing is traced
    std::atomic<uint32_t> live_threads{1};  // guest threads that have not ended
    std::atomic<uint32_t> host_threads{0};  // host threads of others than the leader: these end a moment later
    static constexpr int32_t kStillRunning = -1;
    std::atomic<int32_t> last_status{kStillRunning};  // of the last thread, once it has ended; also a futex word
    std::optional<uint32_t> stack_pointer;            // index of the global __stack_pointer, a mutable i32
    uint32_t first_stack_pointer = 0;                 // its value when the module is attached
    std::atomic<uint32_t> persona{0};                 // bits of personality that the kernel does not have
    bool is_copy = false;                             // made by a fork of the guest

    // Whether the process may end by returning from Host::run. Not while other threads use the Store; and a copy of
    // the host program has nothing to do there.
    bool may_return(bool is_main) const { return is_main && !is_copy && host_threads.load() == 0; }

    // Where the guest finds NAME=VALUE lines once it has asked for them: a name that leads nowhere, so that opening it
    // can mean them.
    static constexpr std::string_view kEnvironmentPath = "/proc/self/fd/environment";
    bool has_environment_file = false;

    void log(wasm::LogLevel level, std::string_view area, std::string_view message) const {
        if (options.log != nullptr) options.log(level, area, message);
    }
};

// Per guest thread; found through wasm::Thread::user_data.
struct GuestThread {
    Process& process;
    wasm::Thread& wasm;
    bool is_main = false;      // runs inside Host::run
    bool is_leader = is_main;  // its tid is the process's id; also the thread that made this process by fork
    bool ended = false;
    ThreadSignals signals{};
    uint32_t clear_tid = 0;    // guest address that becomes 0, and is woken, when the thread ends (set_tid_address)
    uint32_t robust_list = 0;  // guest address of its list head (set_robust_list)

    // 0 in a module without one.
    uint32_t stack_pointer() const { return process.stack_pointer ? wasm.global(*process.stack_pointer).u32() : 0; }
    void set_stack_pointer(uint32_t value) const {
        if (process.stack_pointer) {
            static_cast<void>(wasm.set_global(*process.stack_pointer, wasm::Value::i32(static_cast<int32_t>(value))));
        }
    }

    static GuestThread& of(const wasm::Caller& caller) {
        return *static_cast<GuestThread*>(caller.thread().user_data());
    }
};

// A call by an instance that is not the process's program, or not yet.
wasm::HostOutcome refuse_stranger(wasm::Caller& caller);

}  // namespace wali
