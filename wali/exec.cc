// SPDX-License-Identifier: Apache-2.0
// The kernel looks at a file and finds who runs it: itself (ELF), the interpreter of a script, or nobody (ENOEXEC).
// A module, also as the interpreter of a script, is what we must find before it. Everything else is handed over
// untouched: errors, script handling, close-on-exec and all that a process keeps are the kernel's.
#include "exec.h"

#include "own_program.h"
#include "signals.h"

#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wali {

namespace {

constexpr size_t kMaxStrings = 1 << 20;  // more than the kernel's own limit on their pointers
constexpr int kMaxScripts = 5;           // interpreters of interpreters, as in the kernel
constexpr uint32_t kMaxPath = 4096;
constexpr uint32_t kLongestString = 32 * 4096;  // MAX_ARG_STRLEN
constexpr size_t kHeadBytes = 256;              // of a file, that decide about it
constexpr std::string_view kMagic{"\0asm", 4};

// argv or envp as the kernel wants it: pointers into guest memory, which the kernel copies and checks.
class StringVector {
  public:
    // 0 or an errno.
    int load(const Call& call, wasm::GuestAddr at) {
        if (wasm::raw(at) == 0) return 0;
        for (uint64_t address = wasm::raw(at); pointers_.size() < kMaxStrings; address += sizeof(wasm::GuestAddr)) {
            if (address > UINT32_MAX) return EFAULT;
            const auto slot = wasm::GuestPtr<wasm::GuestAddr>{wasm::GuestAddr{static_cast<uint32_t>(address)}};
            const auto string = call.memory.load(slot);
            if (!string) return EFAULT;
            if (wasm::raw(*string) == 0) return 0;
            const char* host = host_string(call, *string);
            if (host == nullptr) return EFAULT;
            if (pointers_.empty()) first_ = *string;
            pointers_.push_back(host);
        }
        return E2BIG;
    }
    const std::vector<const char*>& pointers() const { return pointers_; }
    // argv[0], as far as there is one.
    std::string first(const Call& call) const {
        if (pointers_.empty()) return {};
        return call.memory.load_string(first_, kLongestString).value_or(std::string());
    }
    std::vector<const char*> with_end() const {
        auto all = pointers_;
        all.push_back(nullptr);
        return all;
    }

  private:
    const char* host_string(const Call& call, wasm::GuestAddr at) {
        if (call.memory.reserved() != 0) return reinterpret_cast<const char*>(call.memory.base()) + wasm::raw(at);
        auto copy = call.memory.load_string(at, kLongestString);
        return copy ? copies_.emplace_back(std::move(*copy)).c_str() : nullptr;
    }
    std::vector<const char*> pointers_;  // for the kernel alone
    wasm::GuestAddr first_{};
    std::deque<std::string> copies_;
};

class OwnedFd {
  public:
    explicit OwnedFd(long fd) : fd_(static_cast<int>(fd)) {}
    ~OwnedFd() {
        if (fd_ >= 0) kernel(SYS_close, fd_);
    }
    OwnedFd(const OwnedFd&) = delete;
    OwnedFd& operator=(const OwnedFd&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

// The beginning of a regular file that may be executed; empty for everything else, which the kernel shall judge.
std::string head_of(int dir, const char* path, int flags) {
    const int open_flags = O_PATH | O_CLOEXEC | ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? O_NOFOLLOW : 0);
    // Only looked at first: opening a device or a fifo for reading would do something.
    const bool by_fd = (flags & AT_EMPTY_PATH) != 0 && *path == '\0';
    const OwnedFd file(by_fd ? kernel(SYS_fcntl, dir, F_DUPFD_CLOEXEC, 0) : kernel(SYS_openat, dir, path, open_flags));
    struct stat status{};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    const std::string link = "/proc/self/fd/" + std::to_string(file.get());
    // A chroot may have no /proc: then by name once more, and not waiting for what it may have become.
    const bool linked = kernel(SYS_faccessat, AT_FDCWD, link.c_str(), F_OK) == 0;
    const int reading = O_RDONLY | O_CLOEXEC | (linked ? 0 : O_NOCTTY | O_NONBLOCK);
    if (linked) {
        dir = AT_FDCWD;
        path = link.c_str();
    }
    if (kernel(SYS_faccessat, dir, path, X_OK) != 0) return {};
    const OwnedFd content(kernel(SYS_openat, dir, path, reading));
    std::string head(kHeadBytes, '\0');
    const long n = content.get() < 0 ? 0 : kernel(SYS_pread64, content.get(), head.data(), head.size(), 0);
    head.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return head;
}

// The two words of "#!interpreter argument" as the kernel splits them.
struct Interpreter {
    std::string path;
    std::string argument;
};
Interpreter interpreter_of(const std::string& head) {
    constexpr std::string_view kBlank = " \t";
    std::string_view line = std::string_view(head).substr(2);
    line = line.substr(0, line.find_first_of(std::string_view("\n\0", 2)));
    const auto trim = [&](std::string_view text) {
        const size_t first = text.find_first_not_of(kBlank);
        if (first == std::string_view::npos) return std::string_view();
        return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
    };
    line = trim(line);
    const size_t end = line.find_first_of(kBlank);
    if (end == std::string_view::npos) return {std::string(line), {}};
    return {std::string(line.substr(0, end)), std::string(trim(line.substr(end)))};
}

// The path under which the interpreter (or we, for a module) will find the file.
std::string path_for_others(int dir, const std::string& name, int flags) {
    if (dir == AT_FDCWD || name.starts_with('/')) return name;
    const std::string fd_path = "/dev/fd/" + std::to_string(dir);  // as the kernel names them
    return (flags & AT_EMPTY_PATH) != 0 && name.empty() ? fd_path : fd_path + "/" + name;
}

// Everything that the next program inherits from the guest and not from us; undone when there is no next program.
class InheritedState {
  public:
    explicit InheritedState(Call& call) : call_(call), ready_(call.thread.signals.expose_mask()) {
        if (ready_) call.process.actions.before_exec();
    }
    ~InheritedState() {
        if (!ready_) return;
        call_.process.address_limit.after_failed_exec();
        call_.process.actions.after_failed_exec();
        call_.thread.signals.sync_host_mask();
    }
    InheritedState(const InheritedState&) = delete;
    InheritedState& operator=(const InheritedState&) = delete;
    bool ready() const { return ready_; }  // else a signal comes first

