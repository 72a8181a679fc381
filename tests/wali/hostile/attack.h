// SPDX-License-Identifier: Apache-2.0
// What the programs of this folder share. Each is a list of attacks on the runtime; every attack runs in a forked child
// of its own and says whether it got through. They run twice: against wali-run, where none may, and against a wali-run
// whose defences are taken out (defences.txt), where each must: an attack that never bites proves nothing.
#pragma once

#include "../guest/guest.h"
#include "../guest/guest_signal.h"
#include "../guest/guest_thread.h"

enum {
    CONTAINED = 0,
    REACHED = 1,
    NOT_HERE = 2,  // this kernel, or the rights the test runs with, would not have it whatever we do
};

// Seconds after which an attack hangs: where it is to be seen hanging, nobody waits long.
static int patience = 100;
int attack_main(int argc, char** argv);
int guest_main(int argc, char** argv) {
    if (argc > 1) patience = 3;
    return attack_main(argc, argv);
}
#define guest_main attack_main

struct attack {
    const char* name;
    int (*run)(void);
    int traps;  // the runtime ends a contained attack, and says so
};

// Imports of calls that are absent from the table, and so from wali_calls.h.
#define ABSENT_CALL(name) IMPORT("SYS_" #name) i64 absent_##name(i64, i64, i64, i64, i64, i64)

// ---- one line for each attack --------------------------------------------------------------------------------------

static inline const char* verdict(const struct attack* a, int status) {
    if ((status & 0x7F) == SIGKILL) return "hangs";
    if ((status & 0x7F) != 0) return a->traps ? "signal" : "crashes";  // "signal": contained, if the runtime says so
    if (status >> 8 == NOT_HERE) return "not here";
    return status >> 8 == CONTAINED && !a->traps ? "contained" : "REACHED";
}

static inline void run_attack(const struct attack* a) {
    i32 status = 0;
    out_flush();
    sys_write(2, "attack: ", 8);
    sys_write(2, a->name, length(a->name));
    sys_write(2, "\n", 1);
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        sys_setpgid(0, 0);
        sys_exit_group(a->run());
    }
    struct timespec_t tick = {0, 5000000};
    for (int i = 0; sys_wait4(pid, &status, 1, 0) == 0; ++i) {
        if (i == patience * 200) sys_kill(-pid, SIGKILL);
        sys_nanosleep(&tick, 0);
    }
    print(a->name);
    print(": ");
    print(verdict(a, status));
    out_char('\n');
}
#define RUN(attacks)                                                                                \
    do {                                                                                            \
        for (usize n = 0; n < sizeof(attacks) / sizeof(*(attacks)); ++n) run_attack(&(attacks)[n]); \
    } while (0)

// ---- where the runtime is ------------------------------------------------------------------------------------------

// What the kernel says of this process: its own files describe the guest, so it is asked of a child, which has the same
// mappings and limits. With close_twin.
struct twin {
    i32 fd, child;
};
static inline struct twin open_twin(const char* file) {
    struct timespec_t long_enough = {60, 0};
    struct twin twin;
    char path[64] = "/proc/", *end = path + length(path);
    twin.child = (i32)sys_fork();
    if (twin.child == 0) {
        sys_nanosleep(&long_enough, 0);
        sys_exit_group(0);
    }
    int digits = 1;
    for (i32 rest = twin.child; rest >= 10; rest /= 10) ++digits;
    for (i32 rest = twin.child, i = digits; i > 0; rest /= 10) end[--i] = (char)('0' + rest % 10);
    end[digits] = '/';
    memcpy(end + digits + 1, file, length(file) + 1);
    twin.fd = (i32)sys_open(path, O_RDONLY, 0);
    return twin;
}
static inline void close_twin(struct twin twin) {
    i32 status;
    sys_close(twin.fd);
    sys_kill(twin.child, SIGKILL);
    sys_wait4(twin.child, &status, 0, 0);
}

