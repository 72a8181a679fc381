// SPDX-License-Identifier: Apache-2.0
// System calls without libc: no errno, no cancellation, no wrapper that knows better (glibc hides signals 32 and 33,
// broadcasts setuid, caches pids). Results are the kernel's own: a value, or -errno in [-4095, -1].
#pragma once

#include <sys/syscall.h>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace wali {

namespace detail {

template <class T>
    requires(std::integral<T> || std::is_enum_v<T> || std::is_pointer_v<T> || std::is_null_pointer_v<T>)
long register_of(T value) {
    if constexpr (std::is_pointer_v<T>) {
        return static_cast<long>(reinterpret_cast<uintptr_t>(value));
    } else if constexpr (std::is_null_pointer_v<T>) {
        return 0;
    } else {
        return static_cast<long>(value);  // sign- or zero-extends by the argument's own type
    }
}

#if defined(__x86_64__)

inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    register long r9 asm("r9") = f;
    long result = nr;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
    register long x8 asm("x8") = nr;
    register long x0 asm("x0") = a;
    register long x1 asm("x1") = b;
    register long x2 asm("x2") = c;
    register long x3 asm("x3") = d;
    register long x4 asm("x4") = e;
    register long x5 asm("x5") = f;
    asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

#elif defined(__riscv) && __riscv_xlen == 64

inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
    register long a7 asm("a7") = nr;
    register long a0 asm("a0") = a;
    register long a1 asm("a1") = b;
    register long a2 asm("a2") = c;
    register long a3 asm("a3") = d;
    register long a4 asm("a4") = e;
    register long a5 asm("a5") = f;
    asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
    return a0;
}

#else
#error "kernel.h has no system call instruction for this machine"
#endif

}  // namespace detail

// For calls that cannot block, or whose interruption is of no interest.
template <class... A>
long kernel(long nr, A... args) {
    static_assert(sizeof...(A) <= 6);
    const long a[6] = {detail::register_of(args)...};
    return detail::raw_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

inline bool is_kernel_error(long result) { return result < 0 && result >= -4095; }

// Result of an interruptible call that was not made, because a guest signal was waiting. The kernel's own
// ERESTARTSYS, which no user program ever sees: the caller delivers the signal and makes the call again.
inline constexpr long kNotStarted = -512;

// `waiting` points to a word that the host signal handler of this thread makes nonzero. The call is not started when
// it is nonzero, and the test and the system call instruction are one: a handler that finds the thread between them
// moves it to the exit that returns kNotStarted (see stop_before_syscall).
extern "C" long wali_interruptible_syscall(
    const std::atomic<uint32_t>* waiting, long nr, long a, long b, long c, long d, long e, long f);

template <class... A>
long kernel_unless(const std::atomic<uint32_t>& waiting, long nr, A... args) {
    static_assert(sizeof...(A) <= 6);
    const long a[6] = {detail::register_of(args)...};
    return wali_interruptible_syscall(&waiting, nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// The "signal waiting" word of the calling thread. Points to a word that is always zero on threads that run no guest.
extern const std::atomic<uint32_t> kNoSignalEver;
extern constinit thread_local const std::atomic<uint32_t>* t_signal_waiting;

// For calls that may block while guest signals must be noticed: the ordinary choice for files, sockets, waiting.
// Returns the kernel's result (-EINTR when a guest handler has to run) or kNotStarted.
template <class... A>
long kernel_interruptible(long nr, A... args) {
    return kernel_unless(*t_signal_waiting, nr, args...);
}

// What rt_sigaction takes.
struct KernelSigaction {
    uintptr_t handler = 0;
    uint64_t flags = 0;
#if !defined(__riscv)
    uintptr_t restorer = 0;
#endif
    uint64_t mask = 0;
};
// Returns from a handler where the kernel asks for help with that: sets flag and restorer.
void set_restorer(KernelSigaction& action);

// For the host signal handler, with its ucontext: if the interrupted thread had decided to make an interruptible call
// but not yet made it, makes that call return kNotStarted. Async-signal-safe.
void stop_before_syscall(void* ucontext);

}  // namespace wali
