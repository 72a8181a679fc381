// SPDX-License-Identifier: Apache-2.0
// Prints the syscall table: as the page wali/SYSCALLS.md, which names a test for each supported call, or as a C header
// for programs that make the calls.
#include "wali/wali.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace {

std::string number(int nr) { return nr < 0 ? "–" : fmt::format("{}", nr); }

// Which program of a folder makes each call: the first by name whose text has "sys_NAME(".
std::map<std::string, std::string, std::less<>> tests_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string, std::less<>> tests;
    std::vector<std::filesystem::path> programs;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".c" || entry.path().extension() == ".h") programs.push_back(entry.path());
    }
    std::ranges::sort(programs);
    for (const auto& program : programs) {
        std::ifstream file(program);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        static const std::regex kCall(R"(\bsys_(\w+)\()");
        for (std::sregex_iterator call(text.begin(), text.end(), kCall), end; call != end; ++call) {
            tests.try_emplace((*call)[1].str(), program.stem().string());
        }
    }
    return tests;
}

// False if a supported call has no test.
bool print_page(const std::filesystem::path& folder) {
    const auto tests = tests_of(folder);
    const auto rows = wali::syscalls();
    const auto absent = std::ranges::count(rows, "absent", &wali::SyscallInfo::form);
    const auto custom = std::ranges::count(rows, "custom", &wali::SyscallInfo::form);
    const auto total = static_cast<long>(rows.size());
    fmt::print("# System calls\n\n");
    fmt::print("Written by `wali-table --page` from [syscalls.def](syscalls.def); a test keeps it current.\n\n");
    fmt::print(
        "Of {} Linux system calls, {} are supported: {} forwarded to the kernel once their arguments are decoded\n"
        "(direct), {} with code of their own (custom). {} answer `-ENOSYS`, each for the reason in its row. A test is\n"
        "a program of [tests/wali/guest](../tests/wali/guest), compared with its native twin; each call is seen to "
        "succeed\n"
        "and to fail ([outcomes.py](../tests/wali/outcomes.py) counts, and knows those that cannot).\n\n",
        total, total - absent, total - absent - custom, custom, absent);
    fmt::print(
        "| x86-64 | arm64 | riscv64 | call | part | form | import signature | arguments, or why it is absent | test "
        "|\n");
    fmt::print("|--:|--:|--:|---|---|---|---|---|---|\n");
    bool complete = true;
    for (const auto& row : rows) {
        const auto test = tests.find(row.name);
        const bool tested = test != tests.end();
        fmt::print("| {} | {} | {} | `{}` | {} | {} | {} | {} | {} |\n", number(row.x86_64), number(row.arm64),
                   number(row.riscv64), row.name, row.category, row.form,
                   row.signature.empty() ? "" : fmt::format("`{}`", row.signature), row.arguments,
                   tested ? test->second : "");
        if (tested || row.form == "absent") continue;
        fmt::print(stderr, "wali-table: no program in {} calls sys_{}\n", folder.string(), row.name);
        complete = false;
    }
    return complete;
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
    const std::string_view what = argc > 1 ? argv[1] : "";
    bool good = true;
    if (what == "--page" && argc == 3 && std::filesystem::is_directory(argv[2])) {
        good = print_page(argv[2]);
    } else if (what == "--header" && argc == 2) {
        print_header();
    } else {
        fmt::print(stderr, "usage: wali-table --page TESTS-FOLDER | --header\n");
        return 125;
    }
    return std::fflush(stdout) == 0 && good ? 0 : 1;
}
