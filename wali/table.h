// SPDX-License-Identifier: Apache-2.0
// The syscall table: syscalls.def as data.
#pragma once

#include "kinds.h"
#include "older_calls.h"
#include "sys_result.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace wali {

struct Call;

// Which part of the kernel a call talks to (strace's classes).
#define WALI_CATEGORIES(CATEGORY) \
    CATEGORY(File, "file")        \
    CATEGORY(Desc, "desc")        \
    CATEGORY(Memory, "memory")    \
    CATEGORY(Process, "process")  \
    CATEGORY(Signal, "signal")    \
    CATEGORY(Network, "network")  \
    CATEGORY(Ipc, "ipc")          \
    CATEGORY(Creds, "creds")      \
    CATEGORY(Clock, "clock")      \
    CATEGORY(System, "system")
enum class Category : uint8_t {
#define CATEGORY(id, text) id,
    WALI_CATEGORIES(CATEGORY)
#undef CATEGORY
};
std::string_view to_string(Category category);

// What a call interrupted by a handled signal does (signal(7)). Host handlers never carry SA_RESTART: the engine runs
// the guest's handlers first and then decides by this.
enum class Restart : uint8_t {
    Quick,    // does not wait for events. If it answers EINTR after all (a network file system), as Always
    Always,   // made again if every handler that ran has SA_RESTART, else EINTR
    Receive,  // as Always, but EINTR when descriptor argument 0 has SO_RCVTIMEO
    Send,     // as Always, but EINTR when descriptor argument 0 has SO_SNDTIMEO
    Never,    // EINTR whatever the handlers say
    Own,      // the function decides
};

enum class Form : uint8_t { Direct, Custom, Absent };

struct Row {
    std::string_view name;
    int16_t x86_64, arm64, riscv64;  // kernel numbers; -1: the machine has no such call
    Category category;
    Restart restart;
    Form form;
    std::string_view params;  // one letter per wasm parameter: i = i32, I = i64. The result is always i64
    std::span<const KindInfo> kinds;
    std::string_view reason;  // why it is absent
    SysResult (*run)(Call& call, Args& args);
    OlderForm older;  // how it is made where the number is -1

    bool can_block() const { return restart != Restart::Quick; }
    constexpr int host_nr() const {
#if defined(__x86_64__)
        return x86_64;
#elif defined(__aarch64__)
        return arm64;
#else
        return riscv64;
#endif
    }
};

// Sorted by x86-64 number, which is also the order of syscalls.def.
std::span<const Row> syscall_rows();
// By name ("read"), old names included; nullptr if Linux has no such call.
const Row* find_syscall(std::string_view name);

}  // namespace wali
