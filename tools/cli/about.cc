// SPDX-License-Identifier: Apache-2.0
#include "about.h"

#include "binfmt.h"
#include "wali/wali.h"

#include <wasm/module.h>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace cli {
namespace {

constexpr std::string_view kFeatureNames[] = {
#define FEATURE(id, text) text,
    WASM_FEATURES(FEATURE)
#undef FEATURE
};

}  // namespace

std::string version_text() {
    return fmt::format(
        "wali-run {}\n"
        "compiler: {}\n"
        "machine:  {}, {}\n"
        "dispatch: {}, {} pinned registers of each class\n"
        "features: {}\n"
        "fmt:      {}.{}.{}\n",
        WALI_RUN_VERSION, WALI_RUN_COMPILER, WALI_RUN_MACHINE,
        is_static_program() ? "fully static" : "with the system's libraries", WALI_RUN_DISPATCH, WALI_RUN_PINS,
        fmt::join(kFeatureNames, ", "), FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
}

std::string syscalls_text() {
    const std::vector<wali::SyscallInfo> rows = wali::syscalls();
    const auto provided = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.form != "absent"; });
    std::string out;
    for (const wali::SyscallInfo& row : rows) {
        const std::string number = row.x86_64 < 0 ? std::string("-") : fmt::format("{}", row.x86_64);
        out += fmt::format("{:>4} {:<24}{:<9}{:<8}{}\n", number, row.name, row.category, row.form, row.arguments);
    }
    return out + fmt::format("{} of {} system calls provided; the others answer ENOSYS\n", provided, rows.size());
}

}  // namespace cli
