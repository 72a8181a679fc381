// SPDX-License-Identifier: Apache-2.0
#include "open_guard.h"

#include "file_kind.h"
#include "kernel.h"

#include <wasm/apart.h>

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <charconv>
#include <string>

namespace wali {

namespace {

using Digits = std::array<char, 16>;
Digits number_text(int number) {
    Digits text{};
    std::to_chars(text.data(), text.data() + text.size() - 1, number);
    return text;
}

bool is_alone(const Call& call) { return call.process.live_threads.load(std::memory_order_relaxed) == 1; }

SysResult refuse(const Call& call) {
    call.process.log(wasm::LogLevel::Warn, "syscall",
                     "refused: opening the memory of a process, of the machine or of this runtime");
    return SysResult::fail(EACCES);
}

// `make` is kernel_interruptible, or kernel where nobody takes note of signals.
template <class Make>
long make_open(const OpenRequest& r, Make make) {
    if (r.handle != nullptr) return make(SYS_open_by_handle_at, r.dir, r.handle, r.flags, 0L);
    if (r.resolve == 0) return make(SYS_openat, r.dir, r.path.kernel, r.flags, r.mode);
    const open_how how{r.flags, r.mode, r.resolve};
    return make(SYS_openat2, r.dir, r.path.kernel, &how, sizeof how);
}

SysResult open_directly(const OpenRequest& r) {
    return SysResult::from_kernel(make_open(r, [](auto... arguments) { return kernel_interruptible(arguments...); }));
}

// While nobody else could use the descriptor.
SysResult open_then_check(const Call& call, const OpenRequest& r) {
    const SysResult opened = open_directly(r);
    if (opened.failed() || opened.not_started() || !is_forbidden(static_cast<int>(opened.value()))) return opened;
    kernel(SYS_close, opened.value());
    return refuse(call);
}

// ---- in a table of descriptors that nobody else sees
// -----------------------------------------------------------------

// Whether the unclear file at this number is the memory of a process: 1 or 0, or an error.
struct Question {
    int folder;
    Digits link;
    uint64_t flags;
};
int64_t answer(void* argument) {
    const auto& question = *static_cast<Question*>(argument);
    const uint64_t flags = (question.flags & O_ACCMODE) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    const long fd = kernel(SYS_openat, question.folder, question.link.data(), flags);
    return fd < 0 ? fd : positions_like_memory(static_cast<int>(fd)) ? 1 : 0;
}

// Opens by name once more, and sends what has been judged: for processes that cannot reach any procfs.
struct Errand {
    OpenRequest request;
    int socket;
};
// A message of one byte and one descriptor.
struct Parcel {
    char byte = 0;
    iovec vector{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    Parcel() {
        header.msg_iov = &vector;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
    }
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;
    int* descriptor() { return reinterpret_cast<int*>(CMSG_DATA(CMSG_FIRSTHDR(&header))); }
};
int64_t run_errand(void* argument) {
    const auto& errand = *static_cast<Errand*>(argument);
    const long fd = make_open(errand.request, [](auto... arguments) { return kernel(arguments...); });
    if (fd < 0) return fd;
    if (is_forbidden(static_cast<int>(fd))) return -EACCES;
    Parcel parcel;
    cmsghdr* const control = CMSG_FIRSTHDR(&parcel.header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof(int));
    *parcel.descriptor() = static_cast<int>(fd);
    return kernel(SYS_sendmsg, errand.socket, &parcel.header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// A signal for the guest comes first.
bool wait_noticing_signals(const std::atomic<int32_t>& word, int32_t value) {
    const long result = kernel_interruptible(SYS_futex, &word, FUTEX_WAIT, value, nullptr);
    return result != -EINTR && result != kNotStarted;
}

SysResult open_apart(const OpenRequest& r) {
    std::array<int, 2> ends{};
    const long paired = kernel(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data());
    if (paired < 0) return SysResult::from_kernel(paired);
    Errand errand{r, ends[1]};
    const auto done = wasm::run_apart(&run_errand, &errand, &wait_noticing_signals);
    SysResult result = done ? SysResult::from_kernel(*done) : SysResult::from_kernel(-EINTR);
    if (!result.failed()) {
        Parcel parcel;
        const int flags = MSG_DONTWAIT | ((r.flags & O_CLOEXEC) != 0 ? MSG_CMSG_CLOEXEC : 0);
        const long received = kernel(SYS_recvmsg, ends[0], &parcel.header, flags);
        const bool arrived = received > 0 && CMSG_FIRSTHDR(&parcel.header) != nullptr;
        result = arrived ? SysResult::ok(*parcel.descriptor()) : SysResult::fail(EMFILE);
    }
    kernel(SYS_close, ends[0]);
    kernel(SYS_close, ends[1]);
    return result;
}

}  // namespace

// ---- a file that has been found
// ----------------------------------------------------------------------------------------

FoundFile::FoundFile(const Call& call, const OpenRequest& request) : call_(call), request_(request) {
    OpenRequest finding = request;
    finding.flags = O_PATH | O_CLOEXEC | (request.flags & (O_NOFOLLOW | O_DIRECTORY));
    finding.mode = 0;
    result_ = open_directly(finding);
    if (result_.failed() || result_.not_started()) return;
    const int64_t found = result_.value();
    keep(found);
    kernel(SYS_close, found);
}
FoundFile::FoundFile(const Call& call, int descriptor) : call_(call), request_{-1, {}, 0} { keep(descriptor); }
FoundFile::~FoundFile() {
    if (fd_ >= 0) call_.process.fds.unpin(fd_);
}

void FoundFile::keep(long found) {
    fd_ = call_.process.fds.pin(static_cast<int>(found));
    result_ = fd_ >= 0 ? SysResult::ok(0) : SysResult::fail(EMFILE);
}

uint32_t FoundFile::type() const {
    struct stat status{};
    return ::fstat(fd_, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

SysResult FoundFile::judge(uint64_t flags) const {
    const FileKind kind = kind_of(fd_);
    if (kind == FileKind::Plain) return SysResult::ok(0);
    if (kind == FileKind::Forbidden) return refuse(call_);
    Question question{call_.process.links.folder(), number_text(fd_), flags};
    const auto answered = wasm::run_apart(&answer, &question);
    if (!answered || *answered > 0) return refuse(call_);
    return SysResult::from_kernel(*answered);
}

SysResult FoundFile::open_by_link(uint64_t flags) const {
    const uint64_t rest = flags & ~uint64_t{O_CREAT | O_EXCL | O_NOFOLLOW};
    const Digits link = number_text(fd_);
    if (!is_alone(call_)) {
        const SysResult judged = judge(flags);
        if (judged.failed()) return judged;
        return open_directly({call_.process.links.folder(), {link.data(), {}}, rest});
    }
    const std::string path = std::string("/proc/self/fd/") + link.data();
    return open_then_check(call_, {AT_FDCWD, {path.c_str(), {}}, rest});
}

SysResult FoundFile::open(uint64_t flags) const {
    if (fd_ < 0) return result_;
    const bool alone = is_alone(call_);
    if (alone || call_.process.links.folder() >= 0) {
        const SysResult opened = open_by_link(flags);
        if (!alone || !opened.failed_with(ENOENT)) return opened;
    }
    if (kind_of(fd_) == FileKind::Forbidden) return refuse(call_);
    // No procfs: by name once more.
    if (request_.path.kernel == nullptr && request_.handle == nullptr) return SysResult::fail(ENOENT);
    OpenRequest again = request_;
    again.flags = flags & ~uint64_t{O_CREAT | O_EXCL};
    again.mode = 0;
    return alone ? open_then_check(call_, again) : open_apart(again);
}

// ---- by name
// ---------------------------------------------------------------------------------------------------------------

namespace {

// Where creating through a dangling symbolic link would create: the link's directory, and its target.
bool follow(const Call& call, OpenRequest& r, std::string& name, long& directory) {
    if (name.empty() && wasm::raw(r.path.at) == 0) name = r.path.kernel;
    if (name.empty()) {
        const auto path = call.memory.load_string(r.path.at, 4096);
        if (!path) return false;
        name = *path;
    }
    const size_t slash = name.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : name.substr(0, slash + 1);
    const std::string last = slash == std::string::npos ? name : name.substr(slash + 1);
    const long above = kernel(SYS_openat, r.dir, parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (above < 0) return false;
    char target[4096];
    const long length = kernel(SYS_readlinkat, above, last.c_str(), target, sizeof target - 1);
    if (directory >= 0) kernel(SYS_close, directory);
    directory = above;
    if (length <= 0) return false;
    name.assign(target, static_cast<size_t>(length));
    r.dir = static_cast<int>(above);
    r.path = {name.c_str(), {}};
    return true;
}

// Creates what is not there. O_EXCL never opens anything that exists; only a dangling link needs following by hand.
SysResult create(const Call& call, OpenRequest r) {
    constexpr int kMaxLinks = 40;
    std::string name;
    long directory = -1;
    r.flags |= O_EXCL;
    SysResult result = open_directly(r);
    for (int links = 0; result.failed_with(EEXIST) && links < kMaxLinks; ++links) {
        if (!follow(call, r, name, directory)) break;
        result = open_directly(r);
    }
    if (directory >= 0) kernel(SYS_close, directory);
    return result;
}

SysResult open_in_company(const Call& call, const OpenRequest& r) {
    constexpr int kAttempts = 100;  // of a race with other processes that create and remove the same name
    for (int i = 0; i < kAttempts; ++i) {
        const FoundFile found(call, r);
        if (found.result().failed_with(ENOENT) && (r.flags & O_CREAT) != 0) {
            const SysResult created = create(call, r);
            if (created.failed_with(EEXIST)) continue;
            return created;
        }
        if (found.fd() < 0) return found.result();
        const uint32_t type = (r.flags & (O_NOFOLLOW | O_CREAT)) != 0 ? found.type() : 0;
        if (type == S_IFLNK) return SysResult::fail(ELOOP);
        if (type == S_IFDIR && (r.flags & O_CREAT) != 0) return SysResult::fail(EISDIR);
        return found.open(r.flags);
    }
    return SysResult::fail(ENOENT);
}

}  // namespace

SysResult open_guarded(const Call& call, const OpenRequest& request) {
    const bool is_new = request.handle == nullptr && ((request.flags & O_TMPFILE) == O_TMPFILE ||
                                                      (request.flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL));
    const bool harmless = (request.flags & O_PATH) != 0 || is_new;
    if (harmless) return open_directly(request);
    return is_alone(call) ? open_then_check(call, request) : open_in_company(call, request);
}

}  // namespace wali
