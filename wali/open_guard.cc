// SPDX-License-Identifier: Apache-2.0
#include "open_guard.h"

#include "file_kind.h"
#include "kernel.h"
#include "own_views.h"
#include "text_file.h"

#include <wasm/apart.h>

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <charconv>
#include <optional>
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

// ---- files of procfs that describe this process
// ---------------------------------------------------------------------

struct Reading {
    int folder;
    const char* path;
    char* into;
    size_t room;
};
// As many bytes as there is room for; for run_apart.
int64_t read_from_folder(void* argument) {
    const auto& reading = *static_cast<Reading*>(argument);
    const open_how how{O_RDONLY | O_CLOEXEC, 0, RESOLVE_NO_XDEV};
    const long fd = kernel(SYS_openat2, reading.folder, reading.path, &how, sizeof how);
    size_t have = 0;
    long bytes = fd < 0 ? fd : 1;
    while (bytes > 0 && have < reading.room) {
        bytes = kernel(SYS_read, fd, reading.into + have, reading.room - have);
        if (bytes > 0) have += static_cast<size_t>(bytes);
    }
    if (fd >= 0) kernel(SYS_close, fd);
    return bytes < 0 ? bytes : static_cast<int64_t>(have);
}

// What the kernel says in a file of this process's own folder.
std::optional<std::string> kernels_text(const Call& call, const std::string& source) {
    constexpr size_t kFirstRoom = 16 << 10;
    const std::string path = "../" + source;  // from the folder fd
    for (std::string text(kFirstRoom, '\0');; text.resize(text.size() * 4)) {
        Reading reading{call.process.links.folder(), path.c_str(), text.data(), text.size()};
        const auto bytes =
            is_alone(call) ? std::optional(read_from_folder(&reading)) : wasm::run_apart(&read_from_folder, &reading);
        if (!bytes || *bytes < 0) return std::nullopt;
        if (*bytes == static_cast<int64_t>(text.size())) continue;
        text.resize(static_cast<size_t>(*bytes));
        return text;
    }
}

std::string read_link(int folder, const char* name) {
    std::array<char, 4096> target{};
    const long length = kernel(SYS_readlinkat, folder, name, target.data(), target.size());
    return length > 0 ? std::string(target.data(), static_cast<size_t>(length)) : std::string();
}

// What a procfs calls this process: its number there, if that is the one which `links` knows.
std::string own_name(const Call& call, int fd) {
    const int folder = call.process.links.folder();
    struct stat one{};
    struct stat other{};
    const bool same = ::fstat(fd, &one) == 0 && ::fstat(folder, &other) == 0 && one.st_dev == other.st_dev;
    return same ? read_link(folder, "../../self") : std::to_string(kernel(SYS_getpid));
}

// The guest's view instead of the file of procfs at `fd`: a descriptor. nullopt: it has none.
std::optional<SysResult> open_own_view(const Call& call, int fd, uint64_t flags) {
    if ((flags & O_ACCMODE) != O_RDONLY) return std::nullopt;
    if (is_alone(call)) call.process.links.find();
    const int folder = call.process.links.folder();
    if (folder < 0) return std::nullopt;
    const OwnFile file = own_file(read_link(folder, number_text(fd).data()), own_name(call, fd));
    if (file.view == nullptr) return std::nullopt;
    const auto text = kernels_text(call, file.source);
    if (!text) return std::nullopt;
    const std::string name(file.view->name);
    const SysResult made = make_text_file(name.c_str(), file.view->make(call, *text), O_CLOEXEC);
    if (made.failed()) return std::nullopt;
    // Opened for reading, at the lowest number that is free. By now another thread may have put something else there.
    const FoundFile kept(call, static_cast<int>(made.value()));
    kernel(SYS_close, made.value());
    if (kept.fd() < 0 || kind_of(kept.fd()) != FileKind::Plain) return std::nullopt;
    kernel(SYS_fchmod, kept.fd(), S_IRUSR | S_IRGRP | S_IROTH);
    const uint64_t rest = flags & ~uint64_t{O_CREAT | O_NOFOLLOW | O_TRUNC};
    const long opened = kernel(SYS_openat, folder, number_text(kept.fd()).data(), rest);
    return opened < 0 ? std::nullopt : std::optional(SysResult::ok(opened));
}

// Where no numbers beyond the guest's limit are permitted, the folder of links takes one that the guest could have. A
// process with one thread has it only while it is needed.
class LinksForNow {
  public:
    explicit LinksForNow(OwnLinks& links) : links_(links), ours_(links.folder() < 0) {}
    ~LinksForNow() {
        if (ours_) links_.forget();
    }
    LinksForNow(const LinksForNow&) = delete;
    LinksForNow& operator=(const LinksForNow&) = delete;

  private:
    OwnLinks& links_;
    const bool ours_;
};

// While nobody else could use the descriptor.
SysResult open_then_check(const Call& call, const OpenRequest& r) {
    const SysResult opened = open_directly(r);
    if (opened.failed() || opened.not_started()) return opened;
    const int fd = static_cast<int>(opened.value());
    const FileKind kind = kind_of(fd);
    if (kind == FileKind::Plain) return opened;
    if (kind == FileKind::OfProc) {
        const LinksForNow links(call.process.links);
        const auto view = open_own_view(call, fd, r.flags);
        if (!view) return opened;
        kernel(SYS_dup3, view->value(), fd, r.flags & O_CLOEXEC);
        kernel(SYS_close, view->value());
        return opened;
    }
    if (kind == FileKind::Unclear && !positions_like_memory(fd)) return opened;
    kernel(SYS_close, fd);
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

SysResult FoundFile::judge(FileKind kind, uint64_t flags) const {
    if (kind == FileKind::Plain || kind == FileKind::OfProc) return SysResult::ok(0);
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
        const FileKind kind = kind_of(fd_);
        const SysResult judged = judge(kind, flags);
        if (judged.failed()) return judged;
        if (kind == FileKind::OfProc) {
            if (const auto view = open_own_view(call_, fd_, flags)) return *view;
        }
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
