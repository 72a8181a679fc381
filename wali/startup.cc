// SPDX-License-Identifier: Apache-2.0
#include "startup.h"

#include "process.h"
#include "text_file.h"
#include "threads.h"

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

}  // namespace

SysResult open_environment(const Process& process, uint32_t flags) {
    return make_text_file("environ", environment_lines(process), flags);
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
