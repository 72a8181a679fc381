// SPDX-License-Identifier: Apache-2.0
// Mappings outside of the guest's memory, holes in its reservation, pages that can be executed.
#include "attack.h"

enum {
    NONE = 0,
    READ_WRITE = 3,
    EXECUTE = 4,
    ANONYMOUS = 0x22,
    FIXED = 0x10,
    PAGE = 4096,
    BEYOND = 0x7FFFF000,  // the last page below the declared maximum
};
#define RESERVED (8ULL << 30)

static u64 base;

// Whether every byte of the reservation still belongs to some mapping: where none does, the host's may come to lie.
static int reservation_is_whole(void) {
    struct maps m;
    struct mapping line;
    u64 at = base;
    open_maps(&m);
    while (next_mapping(&m, &line)) {
        if (line.start <= at && line.end > at) at = line.end;
    }
    return at >= base + RESERVED;
}
static int executable_pages(void) {
    struct maps m;
    struct mapping line;
    int found = 0;
    open_maps(&m);
    while (next_mapping(&m, &line)) found |= line.start >= base && line.end <= base + RESERVED && line.access[2] == 'x';
    return found ? REACHED : CONTAINED;
}
static int whole(void) { return reservation_is_whole() ? CONTAINED : REACHED; }

static int execute_by_mmap(void) {
    sys_mmap(0, PAGE, READ_WRITE | EXECUTE, ANONYMOUS, -1, 0);
    return executable_pages();
}
static int execute_by_mprotect(void) {
    i64 page = sys_mmap(0, PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    sys_mprotect(page, PAGE, 1 | EXECUTE);
    return executable_pages();
}
static int execute_by_file(void) {
    i64 fd = sys_open("code", O_CREAT | O_RDWR, 0700);
    sys_ftruncate(fd, PAGE);
    sys_mmap(0, PAGE, 1 | EXECUTE, 1, fd, 0);
    return executable_pages();
}
static int execute_by_personality(void) {
    sys_personality(0x400000);  // reading implies executing
    sys_mmap(0, 16 * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    return executable_pages();
}
static int fixed_beyond(void) {
    i64 at = sys_mmap(0xC0000000U, PAGE, READ_WRITE, ANONYMOUS | FIXED, -1, 0);
    return at == (i64)0xC0000000U ? REACHED : CONTAINED;
}
static int fixed_across_the_end(void) {
    i64 at = sys_mmap(BEYOND, 16 * PAGE, READ_WRITE, ANONYMOUS | FIXED, -1, 0);
    return at == BEYOND ? REACHED : CONTAINED;
}
static int fixed_around_4g(void) {
    i64 at = sys_mmap(0xFFFFF000U, 4 * PAGE, READ_WRITE, ANONYMOUS | FIXED, -1, 0);
    return at == (i64)0xFFFFF000U ? REACHED : CONTAINED;
}
static int moved_beyond(void) {
    i64 page = sys_mmap(0, PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    i64 at = sys_mremap(page, PAGE, PAGE, 3, 0xC0000000U);
    return at == (i64)0xC0000000U ? REACHED : CONTAINED;
}
static int moved_around_4g(void) {
    i64 page = sys_mmap(0, PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    i64 at = sys_mremap(page, PAGE, 4 * PAGE, 3, 0xFFFFF000U);
    return at == (i64)0xFFFFF000U ? REACHED : CONTAINED;
}
static int hole_by_munmap(void) {
    i64 pages = sys_mmap(0, 16 * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    sys_munmap(pages + 4 * PAGE, 8 * PAGE);
    return whole();
}
static int hole_by_shrinking(void) {
    i64 pages = sys_mmap(0, 16 * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    sys_mremap(pages, 16 * PAGE, 4 * PAGE, 0, 0);
    return whole();
}
static int hole_by_moving(void) {
    i64 pages = sys_mmap(0, 16 * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    sys_mremap(pages, 4 * PAGE, 64 * PAGE, 1, 0);
    return whole();
}
static int hole_in_the_child(void) {
    i64 pages = sys_mmap(0, 16 * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    sys_madvise(pages + 4 * PAGE, 4 * PAGE, 10);  // MADV_DONTFORK
    i32 pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(whole());
    i32 status = 0;
    sys_wait4(pid, &status, 0, 0);
    return status >> 8;
}
// As many mappings as the kernel counts, so that the runtime gets none.
static int all_mappings(void) {
    u32 bytes = 300 << 20;
    i64 area = sys_mmap(0, bytes, READ_WRITE, ANONYMOUS, -1, 0);
    for (u32 at = 0; at < bytes; at += 2 * PAGE) {
        if (sys_mprotect(area + at, PAGE, NONE) != 0) break;
    }
    start_company();  // needs host memory
    return company.tid > 0 && sys_mmap(0, PAGE, READ_WRITE, ANONYMOUS, -1, 0) != 0 ? CONTAINED : REACHED;
}

// One page of a file of huge pages, where a whole one reaches beyond the memory.
static int huge_page_beyond(void) {
    enum { HUGE = 2 << 20, SHARED = 1, NORESERVE = 0x4000 };
    i64 fd = sys_memfd_create("enormous", 4 | 21U << 26);  // MFD_HUGETLB
    if (fd < 0 || sys_ftruncate(fd, HUGE) < 0) return NOT_HERE;
    u64 end = base + BEYOND + PAGE, last = (end - 1) & ~(u64)(HUGE - 1);
    if (last + HUGE == end) return NOT_HERE;
    sys_mmap(last - base, PAGE, READ_WRITE, SHARED | NORESERVE | FIXED, fd, 0);
    struct maps m;
    struct mapping line;
    int found = CONTAINED;
    open_maps(&m);
    while (next_mapping(&m, &line)) {
        if (line.end > end && starts_with(line.name, "/memfd:enormous")) found = REACHED;
    }
    return found;
}
// Advice splits the host's mappings until it has none left: then one in the middle cannot be replaced.
static int nothing_left_to_replace(void) {
    u32 bytes = 600 << 20;
    i64 area = sys_mmap(0, bytes, READ_WRITE, ANONYMOUS, -1, 0);
    for (u32 at = 0; at < bytes; at += 2 * PAGE) {
        if (sys_madvise(area + at, PAGE, 16) != 0) break;  // MADV_DONTDUMP
    }
    for (u32 i = 0; i < 64; ++i) sys_madvise(area + (500 << 20) + 4 * i * PAGE, PAGE, 16);
    i64 at = area + (550 << 20);
    sys_munmap(at, PAGE);
    sys_mmap(at + 4 * PAGE, PAGE, NONE, ANONYMOUS | FIXED, -1, 0);
    sys_mremap(at + 8 * PAGE, 4 * PAGE, PAGE, 0, 0);
    return whole();
}
// Limits that a guest sets for itself do not take from the runtime what it lives on.
static int has_limit(void) {
    static char text[4096];
    struct twin twin = open_twin("limits");
    i64 n = sys_read(twin.fd, text, sizeof text - 1);
    close_twin(twin);
    text[n > 0 ? n : 0] = 0;
    for (char* line = text; *line; ++line) {
        if (!starts_with(line, "Max address space")) continue;
        while (*line && (*line < '0' || *line > '9') && !starts_with(line, "unlimited")) ++line;
        return *line == 'u' ? CONTAINED : REACHED;
    }
    return NOT_HERE;
}
static void limit_by_thread(int tid, void* argument) {
    u64 limit[2] = {1 << 20, 1 << 20};
    (void)argument;
    sys_prlimit64(tid, 9, limit, 0);
}
static int limit_of_a_thread(void) {
    static struct thread_t thread;
    start(&thread, limit_by_thread, 0);
    join(&thread);
    return has_limit();
}
static int limit_of_a_failed_exec(void) {
    i64 fd = sys_open("garbage", O_CREAT | O_RDWR, 0755);
    sys_write(fd, "echo hello\n", 11);
    sys_close(fd);
    u64 limit[2] = {100 << 20, 100 << 20};
    char *words[] = {"x", 0}, *none[] = {0};
    sys_setrlimit(9, limit);
    if (sys_execve("./garbage", words, none) != -8) return NOT_HERE;
    return has_limit();
}

static const struct attack attacks[] = {
    {"execute by mmap", execute_by_mmap, 0},
    {"execute by mprotect", execute_by_mprotect, 0},
    {"execute by a file", execute_by_file, 0},
    {"execute by personality", execute_by_personality, 0},
    {"fixed beyond the maximum", fixed_beyond, 0},
    {"fixed across the maximum", fixed_across_the_end, 0},
    {"fixed around 4 GiB", fixed_around_4g, 0},
    {"moved beyond the maximum", moved_beyond, 0},
    {"moved around 4 GiB", moved_around_4g, 0},
    {"hole by munmap", hole_by_munmap, 0},
    {"hole by shrinking", hole_by_shrinking, 0},
    {"hole by moving", hole_by_moving, 0},
    {"hole in the child", hole_in_the_child, 0},
    {"all mappings", all_mappings, 0},
    {"huge page beyond the maximum", huge_page_beyond, 0},
    {"nothing left to replace", nothing_left_to_replace, 0},
    {"limit of a thread", limit_of_a_thread, 0},
    {"limit of a failed exec", limit_of_a_failed_exec, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    base = host_base();
    show("reservation found", base != 0 && reservation_is_whole());
    RUN(attacks);
    return 0;
}