  private:
    Call& call_;
    bool ready_;
};

// A module to run in the place of what the guest named: itself, or the interpreter of scripts.
struct ModuleRun {
    std::string path;
    std::deque<std::string> words;  // in the place of argv[0]: the program's name, then arguments that scripts add
};

std::optional<ModuleRun> find_module(int dir, std::string path, int flags, std::string argv0) {
    ModuleRun run{{}, {std::move(argv0)}};
    for (int scripts = 0; scripts <= kMaxScripts; ++scripts) {
        const std::string head = head_of(dir, path.c_str(), flags);
        const std::string name = path_for_others(dir, path, flags);
        if (head.starts_with(kMagic)) {
            run.path = name;
            return run;
        }
        if (!head.starts_with("#!")) return std::nullopt;
        Interpreter interpreter = interpreter_of(head);
        run.words.front() = name;
        if (!interpreter.argument.empty()) run.words.push_front(std::move(interpreter.argument));
        run.words.push_front(interpreter.path);
        path = std::move(interpreter.path);
        dir = AT_FDCWD;
        flags = 0;
    }
    return std::nullopt;
}

SysResult run_module(Call& call, const ModuleRun& run, const StringVector& argv, const StringVector& envp) {
    const std::string path = run.path.starts_with('-') ? "./" + run.path : run.path;
    std::vector<const char*> words;
    for (const std::string& word : call.process.options.self) words.push_back(word.c_str());
    trace::Tracer* const tracer = call.process.tracer.get();
    const std::string traced = tracer != nullptr ? tracer->option_for_exec() : std::string();
    if (!traced.empty()) words.push_back(traced.c_str());
    words.insert(words.end(), {"--argv0", run.words.front().c_str(), path.c_str()});
    for (size_t i = 1; i < run.words.size(); ++i) words.push_back(run.words[i].c_str());
    const auto& given = argv.pointers();
    if (!given.empty()) words.insert(words.end(), given.begin() + 1, given.end());
    words.push_back(nullptr);
    const long result = kernel_interruptible(SYS_execve, words.front(), words.data(), envp.with_end().data());
    if (tracer != nullptr) tracer->after_failed_exec();
    return SysResult::from_kernel(result);
}

}  // namespace

SysResult execute(Call& call, int dir, Path path, wasm::GuestAddr argv_at, wasm::GuestAddr envp_at, int flags) {
    const bool plain = dir == AT_FDCWD && flags == 0;  // execveat may be forbidden where execve is not
    StringVector argv;
    StringVector envp;
    int error = argv.load(call, argv_at);
    if (error == 0) error = envp.load(call, envp_at);
    if (error != 0) {  // the kernel looks at the file first
        const auto* bad = reinterpret_cast<const char* const*>(bad_pointer());
        const long verdict =
            plain ? kernel(SYS_execve, path.kernel, bad, bad) : kernel(SYS_execveat, dir, path.kernel, bad, bad, flags);
        return verdict == -EFAULT ? SysResult::fail(error) : SysResult::from_kernel(verdict);
    }
    std::optional<ModuleRun> module;
    if (wasm::raw(path.at) != 0 && !call.process.options.self.empty()) {
        auto name = call.memory.load_string(path.at, kMaxPath);
        if (const std::string* program = own_program(call, path)) {
            name = *program;
            path.kernel = program->c_str();
        }
        if (name) module = find_module(dir, *name, flags, argv.first(call));
    }
    const InheritedState state(call);
    if (!state.ready()) return SysResult::from_kernel(kNotStarted);
    if (flags != 0 || kernel(SYS_faccessat, dir, path.kernel, X_OK) == 0) call.process.address_limit.before_exec();
    if (module) return run_module(call, *module, argv, envp);
    if (plain) {
        return SysResult::from_kernel(
            kernel_interruptible(SYS_execve, path.kernel, argv.with_end().data(), envp.with_end().data()));
    }
    return SysResult::from_kernel(
        kernel_interruptible(SYS_execveat, dir, path.kernel, argv.with_end().data(), envp.with_end().data(), flags));
}

}  // namespace wali
