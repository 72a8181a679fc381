// SPDX-License-Identifier: Apache-2.0
// The syscall table against facts from outside: names, numbers and signatures of the WALI specification, and the
// numbers of this machine's kernel headers. Most of it is checked by the compiler.
#include "wali/table.h"

#include "wali/dispatch.h"
#include "wali/options.h"

#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sem.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <set>

namespace wali {
namespace {

// The rows once more, as constants: the table itself is private to table.cc.
struct Fact {
    std::string_view name;
    int x86_64, arm64, riscv64;
    std::string_view params;
    bool present;
};
#define DIRECT(name, x86, arm, rv, category, restart, ...) {#name, x86, arm, rv, Kinds<__VA_ARGS__>::kParams, true},
#define CUSTOM                                             DIRECT
#define ABSENT(name, x86, arm, rv, category, reason)       {#name, x86, arm, rv, {}, false},
#define ALIAS(...)
#define VIA(...)
#define OLDER(...)
constexpr Fact kRows[] = {
#include "wali/syscalls.def"
};
#undef DIRECT
#undef CUSTOM
#undef ABSENT
#undef ALIAS
#undef VIA
#undef OLDER

constexpr Fact row_of(std::string_view name) {
    for (const Fact& row : kRows) {
        if (row.name == name) return row;
    }
    return {"no such row", -2, -2, -2, {}, false};
}
constexpr bool has_numbers(std::string_view name, int x86, int arm, int rv) {
    const Fact row = row_of(name);
    return row.x86_64 == x86 && row.arm64 == arm && row.riscv64 == rv;
}
constexpr bool has_params(std::string_view name, std::string_view params) {
    const Fact row = row_of(name);
    return !row.present || row.params == params;
}

#define NAME(name, x86, arm, rv)                    \
    static_assert(has_numbers(#name, x86, arm, rv), \
                  #name " is missing, or its numbers differ from the specification's");
#define SPEC(name, x86, arm, rv, params) \
    NAME(name, x86, arm, rv)             \
    static_assert(has_params(#name, params), "SYS_" #name " disagrees with the WALI specification");
#define SEEN(name, x86, arm, rv, params) \
    NAME(name, x86, arm, rv)             \
    static_assert(has_params(#name, params), "SYS_" #name " disagrees with what binaries import");
#include "spec_signatures.def"
#undef NAME
#undef SPEC
#undef SEEN

#define NAME(name, ...) 1 +
#define SPEC            NAME
#define SEEN            NAME
constexpr size_t kNamed =
#include "spec_signatures.def"
    0;
static_assert(std::size(kRows) == kNamed, "the table has a row that is not a Linux system call");

}  // namespace

TEST_CASE("rows can be found by name, old names included") {
    for (const Row& row : syscall_rows()) CHECK(find_syscall(row.name) == &row);
    CHECK(find_syscall("fstatat") == find_syscall("newfstatat"));
    CHECK(find_syscall("fadvise64") == find_syscall("fadvise"));
    CHECK(find_syscall("no_such_call") == nullptr);
    CHECK(find_syscall("") == nullptr);
}

TEST_CASE("a row says all there is to say") {
    for (const Row& row : syscall_rows()) {
        INFO(row.name);
        size_t letters = 0;
        for (const KindInfo& kind : row.kinds) {
            CHECK_FALSE(kind.name.empty());
            letters += kind.wasm.size();
        }
        CHECK(letters == row.params.size());
        CHECK((row.form == Form::Absent) == !row.reason.empty());
        CHECK(row.run != nullptr);
    }
}

TEST_CASE("no number is used twice on any machine") {
    std::set<int> arm64, riscv64;
    for (const Row& row : syscall_rows()) {
        INFO(row.name);
        if (row.arm64 >= 0) CHECK(arm64.insert(row.arm64).second);
        if (row.riscv64 >= 0) CHECK(riscv64.insert(row.riscv64).second);
    }
}

TEST_CASE("calls that newer machines lack are made by newer calls there") {
    // These open and fork by themselves; what these say, no other call does.
    const std::set<std::string_view> asks_otherwise{"open", "creat", "fork", "vfork", "sysfs", "ustat"};
    for (const Row& row : syscall_rows()) {
        INFO(row.name);
        const bool lacking = row.form != Form::Absent && (row.arm64 < 0 || row.riscv64 < 0);
        CHECK((row.older != nullptr) == (lacking && !asks_otherwise.contains(row.name)));
    }
}

TEST_CASE("older calls answer as this machine's kernel does, which has them") {
    std::array<int32_t, 2> pipe{-1, -1};
    const auto older = [](std::string_view name, auto... args) {
        const Row* row = find_syscall(name);
        return row->older({{}, row->can_block(), {detail::register_of(args)...}});
    };
    REQUIRE(older("pipe", pipe.data()) == 0);
    const int32_t copy = pipe[1] + 10;
    CHECK(older("dup2", pipe[1], copy) == copy);
    CHECK(older("dup2", copy, copy) == copy);
    CHECK(older("dup2", copy + 1, copy + 1) == -EBADF);
    PollFd polled{pipe[0], 1, 0};
    CHECK(older("poll", &polled, 1, 1) == 0);
    REQUIRE(kernel(SYS_write, copy, "x", 1) == 1);
    CHECK(older("poll", &polled, 1, -1) == 1);
    uint64_t readable = uint64_t{1} << pipe[0];
    CHECK(older("select", pipe[0] + 1, &readable, nullptr, nullptr, nullptr) == 1);
    CHECK(older("getpgrp") == kernel(SYS_getpgid, 0));
    CHECK(older("alarm", 100) == 0);
    CHECK(older("alarm", 0) == 100);
    CHECK(older("epoll_create", 0) == -EINVAL);
    CHECK(older("access", "/", 0) == 0);
    CHECK(older("rmdir", "/") == -EBUSY);
    CHECK(older("readlink", "/", &readable, 8) == -EINVAL);
    for (const int32_t fd : {pipe[0], pipe[1], copy}) kernel(SYS_close, fd);
}

TEST_CASE("commands with arguments have the values of the kernel's headers") {
    // One of each sort; the differential tests use the others.
    CHECK(find_fcntl(F_SETLKW)->name == "F_SETLKW");
    CHECK(find_fcntl(F_SETLKW)->bytes == sizeof(struct flock));
    CHECK(find_ioctl(TIOCGWINSZ)->bytes == sizeof(winsize));
    CHECK(find_ioctl(FICLONE)->argument == CommandArg::Fd);
    CHECK(find_ioctl(BLKGETSIZE64)->bytes == 8);
    CHECK(find_ioctl(0x80041272)->host == BLKGETSIZE64);
    CHECK(find_ioctl(LOOP_SET_STATUS64)->bytes == sizeof(loop_info64));
    CHECK(find_command("SemCommand", SETVAL)->name == "SETVAL");
    CHECK(find_keyctl(11)->arguments == "nbl0");
    CHECK(find_ioctl(FS_IOC_GETFLAGS) != nullptr);
    CHECK(find_prctl(PR_SET_NAME)->bytes == 16);
    CHECK(find_prctl(PR_SET_SECCOMP) == nullptr);
    CHECK(find_prctl(PR_SET_MM) == nullptr);
    CHECK(is_plain_socket_option(1, 7));          // SOL_SOCKET, SO_SNDBUF
    CHECK_FALSE(is_plain_socket_option(0, 64));   // IPT_SO_SET_REPLACE
    CHECK_FALSE(is_plain_socket_option(283, 1));  // SOL_XDP
}

}  // namespace wali
