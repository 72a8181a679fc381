// SPDX-License-Identifier: Apache-2.0
// A Linux program for WebAssembly without any library: it lists a folder through the native `sort`, in a child process
// at the other end of a pipe. Linux is reached by importing its system calls from the module "wali".
//
// Guest types are WALI's: pointers are 32 bits wide, `long` and results 64.
typedef unsigned int Size;

#define WALI(name) __attribute__((import_module("wali"), import_name("SYS_" #name)))
WALI(getdents64) long long sys_getdents64(int fd, void* buffer, Size size);
WALI(openat) long long sys_openat(int folder, const char* path, int flags, int mode);
WALI(write) long long sys_write(int fd, const void* bytes, Size size);
WALI(close) long long sys_close(int fd);
WALI(pipe) long long sys_pipe(int ends[2]);
WALI(dup2) long long sys_dup2(int from, int to);
WALI(getpid) long long sys_getpid(void);
WALI(fork) long long sys_fork(void);
WALI(execve) long long sys_execve(const char* path, const char* const* argv, const char* const* environment);
WALI(wait4) long long sys_wait4(int pid, int* status, int options, void* usage);
WALI(uname) long long sys_uname(void* names);
WALI(exit_group) long long sys_exit_group(int status);

#define WALI_AUX(name) __attribute__((import_module("wali"), import_name(#name)))
WALI_AUX(__cl_get_argc) int argument_count(void);
WALI_AUX(__cl_get_argv_len) int argument_length(int index);
WALI_AUX(__cl_copy_argv) int copy_argument(char* to, int index);

struct Entry {  // struct linux_dirent64
    unsigned long long inode, offset;
    unsigned short length;
    unsigned char type;
    char name[];
};
enum { kAtFdCwd = -100, kReadFolder = 0200000 /* O_RDONLY | O_DIRECTORY */, kField = 65 };

static Size length(const char* s) {
    Size n = 0;
    while (s[n]) ++n;
    return n;
}
static void print(int fd, const char* s) { sys_write(fd, s, length(s)); }
static void print_number(int fd, long long n) {
    char digits[24];
    Size at = sizeof digits;
    digits[--at] = 0;
    do digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    print(fd, digits + at);
}
static void need(long long result, const char* what) {
    if (result >= 0) return;
    print(2, what);
    print(2, " failed with errno ");
    print_number(2, -result);
    print(2, "\n");
    sys_exit_group(1);
}

// Writes one line per entry; returns how many there were.
static int list_folder(const char* path, int to) {
    static char buffer[4096] __attribute__((aligned(8)));
    int count = 0;
    long long folder = sys_openat(kAtFdCwd, path, kReadFolder, 0), got;
    need(folder, path);
    while ((got = sys_getdents64((int)folder, buffer, sizeof buffer)) > 0) {
        for (long long at = 0; at < got;) {
            const struct Entry* entry = (const struct Entry*)(buffer + at);
            at += entry->length;
            if (entry->name[0] == '.') continue;
            print(to, "    ");
            print(to, entry->name);
            print(to, "\n");
            ++count;
        }
    }
    need(got, "getdents64");
    sys_close((int)folder);
    return count;
}

static void become_sort(int input) {
    static const char* const argv[] = {"sort", 0};
    static const char* const environment[] = {"LC_ALL=C", 0};
    need(sys_dup2(input, 0), "dup2");
    need(sys_execve("/usr/bin/sort", argv, environment), "execve");
}

void _start(void) {
    static char names[6][kField], path[256] = ".";
    need(sys_uname(names), "uname");
    print(1, "  process ");
    print_number(1, sys_getpid());
    print(1, " on ");
    print(1, names[0]);
    print(1, ", machine ");
    print(1, names[4]);
    print(1, "\n");
    if (argument_count() > 1 && argument_length(1) < (int)sizeof path) copy_argument(path, 1);

    int ends[2], status = 0;
    need(sys_pipe(ends), "pipe");
    long long child = sys_fork();
    need(child, "fork");
    if (child == 0) {
        sys_close(ends[1]);
        become_sort(ends[0]);
    }
    sys_close(ends[0]);
    int count = list_folder(path, ends[1]);
    sys_close(ends[1]);
    need(sys_wait4((int)child, &status, 0, 0), "wait4");
    print(1, "  ");
    print_number(1, count);
    print(1, " entries; sort ended with status ");
    print_number(1, status >> 8 & 255);
    print(1, "\n");
    sys_exit_group(42);
}
