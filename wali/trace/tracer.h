// SPDX-License-Identifier: Apache-2.0
// Tracing as the rest of the room sees it. What is traced is decided when a module is linked: an import that is not
// traced is the same function as without a tracer.
#pragma once

#include "../signals.h"
#include "../wali.h"
#include "sink.h"

#include <wasm/host.h>

#include <bitset>
#include <memory>
#include <string>

namespace wali {

struct Auxiliary;
struct Process;

namespace trace {

class Tracer {
  public:
    // Before any guest code. nullptr: nothing to trace, or the host refuses what it takes (`why`).
    static std::unique_ptr<Tracer> start(const TraceOptions& options, FdGuard& fds, std::string& why);

    // nullptr: a name Linux has not.
    bool wants(const Row* row) const {
        return row == nullptr ? everything_ : wanted_[static_cast<size_t>(row - syscall_rows().data())];
    }
    bool prints() const { return options_.lines; }
    bool counts() const { return options_.summary; }
    Sink& sink() { return sink_; }

    // A handler of the guest is about to run.
    void signal(const NotedSignal& noted);
    // The calling process ends with this status.
    void end(int status);

    // Around an execve that continues in this program: its option, and after the call has failed.
    std::string option_for_exec() { return "--strace-resume=" + sink_.hand_on(); }
    void after_failed_exec() { sink_.keep_back(); }

  private:
    Tracer(const TraceOptions& options, FdGuard& fds) : options_(options), sink_(fds) {}
    bool connect();

    const TraceOptions options_;
    Sink sink_;
    std::bitset<SharedState::kCounts> wanted_;
    bool everything_ = false;
};

// In the place of enter_syscall; `env` is a SyscallImport.
wasm::HostOutcome enter_traced(wasm::Caller& caller, wasm::Slot* slots, void* env);

// An import that is no system call, and what its place in a trace is.
struct TracedAuxiliary {
    Process& process;
    const Auxiliary& import;
};
wasm::HostOutcome enter_traced_auxiliary(wasm::Caller& caller, wasm::Slot* slots, void* env);

}  // namespace trace

}  // namespace wali