// The mappings of the process that runs this, one at a time, at their host addresses.
struct maps {
    struct twin twin;
    char buffer[4096];
    i64 have, at;
};
struct mapping {
    u64 start, end;
    char access[5];
    char name[128];
};
static inline int maps_char(struct maps* m) {
    if (m->at == m->have) {
        m->have = sys_read(m->twin.fd, m->buffer, sizeof m->buffer);
        m->at = 0;
        if (m->have <= 0) return -1;
    }
    return (u8)m->buffer[m->at++];
}
static inline void open_maps(struct maps* m) {
    m->twin = open_twin("maps");
    m->have = m->at = 0;
}
static inline u64 maps_number(struct maps* m, int* stop) {
    u64 v = 0;
    for (;;) {
        *stop = maps_char(m);
        if (*stop >= '0' && *stop <= '9')
            v = v * 16 + (u64)(*stop - '0');
        else if (*stop >= 'a' && *stop <= 'f')
            v = v * 16 + (u64)(*stop - 'a' + 10);
        else
            return v;
    }
}
// 0 at the end, when the file is closed.
static inline int next_mapping(struct maps* m, struct mapping* out) {
    int c = 0;
    out->start = maps_number(m, &c);
    if (c != '-') {
        close_twin(m->twin);
        return 0;
    }
    out->end = maps_number(m, &c);
    for (int i = 0; i < 4; ++i) out->access[i] = (char)maps_char(m);
    out->access[4] = 0;
    usize n = 0;
    for (c = maps_char(m); c != '\n' && c >= 0; c = maps_char(m)) {
        if (n < sizeof out->name - 1 && (n > 0 || c == '/' || c == '[')) out->name[n++] = (char)c;
    }
    out->name[n] = 0;
    return 1;
}

// The host address of a byte of guest memory: that of a mapping which says so by its name.
static inline u64 host_base(void) {
    const char* name = "marker";
    i32 fd = (i32)sys_open(name, O_CREAT | O_RDWR, 0600);
    sys_ftruncate(fd, 4096);
    i64 at = sys_mmap(0, 4096, 1, 1, fd, 0);
    sys_close(fd);
    struct maps m;
    struct mapping line;
    u64 host = 0;
    open_maps(&m);
    while (next_mapping(&m, &line)) {
        usize n = length(line.name);
        if (n > 7 && same(line.name + n - 7, "/marker")) host = line.start - (u64)at;
    }
    return host;
}
// The host address of the runtime's own first page, which begins with \177ELF.
static inline u64 runtime_image(void) {
    struct maps m;
    struct mapping line;
    u64 found = 0;
    open_maps(&m);
    while (next_mapping(&m, &line)) {
        if (!found && line.name[0] == '/') found = line.start;
    }
    return found;
}
static inline int is_elf(const void* bytes) { return *(const u32*)bytes == 0x464C457F; }

// More parameters than any call passes: 64.
#define FOUR_PARAMETERS(p)    u64 p##0, u64 p##1, u64 p##2, u64 p##3
#define SIXTEEN_PARAMETERS(p) FOUR_PARAMETERS(p##0), FOUR_PARAMETERS(p##1), FOUR_PARAMETERS(p##2), FOUR_PARAMETERS(p##3)
#define MANY_PARAMETERS       SIXTEEN_PARAMETERS(a), SIXTEEN_PARAMETERS(b), SIXTEEN_PARAMETERS(c), SIXTEEN_PARAMETERS(d)

// ---- threads -------------------------------------------------------------------------------------------------------

static struct thread_t company;
static volatile u32 company_leaves;
static inline void keep_company(int tid, void* argument) {
    (void)tid, (void)argument;
    wait_for(&company_leaves, 1);
}
// From now on the process has another thread, which sleeps.
static inline void start_company(void) {
    company_leaves = 0;
    start(&company, keep_company, 0);
}

// "/proc/self/fd/NUMBER", in one buffer.
static inline const char* descriptor_path(i32 number) {
    static char path[32];
    char* end = path;
    for (const char* s = "/proc/self/fd/"; *s; ++s) *end++ = *s;
    for (i32 tens = 1000; tens; tens /= 10) {
        if (number >= tens) *end++ = (char)('0' + number / tens % 10);
    }
    *end = 0;
    return path;
}
// The descriptor whose file begins and ends like this.
static inline i32 descriptor_of(const char* begin, const char* end) {
    for (i32 n = 1100; n > 2; --n) {
        char name[128] = {0};
        i64 bytes = sys_readlink(descriptor_path(n), name, sizeof name - 1);
        if (bytes < (i64)length(end) || !starts_with(name, begin)) continue;
        if (same(name + bytes - length(end), end)) return n;
    }
    return -1;
}
// A descriptor of the runtime's own: with a second thread, it has the folder through which it opens what it has found.
static inline i32 own_descriptor(void) {
    if (company.tid == 0) start_company();
    return descriptor_of("/proc/", "/fd");
}
