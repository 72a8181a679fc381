// SPDX-License-Identifier: Apache-2.0
#include "module_file.h"

#include "exit_status.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace cli {
namespace {

using Read = std::variant<ModuleBytes, ModuleRefused>;

constexpr size_t kMagicSize = 8;  // magic and version
constexpr size_t kMostBytes = size_t{2} << 30;

ModuleRefused too_long() { return {kNotRunnable, "longer than 2 GiB"}; }

ModuleRefused refused(int error) {
    const bool absent = error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == ELOOP;
    return {absent ? kNotFound : error == ENOMEM || error == EMFILE ? kOwnFailure : kNotRunnable, std::strerror(error)};
}

bool starts_with(std::span<const uint8_t> bytes, std::string_view start) {
    return bytes.size() >= start.size() && std::memcmp(bytes.data(), start.data(), start.size()) == 0;
}

// A module may follow a line "#!/path/to/wali-run": then the system runs the file by itself.
std::span<const uint8_t> without_first_line(std::span<const uint8_t> bytes) {
    using namespace std::string_view_literals;
    constexpr size_t kLongestLine = 256;  // that the kernel reads
    if (!starts_with(bytes, "#!"sv)) return bytes;
    const auto line = bytes.first(std::min(bytes.size(), kLongestLine));
    const auto end = std::find(line.begin(), line.end(), '\n');
    if (end == line.end()) return bytes;
    const auto rest = bytes.subspan(static_cast<size_t>(end - line.begin()) + 1);
    return starts_with(rest, "\0asm"sv) ? rest : bytes;
}

// Gives up as soon as the first bytes say that this is no module: a device may never end.
Read read_stream(int fd) {
    auto buffer = std::make_shared<std::vector<uint8_t>>();
    size_t used = 0;
    while (true) {
        buffer->resize(std::max<size_t>(65536, used * 2));
        const ssize_t n = read(fd, buffer->data() + used, buffer->size() - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refused(errno);
        if (n == 0) break;
        used += static_cast<size_t>(n);
        if (used >= kMagicSize && !why_not_a_module(without_first_line({buffer->data(), used})).empty()) break;
        if (used > kMostBytes) return too_long();
    }
    const std::span<const uint8_t> bytes(buffer->data(), used);
    return ModuleBytes{bytes, std::move(buffer)};
}

Read read_open_file(int fd) {
    struct stat info{};
    if (fstat(fd, &info) != 0) return refused(errno);
    if (S_ISDIR(info.st_mode)) return ModuleRefused{kNotRunnable, "is a directory"};
    if (!S_ISREG(info.st_mode) || info.st_size <= 0) return read_stream(fd);
    ModuleBytes module;
    if (static_cast<uint64_t>(info.st_size) > kMostBytes) return too_long();
    if (const int error = wasm::read_file(fd, static_cast<uint64_t>(info.st_size), module); error != 0) {
        return refused(error);
    }
    return module;
}

// The first line of what looks like text, for the message.
bool is_text(std::span<const uint8_t> bytes) {
    const auto start = bytes.first(std::min<size_t>(bytes.size(), 64));
    return std::all_of(start.begin(), start.end(),
                       [](uint8_t c) { return c >= 0x20 ? c != 0x7F : c == '\n' || c == '\r' || c == '\t'; });
}

Read read_checked(int fd) {
    Read result = read_open_file(fd);
    if (auto* module = std::get_if<ModuleBytes>(&result)) {
        module->bytes = without_first_line(module->bytes);
        if (std::string reason = why_not_a_module(module->bytes); !reason.empty()) {
            return ModuleRefused{kNotRunnable, std::move(reason)};
        }
    }
    return result;
}

}  // namespace

std::string why_not_a_module(std::span<const uint8_t> bytes) {
    using namespace std::string_view_literals;
    if (bytes.empty()) return "empty file, not a WebAssembly module";
    if (starts_with(bytes, "\0asm"sv)) {
        if (bytes.size() < kMagicSize) return "truncated: only the start of a WebAssembly header";
        // Layer 1 in the upper half of the version word.
        if (bytes[6] == 1 && bytes[7] == 0) return "a WebAssembly component; only core modules run here";
        return {};
    }
    if (starts_with(bytes, "\0aot"sv))
        return "a WAMR AOT file (machine code made by wamrc); run the .wasm it was made from";
    if (starts_with(bytes,
                    "\x7F"
                    "ELF"sv))
        return "a native ELF file, not a WebAssembly module";
    if (starts_with(bytes, "#!"sv)) return "a script, not a WebAssembly module";
    if (starts_with(bytes, "(module"sv)) return "WebAssembly text; assemble it to a binary module first";
    if (is_text(bytes)) return "text, not a WebAssembly module";
    if (bytes.size() < kMagicSize) return "too short for a WebAssembly module";
    return "not a WebAssembly module";
}

Read read_module(const std::string& path) {
    const bool standard_input = path == "-";
    const int fd = standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return refused(errno);
    return standard_input ? read_checked(fd) : read_module(fd);
}

Read read_module(int fd) {
    Read result = read_checked(fd);
    close(fd);
    return result;
}

}  // namespace cli
