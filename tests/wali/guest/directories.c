// SPDX-License-Identifier: Apache-2.0
// Directories, and the calls that take one as a starting point.
#include "guest.h"

// Names in a directory, sorted, because the order is the file system's.
static void list(const char *what, i64 fd) {
    static char buffer[4096];
    char names[16][32];
    int count = 0;
    i64 n;
    while ((n = sys_getdents64(fd, buffer, sizeof buffer)) > 0) {
        for (i64 at = 0; at < n;) {
            u16 record;
            memcpy(&record, buffer + at + 16, 2);
            const char *name = buffer + at + 19;
            if (name[0] != '.' && count < 16) {
                memcpy(names[count], name, length(name) + 1);
                names[count][30] = buffer[at + 18];
                ++count;
            }
            at += record;
        }
    }
    show(what, n);
    for (int i = 0; i < count; ++i) {
        for (int j = i + 1; j < count; ++j) {
            char *a = names[i], *b = names[j];
            int k = 0;
            while (a[k] == b[k] && a[k]) ++k;
            if ((u8)a[k] <= (u8)b[k]) continue;
            char t[32];
            memcpy(t, a, 32), memcpy(a, b, 32), memcpy(b, t, 32);
        }
        print("  ");
        print(names[i]);
        show(" type", names[i][30]);
    }
}

static void making(void) {
    show("mkdir", sys_mkdir("d", 0755));
    show("mkdir again", sys_mkdir("d", 0755));
    show("mkdir deep", sys_mkdir("x/y", 0755));
    show_ok("open in", sys_open("d/f", O_CREAT | O_WRONLY, 0644));
    show("rmdir full", sys_rmdir("d"));
    show("mkdir", sys_mkdir("d/sub", 0700));
    show("symlink", sys_symlink("f", "d/link"));
    i64 fd = sys_open("d", O_RDONLY | O_DIRECTORY, 0);
    list("getdents64", fd);
    show("getdents64 at end", sys_getdents64(fd, 0, 100));
    char small[8];
    sys_lseek(fd, 0, 0);
    show("getdents64 small", sys_getdents64(fd, small, sizeof small));
    show("getdents64 of file", sys_getdents64(sys_open("d/f", O_RDONLY, 0), small, sizeof small));
    char old[512];
    sys_lseek(fd, 0, 0);
    show_ok("getdents", sys_getdents(fd, old, sizeof old));
    show("unlink directory", sys_unlink("d/sub"));
    show("rmdir", sys_rmdir("d/sub"));
    show("rmdir file", sys_rmdir("d/f"));
}

static void moving(void) {
    static char here[4096], there[4096];
    i64 n = sys_getcwd(here, sizeof here);
    show("getcwd counts the end", n == (i64)length(here) + 1);
    show("getcwd small", sys_getcwd(there, 2));
    show("getcwd nothing", sys_getcwd(there, 0));
    i64 fd = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
    show("chdir", sys_chdir("d"));
    sys_getcwd(there, sizeof there);
    show_text("moved", there + length(here));
    show("access", sys_access("f", 0));
    show("fchdir", sys_fchdir(fd));
    show("chdir none", sys_chdir("none"));
    show("chdir file", sys_chdir("d/f"));
    show("fchdir file", sys_fchdir(sys_open("d/f", O_RDONLY, 0)));
    show("fchdir bad", sys_fchdir(-1));
}

static void relative(void) {
    struct stat_t s;
    char b[64];
    u32 x[64];
    i64 fd = sys_openat(AT_FDCWD, "d", O_RDONLY | O_DIRECTORY, 0);
    show_ok("openat", sys_openat(fd, "g", O_CREAT | O_RDWR, 0600));
    show("openat bad", sys_openat(-1, "g", O_RDONLY, 0));
    show_ok("openat absolute", sys_openat(-1, "/", O_RDONLY, 0));
    show("mkdirat", sys_mkdirat(fd, "deep", 0755));
    show("newfstatat", sys_newfstatat(fd, "g", &s, 0));
    show("  mode", s.mode);
    show("newfstatat link", sys_newfstatat(fd, "link", &s, AT_SYMLINK_NOFOLLOW));
    show("  mode", s.mode);
    show("newfstatat empty", sys_newfstatat(fd, "", &s, AT_EMPTY_PATH));
    show("newfstatat bad flags", sys_newfstatat(fd, "g", &s, 0x8000000));
    show("statx", sys_statx(fd, "g", 0, 0x7FF, x));
    show("  mode", x[7] & 0xFFFF);
    show("faccessat", sys_faccessat(fd, "g", 4, 0));
    show("faccessat2", sys_faccessat2(fd, "none", 4, 0));
    show("fchmodat", sys_fchmodat(fd, "g", 0644, 0));
    show("fchownat", sys_fchownat(fd, "g", -1, -1, 0));
    show("linkat", sys_linkat(fd, "g", fd, "h", 0));
    show("symlinkat", sys_symlinkat("h", fd, "to-h"));
    show("readlinkat", sys_readlinkat(fd, "to-h", b, sizeof b));
    show("renameat", sys_renameat(fd, "h", AT_FDCWD, "h"));
    show("renameat2 exchange", sys_renameat2(fd, "g", AT_FDCWD, "h", 2));
    show("renameat2 exists", sys_renameat2(fd, "g", AT_FDCWD, "h", 1));
    show("mknodat", sys_mknodat(fd, "pipe", 0010600, 0));
    show("unlinkat", sys_unlinkat(fd, "to-h", 0));
    show("unlinkat directory", sys_unlinkat(fd, "deep", 0));
    show("unlinkat removedir", sys_unlinkat(fd, "deep", AT_REMOVEDIR));
    u64 how[3] = {O_RDONLY, 0, 0x08};  // RESOLVE_BENEATH
    show_ok("openat2", sys_openat2(fd, "g", how, sizeof how));
    show("openat2 escapes", sys_openat2(fd, "../h", how, sizeof how));
    show("openat2 size", sys_openat2(fd, "g", how, 8));
    list("end", fd);
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    making();
    moving();
    relative();
    return 0;
}
