// SPDX-License-Identifier: Apache-2.0
#include "support/fault_guard.h"

#include "support/reservation.h"

#include <wasm/fault.h>

#include <setjmp.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace wasm {

namespace {

std::atomic<ForeignSignalHandler> g_foreign{nullptr};
std::atomic<OnGuestFault> g_on_guest_fault{nullptr};
std::atomic<uint32_t> g_ignored{0};  // bit n: signal n, before we took it

#if defined(__x86_64__)
// One string instruction: at a fault, execution continues behind it with the remaining count in rcx.
extern "C" uint64_t wasm_guarded_copy(void* to, const void* from, uint64_t bytes);
extern "C" const char wasm_guarded_copy_begin[];
extern "C" const char wasm_guarded_copy_end[];
asm(R"(
    .pushsection .text.hot.wasm_guarded_copy, "ax", @progbits
    .globl wasm_guarded_copy
    .globl wasm_guarded_copy_begin
    .globl wasm_guarded_copy_end
    .type wasm_guarded_copy, @function
wasm_guarded_copy:
    movq %rdx, %rcx
wasm_guarded_copy_begin:
    rep movsb
wasm_guarded_copy_end:
    movq %rcx, %rax
    ret
    .size wasm_guarded_copy, . - wasm_guarded_copy
    .popsection
)");

bool resume_guarded_copy(ucontext_t& context) {
    auto& rip = context.uc_mcontext.gregs[REG_RIP];
    if (rip != reinterpret_cast<greg_t>(wasm_guarded_copy_begin)) return false;
    rip = reinterpret_cast<greg_t>(wasm_guarded_copy_end);
    return true;
}
uint64_t machine_pc(const ucontext_t& context) { return static_cast<uint64_t>(context.uc_mcontext.gregs[REG_RIP]); }
uint64_t pc_register(const ucontext_t& context) { return static_cast<uint64_t>(context.uc_mcontext.gregs[REG_R12]); }
uint64_t fp_register(const ucontext_t& context) { return static_cast<uint64_t>(context.uc_mcontext.gregs[REG_R13]); }
#else
thread_local sigjmp_buf* t_copying = nullptr;

bool resume_guarded_copy(ucontext_t&) {
    if (t_copying == nullptr) return false;
    siglongjmp(*t_copying, 1);
}
#if defined(__aarch64__)
uint64_t machine_pc(const ucontext_t& context) { return context.uc_mcontext.pc; }
uint64_t pc_register(const ucontext_t& context) { return context.uc_mcontext.regs[20]; }
uint64_t fp_register(const ucontext_t& context) { return context.uc_mcontext.regs[21]; }
#else
uint64_t machine_pc(const ucontext_t& context) { return context.uc_mcontext.__gregs[REG_PC]; }
uint64_t pc_register(const ucontext_t&) { return 0; }
uint64_t fp_register(const ucontext_t&) { return 0; }
#endif
#endif

// What follows belongs to the interrupted code, and may be guest code of any length. By the raw call, because library
// wrappers refuse two real-time signals.
void restore_mask(const ucontext_t& context) {
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &context.uc_sigmask, nullptr, 8);
}

// The interrupted code goes on with the mask as it is now; nothing arrives in between.
void keep_mask(ucontext_t& context) {
    constexpr uint64_t kAll = ~uint64_t{0};
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &kAll, &context.uc_sigmask, 8);
}

void on_signal(int signal, siginfo_t* info, void* raw_context) {
    auto& context = *static_cast<ucontext_t*>(raw_context);
    // A positive code is the kernel's: a real fault. Others come from kill and its relatives.
    if (info->si_code > 0) {
        const std::byte* base = reservation_of(info->si_addr);
        if (base != nullptr) {
            if (resume_guarded_copy(context)) return;
            if (const OnGuestFault on_guest_fault = g_on_guest_fault.load(); on_guest_fault != nullptr) {
                restore_mask(context);
                const bool again = on_guest_fault(
                    {signal, base, info->si_addr, machine_pc(context), pc_register(context), fp_register(context)});
                if (again) return keep_mask(context);
            }
        }
    }
    const ForeignSignalHandler foreign = g_foreign.load();
    if (foreign != nullptr && foreign(signal, info, raw_context)) return;
    // Not ours: the default action, by the faulting instruction again or by raising it.
    struct sigaction dfl{};
    dfl.sa_handler = SIG_DFL;
    sigaction(signal, &dfl, nullptr);
    if (info->si_code <= 0) raise(signal);  // on return, when it is not blocked any more
}

}  // namespace

[[gnu::hot]] bool guarded_copy(void* to, const void* from, size_t bytes) {
#if defined(__x86_64__)
    return wasm_guarded_copy(to, from, bytes) == 0;
#else
    sigjmp_buf here;
    sigjmp_buf* outer = t_copying;
    const bool ok = sigsetjmp(here, 1) == 0;
    if (ok) {
        t_copying = &here;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        std::memcpy(to, from, bytes);
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    t_copying = outer;
    return ok;
#endif
}

void install_fault_handler(OnGuestFault on_guest_fault) {
    g_on_guest_fault.store(on_guest_fault);
    // Each time: a library of the embedder (a test framework, a crash reporter) may have put its own in between.
    struct sigaction action{};
    action.sa_sigaction = &on_signal;
    // On the thread's own stack: guest code may be run from here, at any length. Until then nothing comes in between:
    // these signals can be sent too, faster than they are handled, and handlers that interrupt each other take stack
    // without an end.
    action.sa_flags = SA_SIGINFO;
    std::memset(&action.sa_mask, 0xFF, sizeof action.sa_mask);
    for (const int signal : {SIGSEGV, SIGBUS}) {
        struct sigaction before{};
        sigaction(signal, &action, &before);
        if (before.sa_handler == SIG_IGN) g_ignored.fetch_or(1U << signal);
    }
}

bool was_ignored_before(int signal) { return (g_ignored.load() >> signal & 1U) != 0; }

void set_foreign_signal_handler(ForeignSignalHandler handler) { g_foreign.store(handler); }

}  // namespace wasm
