// SPDX-License-Identifier: Apache-2.0
// What a process reads about itself below /proc.
#include "guest.h"
#include "guest_process.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum {
    PAGE = 4096,
    READ = 1,
    WRITE = 2,
    SHARED = 1,
    PRIVATE = 2,
    ANONYMOUS = 0x20,
    ROOM = 1 << 20,
    AT_PAGESZ = 6,
    AT_UID = 11
};

static char text[ROOM];

// The whole file, with a zero at its end: its length or an error.
static i64 read_file(const char* path) {
    i64 fd = sys_open(path, O_RDONLY, 0), used = 0, n = 1;
    if (fd < 0) return fd;
    while (used < ROOM - 1 && (n = sys_read(fd, text + used, (usize)(ROOM - 1 - used))) > 0) used += n;
    sys_close(fd);
    text[used] = 0;
    return used;
}

static const char* after(const char* at, char c) {
    while (*at && *at != c) ++at;
    return *at ? at + 1 : at;
}
static u64 number(const char** at, u32 base) {
    u64 v = 0;
    while (**at == ' ' || **at == '\t') ++*at;
    for (;; ++*at) {
        char c = **at;
        u32 digit = c >= '0' && c <= '9' ? (u32)(c - '0') : c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10) : 99;
        if (digit >= base) return v;
        v = v * base + digit;
    }
}
// A line of `status` or `limits` that begins so: what follows.
static const char* value_of(const char* key) {
    const char* line = text;
    while (*line && !starts_with(line, key)) line = after(line, '\n');
    return line + (*line ? length(key) : 0);
}
static u64 status_of(const char* key, u32 base) {
    read_file("/proc/self/status");
    const char* at = value_of(key);
    return number(&at, base);
}
// From the third on; the second may hold anything.
static u64 stat_field(int wanted) {
    read_file("/proc/self/stat");
    const char* at = text;
    for (const char* c = text; *c; ++c) at = *c == ')' ? c + 2 : at;
    for (int field = 3; field < wanted; ++field) at = after(at, ' ');
    return number(&at, 10);
}

// ---- mappings ------------------------------------------------------------------------------------------------------

