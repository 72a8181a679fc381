// SPDX-License-Identifier: Apache-2.0
// The names a trace shows, against the kernel's and libc's headers of this machine (x86-64, whose values guests use).
#include "wali/trace/names.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/membarrier.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

// What these headers lack, or have with another value than the kernel takes.
// <linux/ioprio.h> of Debian 12 is not C++.
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER };
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4
#endif
#ifndef FUTEX2_PRIVATE
#define FUTEX2_SIZE_U8  0
#define FUTEX2_SIZE_U16 1
#define FUTEX2_SIZE_U32 2
#define FUTEX2_SIZE_U64 3
#define FUTEX2_NUMA     4
#define FUTEX2_PRIVATE  128
#endif
#define SA_RESTORER   0x04000000
#define SS_AUTODISARM 0x80000000

namespace wali::trace {

// Types differ among the headers; the bits count.
#define BITS(value) static_cast<uint32_t>(value)
#define SET(set)
#define VALUE(name, value)       static_assert(BITS(name) == BITS(value), #name);
#define FLAG                     VALUE
#define FIELD(name, value, mask) VALUE(name, value) static_assert((BITS(value) & ~BITS(mask)) == 0, #name);
#include "wali/trace/names.def"
#undef SET
#undef VALUE
#undef FLAG
#undef FIELD
#undef BITS

namespace {
std::string names(std::string_view set, uint32_t value) {
    std::string text;
    put_names(text, set, value);
    return text;
}
std::string signals(uint64_t bits) {
    std::string text;
    put_signal_set(text, bits);
    return text;
}
}  // namespace

TEST_CASE("flags by name") {
    CHECK(names("OpenFlags", 0) == "O_RDONLY");
    CHECK(names("OpenFlags", 02) == "O_RDWR");
    CHECK(names("OpenFlags", 03) == "3");
    CHECK(names("OpenFlags", 04010001) == "O_WRONLY|O_SYNC");
    CHECK(names("OpenFlags", 010001) == "O_WRONLY|O_DSYNC");
    CHECK(names("OpenFlags", 020200002) == "O_RDWR|O_TMPFILE");
    CHECK(names("OpenFlags", 0x40000002) == "O_RDWR|0x40000000");
    CHECK(names("Protection", 0) == "PROT_NONE");
    CHECK(names("Protection", 7) == "PROT_READ|PROT_WRITE|PROT_EXEC");
    CHECK(names("Protection", 0x108) == "0x108");
    CHECK(names("FutexOp", 129) == "FUTEX_WAKE|FUTEX_PRIVATE_FLAG");
    CHECK(names("FlockOp", 6) == "LOCK_EX|LOCK_NB");
    CHECK(names("UsageWho", ~uint32_t{0}) == "RUSAGE_CHILDREN");
    CHECK(names("SocketLevel", 41) == "SOL_IPV6");
    CHECK(names("AtFlags", 0) == "0");
    CHECK(names("no such set", 9) == "9");
    CHECK(names("no such set", 10) == "0xa");
}

TEST_CASE("every set belongs to a kind or is asked for by name") {
    CHECK(has_names("OpenFlags"));
    CHECK_FALSE(has_names(""));
    CHECK_FALSE(has_names("Pid"));
}

TEST_CASE("signals and errors by name") {
    CHECK(signal_name(2) == "SIGINT");
    CHECK(signal_name(0) == "0");
    CHECK(signal_name(32) == "SIGRTMIN");
    CHECK(signal_name(35) == "SIGRT_3");
    CHECK(signal_name(65) == "65");
    CHECK(signals(0) == "[]");
    CHECK(signals(1U << 1 | 1U << 14) == "[SIGINT SIGTERM]");
    CHECK(signals(~uint64_t{1 << 8}) == "~[SIGKILL]");
    CHECK(error_text(2) == "ENOENT (No such file or directory)");
    CHECK(error_text(4000) == "errno 4000");
}

}  // namespace wali::trace
