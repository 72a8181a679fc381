// SPDX-License-Identifier: Apache-2.0
// The only place where the rows of syscalls.def become code.
#include "table.h"

#include "calls.h"
#include "dispatch.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

namespace wali {

namespace {

SysResult run_absent(Call&, Args&) { return SysResult::fail(ENOSYS); }

struct NamedOlderForm {
    std::string_view name;
    OlderForm form;
};
#define DIRECT(...)
#define CUSTOM(...)
#define ABSENT(...)
#define ALIAS(...)
#define VIA(name, newer, ...)                                                      \
    NamedOlderForm{#name, [](const OlderCall& call) {                              \
                       [[maybe_unused]] const auto [a, b, c, d, e, f] = call.args; \
                       return call.make(SYS_##newer, __VA_ARGS__);                 \
                   }},
#define OLDER(name) NamedOlderForm{#name, &older_##name},
constexpr NamedOlderForm kOlderForms[] = {
#include "syscalls.def"
};
#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

constexpr OlderForm older_form(std::string_view name) {
    const auto* found = std::ranges::find(kOlderForms, name, &NamedOlderForm::name);
    return found == std::ranges::end(kOlderForms) ? nullptr : found->form;
}

#define DIRECT(name, x86, arm, rv, category, restart, ...) \
    Row{#name,                                             \
        x86,                                               \
        arm,                                               \
        rv,                                                \
        Category::category,                                \
        Restart::restart,                                  \
        Form::Direct,                                      \
        Direct<__VA_ARGS__>::kParams,                      \
        Direct<__VA_ARGS__>::kInfo,                        \
        {},                                                \
        &Direct<__VA_ARGS__>::run,                         \
        older_form(#name)},
#define CUSTOM(name, x86, arm, rv, category, restart, ...)    \
    Row{#name,                                                \
        x86,                                                  \
        arm,                                                  \
        rv,                                                   \
        Category::category,                                   \
        Restart::restart,                                     \
        Form::Custom,                                         \
        Kinds<__VA_ARGS__>::kParams,                          \
        Kinds<__VA_ARGS__>::kInfo,                            \
        {},                                                   \
        &Custom<&sys_##name __VA_OPT__(, ) __VA_ARGS__>::run, \
        older_form(#name)},
#define ABSENT(name, x86, arm, rv, category, reason) \
    Row{#name, x86, arm, rv, Category::category, Restart::Quick, Form::Absent, {}, {}, reason, &run_absent, nullptr},
#define ALIAS(...)
#define VIA(...)
#define OLDER(...)

constexpr Row kRows[] = {
#include "syscalls.def"
};

#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

static_assert(std::ranges::adjacent_find(kRows, [](const Row& a, const Row& b) { return a.x86_64 >= b.x86_64; }) ==
                  std::ranges::end(kRows),
              "syscalls.def must be sorted by x86-64 number, each number once");

struct OldName {
    std::string_view old_name, name;
};
#define DIRECT(...)
#define CUSTOM(...)
#define ABSENT(...)
#define ALIAS(old_name, name) OldName{#old_name, #name},
#define VIA(...)
#define OLDER(...)
constexpr OldName kOldNames[] = {
#include "syscalls.def"
};
#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

}  // namespace

std::span<const Row> syscall_rows() { return kRows; }

const Row* find_syscall(std::string_view name) {
    const auto* old = std::ranges::find(kOldNames, name, &OldName::old_name);
    if (old != std::end(kOldNames)) name = old->name;
    const auto* row = std::ranges::find(kRows, name, &Row::name);
    return row == std::end(kRows) ? nullptr : row;
}

std::string_view to_string(Category category) {
    switch (category) {
#define CATEGORY(id, text) \
    case Category::id: return text;
        WALI_CATEGORIES(CATEGORY)
#undef CATEGORY
    }
    return "?";
}

}  // namespace wali
