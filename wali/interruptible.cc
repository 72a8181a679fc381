// SPDX-License-Identifier: Apache-2.0
// The interruptible system call: a few instructions of assembly per machine, whose addresses the host signal handler
// compares with the interrupted program counter. Everything between `begin` and `end` has no effect until the last
// instruction, the system call itself, has been executed; so moving a thread from there to `not_started` is always
// right, and a signal recorded before the call can never be slept over.
#include "kernel.h"

#include <ucontext.h>

namespace wali {

extern "C" const char wali_interruptible_begin[];
extern "C" const char wali_interruptible_end[];
extern "C" const char wali_interruptible_not_started[];

#if defined(__x86_64__)

// waiting rdi, nr rsi, a rdx, b rcx, c r8, d r9, e [rsp+8], f [rsp+16]
asm(R"(
    .pushsection .text.hot.wali_interruptible_syscall, "ax", @progbits
    .globl wali_interruptible_syscall
    .type wali_interruptible_syscall, @function
wali_interruptible_syscall:
    .cfi_startproc
    endbr64
    movq %rdi, %r11
    movq %rsi, %rax
    movq %rdx, %rdi
    movq %rcx, %rsi
    movq %r8, %rdx
    movq %r9, %r10
    movq 8(%rsp), %r8
    movq 16(%rsp), %r9
    .globl wali_interruptible_begin
wali_interruptible_begin:
    cmpl $0, (%r11)
    jne wali_interruptible_not_started
    syscall
    .globl wali_interruptible_end
wali_interruptible_end:
    ret
    .globl wali_interruptible_not_started
wali_interruptible_not_started:
    movq $-512, %rax
    ret
    .cfi_endproc
    .size wali_interruptible_syscall, . - wali_interruptible_syscall
    .popsection
)");

namespace {
greg_t& program_counter(ucontext_t& context) { return context.uc_mcontext.gregs[REG_RIP]; }
}  // namespace

#elif defined(__aarch64__)

// waiting x0, nr x1, a–f x2–x7
asm(R"(
    .pushsection .text.hot.wali_interruptible_syscall, "ax", @progbits
    .globl wali_interruptible_syscall
    .type wali_interruptible_syscall, @function
wali_interruptible_syscall:
    .cfi_startproc
    hint #34
    mov x9, x0
    mov x8, x1
    mov x0, x2
    mov x1, x3
    mov x2, x4
    mov x3, x5
    mov x4, x6
    mov x5, x7
    .globl wali_interruptible_begin
wali_interruptible_begin:
    ldr w9, [x9]
    cbnz w9, wali_interruptible_not_started
    svc #0
    .globl wali_interruptible_end
wali_interruptible_end:
    ret
    .globl wali_interruptible_not_started
wali_interruptible_not_started:
    mov x0, #-512
    ret
    .cfi_endproc
    .size wali_interruptible_syscall, . - wali_interruptible_syscall
    .popsection
)");

namespace {
unsigned long long& program_counter(ucontext_t& context) { return context.uc_mcontext.pc; }
}  // namespace

#elif defined(__riscv) && __riscv_xlen == 64

// waiting a0, nr a1, a–f a2–a7
asm(R"(
    .pushsection .text.hot.wali_interruptible_syscall, "ax", @progbits
    .globl wali_interruptible_syscall
    .type wali_interruptible_syscall, @function
wali_interruptible_syscall:
    .cfi_startproc
    mv t0, a0
    mv t1, a7
    mv a0, a2
    mv t2, a1
    mv a1, a3
    mv a2, a4
    mv a3, a5
    mv a4, a6
    mv a5, t1
    mv a7, t2
    .globl wali_interruptible_begin
wali_interruptible_begin:
    lw t0, 0(t0)
    bnez t0, wali_interruptible_not_started
    ecall
    .globl wali_interruptible_end
wali_interruptible_end:
    ret
    .globl wali_interruptible_not_started
wali_interruptible_not_started:
    li a0, -512
    ret
    .cfi_endproc
    .size wali_interruptible_syscall, . - wali_interruptible_syscall
    .popsection
)");

namespace {
unsigned long& program_counter(ucontext_t& context) { return context.uc_mcontext.__gregs[REG_PC]; }
}  // namespace

#endif

void stop_before_syscall(void* ucontext) {
    auto& pc = program_counter(*static_cast<ucontext_t*>(ucontext));
    const auto at = static_cast<uintptr_t>(pc);
    if (at >= reinterpret_cast<uintptr_t>(wali_interruptible_begin) &&
        at < reinterpret_cast<uintptr_t>(wali_interruptible_end)) {
        pc = static_cast<std::remove_reference_t<decltype(pc)>>(
            reinterpret_cast<uintptr_t>(wali_interruptible_not_started));
    }
}

}  // namespace wali
