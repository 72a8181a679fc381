// SPDX-License-Identifier: Apache-2.0
#include "trap_report.h"

#include "exit_status.h"
#include "log.h"

#include <wasm/text.h>

#include <fmt/format.h>

namespace cli {
namespace {

constexpr size_t kInnermost = 20;
constexpr size_t kOutermost = 5;

constinit std::string_view running_module;  // read by whichever guest thread traps

std::string name_of(const wasm::FrameInfo& frame) {
    if (!frame.func_name.empty()) return wasm::printable_name(frame.func_name);
    return frame.is_host ? "a host function" : fmt::format("function {}", frame.func_index);
}

std::string describe_frame(size_t number, const wasm::FrameInfo& frame) {
    if (frame.is_host) return fmt::format("    #{:<3} {} (host)\n", number, name_of(frame));
    if (frame.module_offset == 0) return fmt::format("    #{:<3} {}\n", number, name_of(frame));
    return fmt::format("    #{:<3} {} at {:#x}\n", number, name_of(frame), frame.module_offset);
}

}  // namespace

std::string describe_trap(std::string_view module, const wasm::Trap& trap) {
    std::string out = fmt::format("wali-run: {}: trap: {}", wasm::printable(module), trap.message());
    if (trap.fault_address != ~uint64_t{0}) out += fmt::format(" (address {:#x})", trap.fault_address);
    const auto& frames = trap.backtrace;
    if (!frames.empty()) out += fmt::format(" in {}", name_of(frames.front()));
    out += '\n';
    for (size_t i = 0; i < frames.size(); ++i) {
        if (frames.size() > kInnermost + kOutermost + 1 && i == kInnermost) {
            const size_t left_out = frames.size() - kInnermost - kOutermost;
            out += fmt::format("    … {} more\n", left_out);
            i += left_out;
        }
        out += describe_frame(i, frames[i]);
    }
    return out;
}

void name_running_module(std::string_view module) { running_module = module; }

void die_of_trap(const wasm::Trap& trap) {
    write_stderr(describe_trap(running_module, trap));
    end_with(end_of(trap));
}

}  // namespace cli