struct mapping {
    u64 start, end, offset;
    char access[5];
    int is_marker;
};
static const char* parse(const char* line, struct mapping* m) {
    m->start = number(&line, 16);
    line += *line == '-';
    m->end = number(&line, 16);
    line += *line == ' ';
    for (int i = 0; i < 4; ++i) m->access[i] = *line ? *line++ : 0;
    m->access[4] = 0;
    m->offset = number(&line, 16);
    const char* next = after(line, '\n');
    m->is_marker = next - line > 8 && starts_with(next - 8, "/marker\n");
    return next;
}
static int is_header(const char* line) { return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f'); }

// The mapping that holds an address; all zero if none does. A negative access: the file cannot be read.
static struct mapping find(const char* path, usize address) {
    struct mapping m, found = {0};
    if (read_file(path) < 0) show_text("unreadable", path);
    for (const char* line = text; *line;) {
        const char* next = is_header(line) ? parse(line, &m) : after(line, '\n');
        if (is_header(line) && m.start <= address && address < m.end) found = m;
        line = next;
    }
    return found;
}
static void show_mapping(const char* name, const char* path, usize address) {
    struct mapping m = find(path, address);
    show(name, (i64)(address - m.start));
    show("  bytes", m.is_marker ? (i64)(m.end - m.start) : 0);
    show("  offset", (i64)m.offset);
    show_text("  access", m.access);
    show("  marker", m.is_marker);
}

static void mappings(const char* path) {
    static u8 own_byte;
    show_text("mappings", path);
    struct mapping own = find(path, (usize)&own_byte);
    show_text("own", own.access);
    show("own name", own.is_marker);
    i64 fd = sys_open("marker", O_CREAT | O_RDWR, 0600);
    sys_ftruncate(fd, 4 * PAGE);
    u8* at = (u8*)(usize)sys_mmap(0, 2 * PAGE, READ, SHARED, fd, PAGE);
    show_mapping("file", path, (usize)at);
    sys_mprotect(at + PAGE, PAGE, 0);
    show_mapping("protected", path, (usize)at + PAGE);
    sys_munmap(at, 2 * PAGE);
    show("unmapped", find(path, (usize)at).is_marker);
    sys_close(fd);
}

// All that is listed is there: advice that changes nothing is taken.
static void all_there(void) {
    static struct mapping list[256];
    int n = 0, absent = 0;
    read_file("/proc/self/maps");
    for (const char* line = text; *line && n < 256; ++n) line = parse(line, &list[n]);
    for (int i = 0; i < n; ++i) {
        int special = list[i].end >> 47 || list[i].access[0] != 'r';
        absent += !special && sys_madvise(list[i].start, (usize)(list[i].end - list[i].start), 0) < 0;
    }
    show("mappings", n > 0);
    show("absent", absent);
}

static u64 sum_of(const char* path, const char* key) {
    u64 sum = 0;
    read_file(path);
    for (const char* line = text; *line; line = after(line, '\n')) {
        if (!starts_with(line, key)) continue;
        const char* at = line + length(key);
        sum += number(&at, 10);
    }
    return sum;
}
static void details(void) {
    u64 before = sum_of("/proc/self/smaps", "Private_Dirty:"),
        all = sum_of("/proc/self/smaps_rollup", "Private_Dirty:");
    u8* at = (u8*)(usize)sys_mmap(0, 64 * PAGE, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0);
    for (int i = 0; i < 64; ++i) at[i * PAGE] = 1;
    show("written", sum_of("/proc/self/smaps", "Private_Dirty:") - before >= 256);
    show("written in all", sum_of("/proc/self/smaps_rollup", "Private_Dirty:") - all >= 256);
    show("size", sum_of("/proc/self/smaps", "Size:") >= status_of("VmSize:", 10));  // the kernel's own are not in it
    sys_munmap(at, 64 * PAGE);
}

// ---- numbers -------------------------------------------------------------------------------------------------------

static void sizes(void) {
    u64 kilobytes = status_of("VmSize:", 10), bytes = stat_field(23);
    show("stat and status", bytes == kilobytes << 10);
    read_file("/proc/self/statm");
    const char* at = text;
    show("statm and status", number(&at, 10) == kilobytes >> 2);
    i64 area = sys_mmap(0, 256 * PAGE, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0);
    show("more", (i64)(status_of("VmSize:", 10) - kilobytes));
    show("more data", (i64)(stat_field(23) - bytes));
    sys_munmap(area, 256 * PAGE);
    show("less", (i64)(status_of("VmSize:", 10) - kilobytes));
    show("peak", status_of("VmPeak:", 10) >= kilobytes + 1024);
}

static void ignore_it(int signal) { (void)signal; }
static void signals(void) {
    set_handler(SIGUSR1, ignore_it, 0, 0);
    set_handler(SIGUSR2, SIG_IGNORE, 0, 0);
    show("handled", (i64)(status_of("SigCgt:", 16) & ~(3ULL << 31)));  // but for those of libc
    show("ignored", (i64)status_of("SigIgn:", 16));
    set_handler(SIGUSR1, SIG_DEFAULT, 0, 0);
    set_handler(SIGUSR2, SIG_DEFAULT, 0, 0);
}

static void limits(void) {
    u64 limit[2] = {3ULL << 30, 3ULL << 30};
    show("prlimit64", sys_prlimit64(0, 9, limit, 0));
    read_file("/proc/self/limits");
    const char* at = value_of("Max address space");
    show("address space", (i64)number(&at, 10));
    show("  hard", (i64)number(&at, 10));
}

static void beginnings(int argc, char** argv) {
    i64 bytes = read_file("/proc/self/cmdline");
    const char* at = text;
    for (int i = 0; i < argc; ++i, at += length(at) + 1) show("argument", same(at, argv[i]));
    show("all", at - text == bytes);
    bytes = read_file("/proc/self/environ");
    show_bytes("environment", text, (usize)bytes);
    bytes = read_file("/proc/self/auxv");
    const usize* pair = (const usize*)text;
    i64 page = 0, user = -1;
    for (; (const char*)(pair + 1) < text + bytes && pair[0]; pair += 2) {
        if (pair[0] == AT_PAGESZ) page = (i64)pair[1];
        if (pair[0] == AT_UID) user = (i64)pair[1];
    }
    show("page", page);
    show("user", user == sys_getuid());
    show("end", (const char*)(pair + 2) - text == bytes);
}

// ---- the files themselves ------------------------------------------------------------------------------------------

static void descriptors(void) {
    char byte = 0;
    i64 fd = sys_open("/proc/self/maps", O_RDONLY, 0);
    show("write", sys_write(fd, &byte, 1));
    show("flags", sys_fcntl(fd, 3, 0) & 3);
    show("read", sys_read(fd, &byte, 1));
    show("back", sys_lseek(fd, 0, 0));
    show("closes on exec", sys_fcntl(fd, 1, 0));
    sys_close(fd);
    fd = sys_open("/proc/self/maps", O_RDONLY | 02000000, 0);
    show("closes on exec", sys_fcntl(fd, 1, 0));
    sys_close(fd);
    show("for writing", sys_open("/proc/self/environ", 1, 0) < 0 || sys_getuid() == 0);
    i64 folder = sys_open("/proc/self", O_RDONLY | O_DIRECTORY, 0);
    fd = sys_openat(folder, "statm", O_RDONLY, 0);
    show_ok("below a folder", fd);
    show("next number", fd - folder);
    sys_close(fd), sys_close(folder);
}

static void of_parent(void) {
    char path[32] = "/proc/", *end = path + 6;
    i64 parent = sys_getppid();
    int digits = 1;
    for (i64 rest = parent; rest >= 10; rest /= 10) ++digits;
    for (i64 rest = parent, i = digits; i > 0; rest /= 10) end[--i] = (char)('0' + rest % 10);
    memcpy(end + digits, "/status", 8);
    read_file(path);
    const char* at = value_of("Pid:");
    show("of the parent", number(&at, 10) == (u64)parent);
    show("of the child", status_of("Pid:", 10) == (u64)sys_getpid());
    mappings("/proc/self/maps");
}

static volatile u32 leaves;
static void sleep_until(int tid, void* argument) {
    (void)tid, (void)argument;
    wait_for(&leaves, 1);
}

static void all(void) {
    mappings("/proc/self/maps");
    mappings("/proc/thread-self/maps");
    mappings("/proc/self/smaps");
    all_there();
    details();
    sizes();
    signals();
    descriptors();
    show("threads", (i64)status_of("Threads:", 10));
    show("threads in stat", (i64)stat_field(20));
}

int guest_main(int argc, char** argv) {
    struct thread_t company;
    all();
    beginnings(argc, argv);
    in_child(of_parent);
    start(&company, sleep_until, 0);
    all();
    beginnings(argc, argv);
    __atomic_store_n(&leaves, 1, 5);
    wake(&leaves, 1);
    join(&company);
    show("threads", (i64)status_of("Threads:", 10));
    limits();
    return 0;
}
