// SPDX-License-Identifier: Apache-2.0
// The syscall table as text, for --list-syscalls and generated pages.
#include "table.h"
#include "wali.h"

#include <fmt/format.h>

namespace wali {

namespace {

std::string wasm_signature(std::string_view params) {
    std::string text;
    for (const char c : params) text += fmt::format("{}{}", text.empty() ? "" : ", ", c == 'I' ? "i64" : "i32");
    return fmt::format("({}) -> (i64)", text);
}

std::string_view suffix(Direction d) {
    switch (d) {
        case Direction::None: return "";
        case Direction::In: return " in";
        case Direction::Out: return " out";
        case Direction::InOut: return " in/out";
    }
    return "";
}

std::string arguments(const Row& row) {
    std::string text;
    for (const KindInfo& kind : row.kinds) {
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ", kind.name, suffix(kind.direction));
    }
    return text;
}

std::string_view to_string(Form form) {
    switch (form) {
        case Form::Direct: return "direct";
        case Form::Custom: return "custom";
        case Form::Absent: return "absent";
    }
    return "";
}

}  // namespace

std::vector<SyscallInfo> syscalls() {
    std::vector<SyscallInfo> list;
    for (const Row& row : syscall_rows()) {
        SyscallInfo& info = list.emplace_back();
        info.name = row.name;
        info.x86_64 = row.x86_64;
        info.arm64 = row.arm64;
        info.riscv64 = row.riscv64;
        info.category = to_string(row.category);
        info.form = to_string(row.form);
        info.params = row.params;
        if (row.form != Form::Absent) info.signature = wasm_signature(row.params);
        info.arguments = row.form == Form::Absent ? std::string(row.reason) : arguments(row);
    }
    return list;
}

}  // namespace wali
