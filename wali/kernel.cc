// SPDX-License-Identifier: Apache-2.0
// What remains of kernel.h that is not inline, and not the interruptible call (interruptible.cc).
#include "kernel.h"

namespace wali {

const std::atomic<uint32_t> kNoSignalEver{0};
constinit thread_local const std::atomic<uint32_t>* t_signal_waiting = &kNoSignalEver;

#if defined(__x86_64__)

// rt_sigreturn. The other machines return through a page of the kernel's.
extern "C" void wali_signal_return();
asm(R"(
    .pushsection .text.wali_signal_return, "ax", @progbits
    .globl wali_signal_return
    .type wali_signal_return, @function
wali_signal_return:
    movq $15, %rax
    syscall
    .size wali_signal_return, . - wali_signal_return
    .popsection
)");

void set_restorer(KernelSigaction& action) {
    constexpr uint64_t kHasRestorer = 0x04000000;
    action.flags |= kHasRestorer;
    action.restorer = reinterpret_cast<uintptr_t>(&wali_signal_return);
}

#else

void set_restorer(KernelSigaction&) {}

#endif

}  // namespace wali
