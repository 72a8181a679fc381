// SPDX-License-Identifier: Apache-2.0
// Signals as the guest lays them out: numbers and flags are x86-64 Linux's, structures have 32-bit pointers.
#pragma once

#include <wasm/memory.h>

#include <signal.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wali {

inline constexpr int kSignals = 64;
inline constexpr uint32_t kSigDfl = 0;
inline constexpr uint32_t kSigIgn = 0xFFFFFFFE;  // 1 is a table index like any other
inline constexpr uint32_t kSigsetBytes = 8;      // what every sigsetsize argument must be

constexpr bool is_signal(int signal) { return signal >= 1 && signal <= kSignals; }
constexpr uint64_t signal_bit(int signal) { return uint64_t{1} << (signal - 1); }

inline constexpr uint64_t kUnblockable = signal_bit(SIGKILL) | signal_bit(SIGSTOP);
// What the hardware raises for the instruction being executed. On the host these are the runtime's: never blocked, so
// that its own faults are seen; when another process sends one, it is the guest's.
inline constexpr uint64_t kFaults = signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGFPE) | signal_bit(SIGILL);
inline constexpr std::array kFaultSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr bool is_fault(int signal) { return (kFaults & signal_bit(signal)) != 0; }

// What rt_sigaction takes.
struct [[gnu::packed]] GuestSigaction {
    static constexpr std::string_view kName = "sigaction";
    uint32_t handler = kSigDfl;  // table index
    uint64_t flags = 0;          // libc sign-extends them from 32 bits
    uint32_t restorer = 0;       // never called
    uint64_t mask = 0;
};

struct GuestStack {
    static constexpr std::string_view kName = "stack";
    uint32_t base = 0;
    int32_t flags = SS_DISABLE;
    uint32_t bytes = 0;
};
inline constexpr uint32_t kMinGuestStack = 2048;  // MINSIGSTKSZ
// Below __stack_pointer, leaf functions of compiled code keep data without moving it (LLVM's red zone).
inline constexpr uint32_t kRedZone = 128;

// The same as the host's except for addresses of faults, and for what lies behind the value of a queued signal.
struct GuestSiginfo {
    static constexpr std::string_view kName = "siginfo";
    int32_t signal = 0;
    int32_t error = 0;
    int32_t code = 0;
    int32_t pad = 0;
    uint8_t fields[112] = {};
};

struct GuestUcontext {
    static constexpr std::string_view kName = "ucontext";
    uint64_t flags = 0;
    uint32_t link = 0;
    GuestStack stack;
    uint8_t machine[256] = {};  // there are no registers to show
    uint64_t mask = 0;          // restored when the handler returns
    uint8_t mask_tail[120] = {};
    uint8_t floats[512] = {};
};

struct GuestSigevent {
    static constexpr std::string_view kName = "sigevent";
    uint32_t value = 0;
    int32_t signal = 0;
    int32_t notify = 0;
    int32_t thread = 0;  // with SIGEV_THREAD_ID
    uint8_t tail[48] = {};
};

static_assert(sizeof(GuestSigevent) == 64 && sizeof(GuestSigaction) == 24 && sizeof(GuestStack) == 12 &&
              sizeof(GuestSiginfo) == 128);
static_assert(sizeof(siginfo_t) == 128 && sizeof(GuestUcontext) == 920 && offsetof(GuestUcontext, mask) == 280);

}  // namespace wali
