// SPDX-License-Identifier: Apache-2.0
// The kernel looks at a file and finds who runs it: itself (ELF), the interpreter of a script, or nobody (ENOEXEC).
// A module, also as the interpreter of a script, is what we must find before it. Everything else is handed over
// untouched: errors, script handling, close-on-exec and all that a process keeps are the kernel's.
#include "exec.h"

#include "open_guard.h"
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
constexpr std::string_view kElf{"\177ELF"};

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

// Whether the guest may execute it, as the kernel will see it.
bool is_executable(int dir, const char* path, int flags) {
    const int at_flags = AT_EACCESS | (flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
    const long result = kernel(SYS_faccessat2, dir, path, X_OK, at_flags);
    if (result == -ENOSYS) return kernel(SYS_faccessat, dir, path, X_OK) == 0;  // before Linux 5.8
    return result == 0;
}

// What decides about a regular file that may be executed; everything else the kernel shall judge.
struct Look {
    std::string head;         // its beginning
    bool is_readable = true;  // else there is no head, although the file may be executed
    bool is_runtime = false;  // it is this very program
};

bool is_runtime(const struct stat& status) {
    struct stat own{};
    return ::stat("/proc/self/exe", &own) == 0 && own.st_dev == status.st_dev && own.st_ino == status.st_ino;
}

// The beginning of what `descriptor` has opened. -1: it cannot be read.
long read_head(int descriptor, std::string& head) {
    head.resize(kHeadBytes);
    const long n = kernel(SYS_pread64, descriptor, head.data(), head.size(), 0);
    head.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return n;
}

Look look_into(const Call& call, const FoundFile& file) {
    Look look;
    struct stat status{};
    // Only looked at first: opening a device or a fifo for reading would do something.
    if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) return look;
    if (!is_executable(file.fd(), "", AT_EMPTY_PATH)) return look;
    look.is_runtime = is_runtime(status);
    if (read_head(file.fd(), look.head) >= 0) return look;
    // It has been found only. By name it may be something else by now that would have to be waited for.
    const SysResult opened = file.open(O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    look.is_readable = !opened.failed_with(EACCES);
    if (opened.failed() || opened.not_started()) return look;
    const auto fd = static_cast<int>(opened.value());
    const FoundFile content(call, fd);
    kernel(SYS_close, fd);
    if (content.fd() >= 0) static_cast<void>(read_head(content.fd(), look.head));
    return look;
}

Look look_at(const Call& call, int dir, const char* path, int flags) {
    if ((flags & AT_EMPTY_PATH) != 0 && *path == '\0') return look_into(call, FoundFile(call, dir));
    const uint64_t how = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? O_NOFOLLOW : 0;
    return look_into(call, FoundFile(call, {dir, {path, {}}, how}));
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
        call_.process.memory_limits.after_failed_exec();
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
    std::string script;             // that has named the module; may be empty
    std::deque<std::string> words;  // in the place of argv[0]: the program's name, then arguments that scripts add
};

struct Found {
    std::optional<ModuleRun> module;
    bool is_readable = true;  // else it may be a module all the same
    bool is_sure = false;     // what is to be run is of a kind that starts
};

// A script whose interpreter is this program is a module after a line of its own: it is run as one, and so keeps its
// argv[0].
Found find_module(const Call& call, int dir, std::string path, int flags, const std::string& argv0) {
    ModuleRun run{{}, {}, {argv0}};
    for (int scripts = 0; scripts <= kMaxScripts; ++scripts) {
        const Look look = look_at(call, dir, path.c_str(), flags);
        const std::string name = path_for_others(dir, path, flags);
        if (scripts == 1 && look.is_runtime && run.words.size() == 2)
            return {ModuleRun{run.script, {}, {argv0}}, true, true};
        if (look.head.starts_with(kMagic)) {
            run.path = name;
            return {run, true, true};
        }
        if (!look.head.starts_with("#!"))
            return {std::nullopt, scripts > 0 || look.is_readable, look.head.starts_with(kElf)};
        Interpreter interpreter = interpreter_of(look.head);
        if (run.script.empty()) run.script = name;
        run.words.front() = name;
        if (!interpreter.argument.empty()) run.words.push_front(std::move(interpreter.argument));
        run.words.push_front(interpreter.path);
        path = std::move(interpreter.path);
        dir = AT_FDCWD;
        flags = 0;
    }
    return {};
}

SysResult run_module(Call& call, const ModuleRun& run, const StringVector& argv, const StringVector& envp) {
    const std::string path = run.path.starts_with('-') ? "./" + run.path : run.path;
    std::vector<const char*> words;
    for (const std::string& word : call.process.options.self) words.push_back(word.c_str());
    trace::Tracer* const tracer = call.process.tracer.get();
    const std::string traced = tracer != nullptr ? tracer->option_for_exec() : std::string();
    if (!traced.empty()) words.push_back(traced.c_str());
    if (!run.script.empty()) words.insert(words.end(), {"--comm", run.script.c_str()});
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
    Found found;
    if (wasm::raw(path.at) != 0 && !call.process.options.self.empty()) {
        auto name = call.memory.load_string(path.at, kMaxPath);
        if (const std::string* program = own_program(call, path)) {
            name = *program;
            path.kernel = program->c_str();
        }
        if (name) found = find_module(call, dir, *name, flags, argv.first(call));
    }
    const InheritedState state(call);
    if (!state.ready()) return SysResult::from_kernel(kNotStarted);
    if (flags != 0 || is_executable(dir, path.kernel, 0)) call.process.memory_limits.before_exec(found.is_sure);
    if (found.module) return run_module(call, *found.module, argv, envp);
    const auto words = argv.with_end();
    const auto variables = envp.with_end();
    const SysResult result = SysResult::from_kernel(
        plain ? kernel_interruptible(SYS_execve, path.kernel, words.data(), variables.data())
              : kernel_interruptible(SYS_execveat, dir, path.kernel, words.data(), variables.data(), flags));
    // Upon ENOEXEC shells would read it as a script.
    return result.failed_with(ENOEXEC) && !found.is_readable ? SysResult::fail(EACCES) : result;
}

}  // namespace wali
