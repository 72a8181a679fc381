// SPDX-License-Identifier: Apache-2.0
// Calls that would hand the runtime's memory, registers or threads over: they are absent. An answer of the kernel's
// that is not a refusal means it has been asked.
#include "attack.h"

ABSENT_CALL(ptrace);
ABSENT_CALL(userfaultfd);
ABSENT_CALL(io_uring_setup);
ABSENT_CALL(bpf);
ABSENT_CALL(perf_event_open);
ABSENT_CALL(modify_ldt);
ABSENT_CALL(arch_prctl);
ABSENT_CALL(seccomp);
ABSENT_CALL(process_madvise);

static u64 base, image;
static char word[8];

static u64 host(const void* guest) {
    return base + (u64)(usize)guest;
}
static int asked(i64 result) {
    if (result >= 0) return REACHED;
    // What the kernel says when it is asked, but denies it for reasons of its own.
    return result == -1 || result == -13 ? NOT_HERE : CONTAINED;
}
struct remote {
    u64 base, bytes;
};
static int by_process_vm_readv(void) {
    struct remote here = {base + (u64)(usize)word, 4}, there = {image, 4};
    sys_process_vm_readv(sys_getpid(), (void*)&here, 1, (void*)&there, 1, 0);
    return is_elf(word) ? REACHED : CONTAINED;
}
static int by_process_vm_writev(void) {
    struct remote here = {base + (u64)(usize) "ELF", 4}, there = {base + (u64)(usize)word, 4};
    sys_process_vm_writev(sys_getpid(), (void*)&here, 1, (void*)&there, 1, 0);
    return *(const char*)word == 'E' ? REACHED : CONTAINED;
}
static int by_ptrace(void) {
    return asked(absent_ptrace(0, 0, 0, 0, 0, 0));
}
static int by_userfaultfd(void) {
    return asked(absent_userfaultfd(1, 0, 0, 0, 0, 0));
}
static int by_io_uring(void) {
    static u64 params[16];
    return asked(absent_io_uring_setup(1, host(params), 0, 0, 0, 0));
}
static int by_bpf(void) {
    static u32 attributes[32] = {2, 4, 8, 1};  // an array
    return asked(absent_bpf(0, host(attributes), sizeof attributes, 0, 0, 0));
}
static int by_perf(void) {
    static u64 attributes[16] = {1 | 112ULL << 32, 0, 0, 0, 0, 1 | 1 << 5 | 1 << 6};
    return asked(absent_perf_event_open(host(attributes), 0, -1, -1, 0, 0));
}
static int by_modify_ldt(void) {
    return asked(absent_modify_ldt(0, host(word), 8, 0, 0, 0));
}
static int by_arch_prctl(void) {
    return asked(absent_arch_prctl(0x1002, 0, 0, 0, 0, 0));
}  // no thread-local storage from now on
static int by_seccomp(void) {
    return asked(absent_seccomp(0, 0, 0, 0, 0, 0));
}
static int by_process_madvise(void) {
    struct remote there = {base, 4096};
    return asked(absent_process_madvise(sys_pidfd_open(sys_getpid(), 0), host(&there), 1, 20, 0, 0));  // MADV_COLD
}

static const struct attack attacks[] = {
    {"process_vm_readv", by_process_vm_readv, 0},
    {"process_vm_writev", by_process_vm_writev, 0},
    {"ptrace", by_ptrace, 0},
    {"userfaultfd", by_userfaultfd, 0},
    {"io_uring", by_io_uring, 0},
    {"bpf", by_bpf, 0},
    {"perf events", by_perf, 0},
    {"modify_ldt", by_modify_ldt, 0},
    {"arch_prctl", by_arch_prctl, 0},
    {"seccomp", by_seccomp, 0},
    {"process_madvise", by_process_madvise, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    base = host_base();
    image = runtime_image();
    RUN(attacks);
    return 0;
}
