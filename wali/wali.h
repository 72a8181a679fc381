// SPDX-License-Identifier: Apache-2.0
// The door of this room: makes a WALI process out of a module. Everything else in wali/ is private to it.
#pragma once

#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wali {

// What becomes of an import `wali.SYS_*` that Linux has not, or of any other `wali.*` we do not know.
enum class UnknownImports : uint8_t {
    Enosys,  // SYS_* answers -ENOSYS; any other name traps when called
    Trap,    // traps when called
    Refuse,  // the module does not link
};

// What --strace shows. The descriptor is the host's from then on.
struct TraceOptions {
    bool lines = false;    // one for each call
    bool summary = false;  // calls, errors and time of each, at the end
    std::string what;      // "read,file" or "!clock"; empty: all. See check_trace_filter
    int out = -1;
    std::string resumed;  // in a program that execve started: the argument of its option --strace-resume
};
// What is wrong with a filter, if anything.
std::optional<std::string> check_trace_filter(std::string_view what);

struct Options {
    std::vector<std::string> args;  // argv; args[0] is the name the guest sees
    std::vector<std::string> env;   // NAME=VALUE
    std::string program;            // the module's absolute path, if it has one
    UnknownImports unknown_imports = UnknownImports::Enosys;
    bool warn_missing = false;  // name each missing syscall once, when it is first called
    bool strict_calls = false;  // trap on calls through a function pointer of another type
    uint32_t max_threads = 0;   // 0: as many as the kernel allows
    TraceOptions trace;
    // How to run a .wasm child with execve: the program and the options to put before the module.
    std::vector<std::string> self;
    // Ends the process after a trap in a guest thread other than the main one; must not return. Called on that thread.
    void (*on_thread_trap)(const wasm::Trap& trap) = nullptr;
    // One line, no newline; may be null. Called from any thread.
    void (*log)(wasm::LogLevel level, std::string_view area, std::string_view message) = nullptr;
};

// The signal that a processor would raise for an instruction that traps like this; 0: none would.
int signal_of(const wasm::Trap& trap);

// True if the module imports anything from "wali".
bool is_wali_module(const wasm::Module& module);

struct Process;
struct GuestThread;

// One guest process in this host process: signals, descriptors and the working directory are the process's own, so
// there is at most one Host at a time.
class Host {
  public:
    Host(wasm::Store& store, Options options);
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // Makes the imports of module "wali" resolvable.
    void define(wasm::Linker& linker);

    // Makes the instance the process's program, once it is prepared (Linker::prepare) and before any code of it runs:
    // calls that are made before end in a trap. What this room takes from a module is judged here, all of it: memory 0,
    // table 0, the stack pointer. An error: the module cannot be a process.
    wasm::Result<void> attach(wasm::Instance instance);
    // Runs the exported `_start` on the store's main thread; the process ends with it, other threads included.
    // Exited carries the status (0-255). A process that must die by a signal does not return. An error: the module
    // cannot be run this way. Attaches the instance if that has not been done.
    wasm::Result<wasm::Stop> run(wasm::Instance instance);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// One row of the syscall table, for --list-syscalls and generated pages.
struct SyscallInfo {
    std::string_view name;  // "read"
    int x86_64 = -1, arm64 = -1, riscv64 = -1;
    std::string_view category;  // "desc", "file", …
    std::string_view form;      // "direct", "custom", "absent"
    std::string_view params;    // one letter per wasm parameter: i = i32, I = i64
    std::string signature;      // "(i32, i32, i32) -> (i64)"; empty when absent
    std::string arguments;      // "fd, buffer out" or, when absent, the reason
};
std::vector<SyscallInfo> syscalls();

}  // namespace wali
