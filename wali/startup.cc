// SPDX-License-Identifier: Apache-2.0
#include "startup.h"

#include "kernel.h"
#include "process.h"
#include "threads.h"

#include <wasm/write_quietly.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

namespace wali {

namespace {

Process& process_of(wasm::Caller& caller) { return GuestThread::of(caller).process; }

// One line per variable: the form the guest's libc parses. A value with a newline does not fit; such variables follow
// behind a zero byte, each with a zero byte at its end, with \1n for newline and \1\1 for the byte 1. Our SDK's libc
// reads them; to others it all is one more line, and an empty one.
std::string environment_lines(const Process& process) {
    std::string lines, others;
    for (const std::string& variable : process.options.env) {
        if (variable.find('\n') == std::string::npos) {
            lines.append(variable).push_back('\n');
            continue;
        }
        for (const char c : variable) {
            if (c == '\n' || c == '\1') others.push_back('\1');
            others.push_back(c == '\n' ? 'n' : c);
        }
        others.push_back('\0');
    }
    if (!others.empty()) lines.append(1, '\0').append(others);
    return lines;
}

// RLIMIT_FSIZE is for what the guest writes: here it does not hold, as far as it may be lifted.
class FileSizeLimit {
  public:
    FileSizeLimit() {
        if (kernel(SYS_prlimit64, 0, RLIMIT_FSIZE, nullptr, &before_) != 0 || before_.rlim_cur == RLIM_INFINITY) return;
        const rlimit lifted{before_.rlim_max, before_.rlim_max};
        lifted_ = kernel(SYS_prlimit64, 0, RLIMIT_FSIZE, &lifted, nullptr) == 0;
    }
    ~FileSizeLimit() {
        if (lifted_) kernel(SYS_prlimit64, 0, RLIMIT_FSIZE, &before_, nullptr);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    bool lifted_ = false;
};

}  // namespace

SysResult open_environment(const Process& process, uint32_t flags) {
    const std::string lines = environment_lines(process);
    const uint32_t close_on_exec = (flags & O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0;
    const long fd = kernel(SYS_memfd_create, "environ", close_on_exec | MFD_ALLOW_SEALING);
    if (fd < 0) return SysResult::from_kernel(fd);
    bool written = false;
    {
        const FileSizeLimit lifted;
        written = wasm::write_quietly(static_cast<int>(fd), lines);
    }
    kernel(SYS_lseek, fd, 0, SEEK_SET);
    kernel(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    if (written) return SysResult::ok(fd);
    kernel(SYS_close, fd);
    return SysResult::fail(EFBIG);
}

int32_t startup_init() { return 0; }

int32_t startup_deinit() { return 0; }

int32_t cl_get_argc(wasm::Caller& caller) { return static_cast<int32_t>(process_of(caller).options.args.size()); }

int32_t cl_get_argv_len(wasm::Caller& caller, uint32_t index) {
    const auto& args = process_of(caller).options.args;
    return index < args.size() ? static_cast<int32_t>(args[index].size()) : 0;
}

// Writes the terminator too: the guest has allocated one byte more than it asked the length of.
int32_t cl_copy_argv(wasm::Caller& caller, wasm::GuestAddr buffer, uint32_t index) {
    const auto& args = process_of(caller).options.args;
    if (index >= args.size()) return -1;
    return caller.memory().write(buffer, args[index].c_str(), args[index].size() + 1) ? 0 : -1;
}

// Tells the guest a path that it opens, maps and parses as NAME=VALUE lines; 0 means "no environment".
int32_t get_init_envfile(wasm::Caller& caller, wasm::GuestAddr buffer, uint32_t size) {
    Process& process = process_of(caller);
    if (process.options.env.empty()) return 0;
    const std::string path(Process::kEnvironmentPath);
    if (path.size() >= size) return 0;
    process.has_environment_file = true;
    return caller.memory().write(buffer, path.c_str(), path.size() + 1) ? 1 : 0;
}

wasm::HostOutcome proc_exit(wasm::Caller& caller, int32_t code) { return exit_process(caller, code); }

}  // namespace wali
