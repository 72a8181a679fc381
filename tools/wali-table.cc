// SPDX-License-Identifier: Apache-2.0
// Prints the syscall table: as the page wali/SYSCALLS.md, or as a C header for programs that make the calls.
#include "wali/wali.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace {

std::string number(int nr) {
    return nr < 0 ? "–" : fmt::format("{}", nr);
}

void print_page() {
    const auto rows = wali::syscalls();
    const auto absent = std::ranges::count(rows, "absent", &wali::SyscallInfo::form);
    const auto custom = std::ranges::count(rows, "custom", &wali::SyscallInfo::form);
    const auto total = static_cast<long>(rows.size());
    fmt::print("# System calls\n\n");
    fmt::print("Written by `wali-table --page` from [syscalls.def](syscalls.def); a test keeps it current.\n\n");
    fmt::print(
        "Of {} Linux system calls, {} are supported: {} forwarded to the kernel once their arguments are decoded\n"
        "(direct), {} with code of their own (custom). {} answer `-ENOSYS`, each for the reason in its row.\n\n",
        total, total - absent, total - absent - custom, custom, absent);
    fmt::print(
        "| x86-64 | arm64 | riscv64 | call | part | form | import signature | arguments, or why it is absent |\n");
    fmt::print("|--:|--:|--:|---|---|---|---|---|\n");
    for (const auto& row : rows) {
        fmt::print("| {} | {} | {} | `{}` | {} | {} | {} | {} |\n", number(row.x86_64), number(row.arm64),
                   number(row.riscv64), row.name, row.category, row.form,
                   row.signature.empty() ? "" : fmt::format("`{}`", row.signature), row.arguments);
    }
}

// sys_NAME(args…) for every call: an import of module "wali" on wasm32, the kernel's own call elsewhere. Arguments
// may be integers or pointers.
void print_header() {
    fmt::print("// Written by `wali-table --header`.\n#pragma once\n");
    fmt::print("#ifdef __wasm__\n");
    fmt::print("#define WALI_i(x) ((int)(x))\n#define WALI_I(x) ((long long)(x))\n");
    for (const auto& row : wali::syscalls()) {
        if (row.form == "absent") continue;
        std::string types, names, casts;
        for (size_t i = 0; i < row.params.size(); ++i) {
            const char* comma = i == 0 ? "" : ", ";
            types += fmt::format("{}{}", comma, row.params[i] == 'I' ? "long long" : "int");
            names += fmt::format("{}a{}", comma, i);
            casts += fmt::format("{}WALI_{}(a{})", comma, row.params[i], i);
        }
        fmt::print("__attribute__((import_module(\"wali\"), import_name(\"SYS_{0}\"))) long long wali_SYS_{0}({1});\n",
                   row.name, types.empty() ? "void" : types);
        fmt::print("#define sys_{0}({1}) wali_SYS_{0}({2})\n", row.name, names, casts);
    }
    fmt::print("#else\n");
    for (const auto& row : wali::syscalls()) {
        if (row.form == "absent") continue;
        std::string names, casts;
        for (size_t i = 0; i < row.params.size(); ++i) {
            names += fmt::format("{}a{}", i == 0 ? "" : ", ", i);
            casts += fmt::format(", (long)(a{})", i);
        }
        for (size_t i = row.params.size(); i < 6; ++i) casts += ", 0L";
        fmt::print("#define sys_{}({}) native_call({}{})\n", row.name, names, row.x86_64, casts);
    }
    fmt::print("#endif\n");
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    if (what == "--page") {
        print_page();
    } else if (what == "--header") {
        print_header();
    } else {
        fmt::print(stderr, "usage: wali-table --page | --header\n");
        return 125;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
