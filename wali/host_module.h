// SPDX-License-Identifier: Apache-2.0
// Module "wali" as a linker sees it. WALI's ABI has moved several times and is bound by name, so linking is tolerant:
// the signature a module declares is adapted to, as long as argument counts agree and no float is involved.
#pragma once

#include "dispatch.h"
#include "process.h"

#include <wasm/linker.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace wali {

inline constexpr std::string_view kModuleName = "wali";
inline constexpr std::string_view kSyscallPrefix = "SYS_";

// An import that is not a system call: start-up, threads, setjmp.
struct Auxiliary {
    std::string_view name;
    wasm::HostFunc func;
    std::string_view like{};  // the system call that a trace shows it with
};
std::vector<Auxiliary> auxiliary_imports();

class HostModule {
  public:
    HostModule(wasm::Store& store, Process& process);

    // nullopt: leave it missing. An item of another type than declared: let the linker say so.
    std::optional<wasm::Extern> resolve(const wasm::ImportType& import);

  private:
    std::optional<wasm::Extern> resolve_syscall(const wasm::ImportType& import, std::string_view name);
    std::optional<wasm::Extern> resolve_auxiliary(const wasm::ImportType& import, const wasm::HostFunc& func);
    wasm::HostFunc traced(const Auxiliary& import);
    std::optional<wasm::Extern> trap_when_called(const wasm::ImportType& import);
    wasm::Extern make(const wasm::HostFunc& func, std::string_view name);

    // An auxiliary import as this module declares it: perhaps by another signature of as many integer arguments.
    struct Declared {
        wasm::HostFunc func;
        Process& process;
        bool exact = true;
        size_t params = 0;
        bool has_result = false;
    };
    static wasm::HostOutcome enter_auxiliary(wasm::Caller& caller, wasm::Slot* slots, void* env);
    static wasm::HostOutcome call_adapted(wasm::Caller& caller, wasm::Slot* slots, const Declared& declared);

    wasm::Store& store_;
    Process& process_;
    std::vector<Auxiliary> auxiliary_;
    // What the functions handed out point to: stable addresses, as long as the instances.
    std::deque<SyscallImport> syscalls_;
    std::deque<trace::TracedAuxiliary> traced_;
    std::deque<Declared> declared_;
    std::deque<std::string> missing_;
};

}  // namespace wali
