// SPDX-License-Identifier: Apache-2.0
// The memory that processes share to write a trace together: a file to the kernel, which the guest can find among its
// descriptors. For runs in which getpid is traced.
#include "attack.h"

static i32 memory;
static const char* path(void) { return descriptor_path(memory); }
static int opened(i32 flags) { return sys_open(path(), flags, 0) >= 0 ? REACHED : CONTAINED; }

static int open_to_write(void) { return opened(O_RDWR); }
static int open_to_read(void) { return opened(O_RDONLY); }
static int open_with_permission(void) {
    sys_chmod(path(), 0600);
    return opened(O_RDWR);
}
static int open_what_was_found(void) {
    i32 found = (i32)sys_open(path(), O_PATH, 0);
    return found >= 0 && sys_open(descriptor_path(found), O_RDWR, 0) >= 0 ? REACHED : CONTAINED;
}
// Only by a process that can make it shorter, which the trace dies of.
static int truncate_it(void) {
    sys_ftruncate(sys_open(path(), O_RDWR, 0), 0);
    sys_getpid();
    return CONTAINED;
}
static int truncate_by_path(void) {
    sys_chmod(path(), 0600);
    sys_truncate(path(), 0);
    sys_getpid();
    return CONTAINED;
}
// Who is said to be writing: somebody that lives and never does. Each call waits for it.
static int wait_for_a_writer(void) {
    struct stat_t status;
    i64 fd = sys_open(path(), O_RDWR, 0);
    if (fd < 0 || sys_fstat(fd, &status) != 0) return CONTAINED;
    volatile u32* words = (volatile u32*)(usize)sys_mmap(0, 4096, 3, 1, fd, 0);
    for (int n = 0; n < 3; ++n) {
        for (int i = 0; i < 1024; ++i) words[i] = 1;
        sys_getpid();
    }
    return REACHED;
}
static int map_by_its_number(void) {
    i64 at = sys_mmap(0, 4096, 3, 1, memory, 0);
    return at >= 0 || at < -4095 ? REACHED : CONTAINED;
}
static int write_by_its_number(void) {
    u32 words[2] = {1, 1};
    return sys_pwrite64(memory, words, sizeof words, 0) > 0 ? REACHED : CONTAINED;
}

static const struct attack attacks[] = {
    {"opened to write", open_to_write, 0},
    {"opened to read", open_to_read, 0},
    {"opened with permission", open_with_permission, 0},
    {"opened as what was found", open_what_was_found, 0},
    {"truncated", truncate_it, 0},
    {"truncated by path", truncate_by_path, 0},
    {"a writer that never writes", wait_for_a_writer, 0},
    {"mapped by its number", map_by_its_number, 0},
    {"written by its number", write_by_its_number, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    memory = descriptor_of("/memfd:trace", "");
    show("memory found", memory > 2);
    RUN(attacks);
    return 0;
}
