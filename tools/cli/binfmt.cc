// SPDX-License-Identifier: Apache-2.0
#include "binfmt.h"

#include "exit_status.h"
#include "output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

namespace cli {
namespace {

using Answer = wasm::Result<BinfmtAnswer>;

constexpr std::string_view kEntry = "wali-run";
constexpr std::string_view kMagic = R"(\x00asm\x01\x00\x00\x00)";  // a module of version 1
constexpr std::string_view kConfiguration = "wali-run.conf";

// F: the interpreter is opened now, so that it is found from other roots and in containers. O: the kernel opens the
// module, so that one which may only be executed can be run. P: argv[0] is kept.
constexpr std::string_view kFlags = "POF";
// P is announced to the interpreter (AT_FLAGS) since Linux 5.12; before, nobody could tell whether it was there.
constexpr std::string_view kFlagsBefore512 = "OF";

bool kernel_announces_argv0() {
    utsname name{};
    int major = 0;
    int minor = 0;
    if (uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
    return major > 5 || (major == 5 && minor >= 12);
}

std::string_view flags() { return kernel_announces_argv0() ? kFlags : kFlagsBefore512; }

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// 0 or an errno. One write: the kernel takes an order whole.
int write_file(const std::string& path, std::string_view text, int flags) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
    if (fd < 0) return errno;
    const int error = write_all(fd, text) ? 0 : errno;
    close(fd);
    return error;
}

std::string read_file(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    std::array<char, 8192> text;
    const ssize_t n = read(fd, text.data(), text.size());
    close(fd);
    return {text.data(), n < 0 ? 0 : static_cast<size_t>(n)};
}

wasm::Error refused(std::string_view what, int error) {
    const bool rights = error == EACCES || error == EPERM || error == EROFS;
    return own_failure(fmt::format("{}: {}{}", what, std::strerror(error), rights ? " (this needs root)" : ""));
}

std::string own_path() {
    std::array<char, PATH_MAX> path;
    const ssize_t n = readlink("/proc/self/exe", path.data(), path.size());
    return {path.data(), n < 0 ? 0 : static_cast<size_t>(n)};
}

std::string entry_file(const BinfmtPlaces& places) { return fmt::format("{}/{}", places.kernel, kEntry); }
std::string configuration_file(const BinfmtPlaces& places) {
    return fmt::format("{}/{}", places.configuration, kConfiguration);
}

// 0 or an errno.
int find_kernel(const BinfmtPlaces& places) {
    if (exists(places.kernel + "/register")) return 0;
    if (!places.may_mount) return ENOENT;
    return mount("binfmt_misc", places.kernel.c_str(), "binfmt_misc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0
               ? 0
               : errno;
}

// The value of a line "name value" of an entry.
std::string value_of(std::string_view entry, std::string_view name) {
    while (!entry.empty()) {
        const std::string_view line = entry.substr(0, entry.find('\n'));
        entry.remove_prefix(std::min(entry.size(), line.size() + 1));
        if (line.starts_with(name) && line.size() > name.size()) return std::string(line.substr(name.size() + 1));
    }
    return {};
}

// A file that systemd reads when the system starts: whole or not at all.
int write_configuration(const BinfmtPlaces& places, std::string_view line) {
    const std::string file = configuration_file(places);
    const std::string unfinished = file + ".new";
    if (mkdir(places.configuration.c_str(), 0755) != 0 && errno != EEXIST) return errno;
    const std::string text =
        fmt::format("# WebAssembly modules run with wali-run. Written by wali-run --binfmt-install.\n{}\n", line);
    if (const int error = write_file(unfinished, text, O_CREAT | O_TRUNC); error != 0) return error;
    return rename(unfinished.c_str(), file.c_str()) == 0 ? 0 : errno;
}

std::string persistence(const BinfmtPlaces& places) {
    if (!exists(places.systemd)) return "no: there is no systemd-binfmt here, register again after a reboot";
    const std::string file = configuration_file(places);
    return exists(file) ? fmt::format("yes: {}", file) : fmt::format("no: there is no {}", file);
}

}  // namespace

// Then the kernel has loaded no ld.so either.
bool is_static_program() { return getauxval(AT_BASE) == 0; }

std::optional<std::string> binfmt_line(std::string_view interpreter, std::string_view flags) {
    for (const char separator : {':', ',', '|', '!', '~', '%', '@'}) {
        if (interpreter.find(separator) != std::string_view::npos) continue;
        const std::string_view s(&separator, 1);
        return fmt::format("{0}{1}{0}M{0}0{0}{2}{0}{0}{3}{0}{4}", s, kEntry, kMagic, interpreter, flags);
    }
    return std::nullopt;
}

Answer binfmt_install(const BinfmtPlaces& places) {
    const std::string self = own_path();
    const auto line = self.starts_with('/') ? binfmt_line(self, flags()) : std::nullopt;
    if (!line) return own_failure(fmt::format("--binfmt-install: '{}' cannot be registered", self));
    if (const int error = find_kernel(places); error != 0) return refused(places.kernel, error);
    if (exists(entry_file(places))) {
        if (const int error = write_file(entry_file(places), "-1", 0); error != 0) {
            return refused(entry_file(places), error);
        }
    }
    const std::string order = places.kernel + "/register";
    if (const int error = write_file(order, *line, 0); error != 0) return refused(order, error);
    if (exists(places.systemd)) {
        if (const int error = write_configuration(places, *line); error != 0) {
            return refused(configuration_file(places), error);
        }
    }
    return binfmt_status(places);
}

Answer binfmt_status(const BinfmtPlaces& places) {
    const std::string entry = read_file(entry_file(places));
    if (entry.empty()) {
        const bool mounted = exists(places.kernel + "/register");
        return BinfmtAnswer{
            fmt::format("registered:      no{}\nsurvives reboot: {}\n",
                        mounted ? "" : fmt::format(" (no binfmt_misc at {})", places.kernel), persistence(places)),
            1};
    }
    const bool enabled = entry.starts_with("enabled") && read_file(places.kernel + "/status") != "disabled\n";
    const std::string flags = value_of(entry, "flags:");
    std::string text =
        fmt::format("registered:      yes{}\ninterpreter:     {}\nflags:           {}\nsurvives reboot: {}\n",
                    enabled ? "" : ", but disabled", value_of(entry, "interpreter"), flags, persistence(places));
    if (flags.find('P') == std::string::npos) {
        text += "note: without flag P (Linux 5.12) a program's argv[0] is the path of its file\n";
    }
    if (!is_static_program()) {
        text +=
            "note: this build needs the system's libraries; for other roots and containers build with -Dstatic=true\n";
    }
    return BinfmtAnswer{std::move(text), enabled ? 0 : 1};
}

Answer binfmt_remove(const BinfmtPlaces& places) {
    const bool registered = exists(entry_file(places));
    if (registered) {
        if (const int error = write_file(entry_file(places), "-1", 0); error != 0) {
            return refused(entry_file(places), error);
        }
    }
    const std::string file = configuration_file(places);
    const bool persistent = unlink(file.c_str()) == 0;
    if (!persistent && errno != ENOENT && errno != ENOTDIR) return refused(file, errno);
    return BinfmtAnswer{registered || persistent ? "removed\n" : "nothing was registered\n", 0};
}

std::optional<BinfmtRun> binfmt_run() {
    constexpr unsigned long kPreservesArgv0 = 1;  // AT_FLAGS_PRESERVE_ARGV0
    BinfmtRun run;
    run.keeps_argv0 = (getauxval(AT_FLAGS) & kPreservesArgv0) != 0;
    errno = 0;
    const unsigned long fd = getauxval(AT_EXECFD);
    if (errno == 0) run.fd = static_cast<int>(fd);
    return run.keeps_argv0 || run.fd >= 0 ? std::optional(run) : std::nullopt;
}

}  // namespace cli
