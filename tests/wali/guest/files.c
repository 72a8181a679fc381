// SPDX-License-Identifier: Apache-2.0
// Opening, reading, writing, positions, names and attributes of files.
#include "guest.h"

static void show_stat(const char *what, i64 result, const struct stat_t *s) {
    show(what, result);
    if (result < 0) return;
    show("  mode", s->mode);
    show("  links", (i64)s->nlink);
    if ((s->mode & 0170000) != 0040000) show("  size", s->size);
}

static void reading_and_writing(void) {
    char b[64];
    i64 fd = sys_open("data", O_RDWR | O_CREAT | O_EXCL, 0644);
    show_ok("open new", fd);
    show("open again", sys_open("data", O_RDWR | O_CREAT | O_EXCL, 0644));
    show("write", sys_write(fd, "hello, world\n", 13));
    show("write nothing", sys_write(fd, "", 0));
    show("lseek", sys_lseek(fd, 7, 0));
    i64 n = sys_read(fd, b, sizeof b);
    show("read", n);
    show_bytes("  text", b, (usize)n);
    show("read at end", sys_read(fd, b, sizeof b));
    show("pwrite", sys_pwrite64(fd, "WORLD", 5, 7));
    n = sys_pread64(fd, b, 13, 0);
    show_bytes("pread", b, (usize)n);
    show("pread far", sys_pread64(fd, b, 13, 0x500000000LL));
    show("pread negative", sys_pread64(fd, b, 13, -1));
    show("pwrite 5 GiB", sys_pwrite64(fd, "x", 1, 5LL << 30));
    show("lseek end", sys_lseek(fd, 0, 2));
    show("lseek data", sys_lseek(fd, 0, 3));
    show("lseek hole past", sys_lseek(fd, 6LL << 30, 4));
    show("lseek bad whence", sys_lseek(fd, 0, 99));
    show("ftruncate", sys_ftruncate(fd, 5));
    show("truncate", sys_truncate("data", 3));
    show("ftruncate negative", sys_ftruncate(fd, -1));
    show("truncate none", sys_truncate("none", 3));
    show("lseek end", sys_lseek(fd, 0, 2));
    show("fsync", sys_fsync(fd));
    show("fdatasync", sys_fdatasync(fd));
    show("fallocate", sys_fallocate(fd, 0, 0, 10000));
    show("fallocate bad", sys_fallocate(fd, 0, 0, 0));
    show("fadvise", sys_fadvise(fd, 0, 0, 4));
    show("fadvise bad", sys_fadvise(fd, 0, 0, 99));
    show("readahead", sys_readahead(fd, 0, 4096));
    show("sync_file_range", sys_sync_file_range(fd, 0, 0, 2));
    show("syncfs", sys_syncfs(fd));
    show("close", sys_close(fd));
    show("close again", sys_close(fd));
    show("read closed", sys_read(fd, b, 1));
    show("open none", sys_open("none", O_RDONLY, 0));
    show("open empty", sys_open("", O_RDONLY, 0));
    show("open through file", sys_open("data/x", O_RDONLY, 0));
    show("write to read-only", sys_write(sys_open("data", O_RDONLY, 0), "x", 1));
    show_ok("creat", sys_creat("data", 0600));
}

static void names(void) {
    char b[64];
    struct stat_t s;
    show("umask", sys_umask(027));
    show_ok("open", sys_open("a", O_WRONLY | O_CREAT, 0666));
    show_stat("stat", sys_stat("a", &s), &s);
    show("umask back", sys_umask(022));
    show("link", sys_link("a", "b"));
    show("link again", sys_link("a", "b"));
    show("symlink", sys_symlink("a", "s"));
    show_stat("lstat", sys_lstat("s", &s), &s);
    show_stat("stat", sys_stat("s", &s), &s);
    memset(b, '#', sizeof b);
    show("readlink", sys_readlink("s", b, sizeof b));
    show_bytes("  text", b, 3);
    show("readlink short", sys_readlink("s", b, 0));
    show("readlink file", sys_readlink("a", b, sizeof b));
    show("nofollow", sys_open("s", O_RDONLY | O_NOFOLLOW, 0));
    show("chmod", sys_chmod("a", 0640));
    show("chmod none", sys_chmod("none", 0640));
    i64 fd = sys_open("b", O_RDWR, 0);
    show("fchmod", sys_fchmod(fd, 0604));
    show_stat("fstat", sys_fstat(fd, &s), &s);
    show("fstat bad", sys_fstat(-1, &s));
    show("rename", sys_rename("b", "c"));
    show("rename none", sys_rename("b", "d"));
    show("unlink", sys_unlink("c"));
    show("unlink none", sys_unlink("c"));
    show("access", sys_access("a", 4));
    show("access none", sys_access("none", 0));
    show("access bad", sys_access("a", 99));
    show("chown same", sys_chown("a", -1, -1));
    show("lchown same", sys_lchown("s", -1, -1));
    show("fchown same", sys_fchown(fd, -1, -1));
    show("mknod fifo", sys_mknod("fifo", 0010644, 0));
    show_stat("stat fifo", sys_stat("fifo", &s), &s);
}

static void times(void) {
    struct stat_t s;
    struct timespec_t two[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
    show("utimensat", sys_utimensat(AT_FDCWD, "a", two, 0));
    sys_stat("a", &s);
    show("  access", s.access.sec);
    show("  nanoseconds", s.access.nsec);
    show("  modification", s.modification.nsec);
    struct timeval_t micro[2] = {{1200000000, 1}, {1300000000, 2}};
    show("utimes", sys_utimes("a", micro));
    show("futimesat", sys_futimesat(AT_FDCWD, "a", micro));
    i64 seconds[2] = {1400000000, 1500000000};
    show("utime", sys_utime("a", seconds));
    sys_stat("a", &s);
    show("  access", s.access.sec);
    two[0].nsec = 2000000000;
    show("utimensat bad", sys_utimensat(AT_FDCWD, "a", two, 0));
    show("utimensat now", sys_utimensat(AT_FDCWD, "a", 0, 0));
}

static void attributes(void) {
    char b[64];
    i64 set = sys_setxattr("a", "user.colour", "blue", 4, 0);
    show("setxattr", set);
    show("setxattr exists", sys_setxattr("a", "user.colour", "red", 3, 1));
    show("getxattr size", sys_getxattr("a", "user.colour", b, 0));
    show("getxattr", sys_getxattr("a", "user.colour", b, sizeof b));
    show("listxattr", sys_listxattr("a", b, sizeof b));
    i64 fd = sys_open("a", O_RDWR, 0);
    show("fgetxattr", sys_fgetxattr(fd, "user.colour", b, sizeof b));
    show("fsetxattr", sys_fsetxattr(fd, "user.shape", "round", 5, 0));
    show("flistxattr", sys_flistxattr(fd, b, sizeof b));
    show("lgetxattr", sys_lgetxattr("a", "user.none", b, sizeof b));
    show("lsetxattr", sys_lsetxattr("a", "bad", "x", 1, 0));
    show("llistxattr", sys_llistxattr("a", b, sizeof b));
    show("removexattr", sys_removexattr("a", "user.colour"));
    show("lremovexattr", sys_lremovexattr("a", "user.colour"));
    show("fremovexattr", sys_fremovexattr(fd, "user.shape"));
}

static void file_systems(void) {
    i64 fs[15], other[15];
    show("statfs", sys_statfs(".", fs));
    i64 fd = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
    show("fstatfs", sys_fstatfs(fd, other));
    show("  same type", fs[0] == other[0]);
    show("  same block size", fs[1] == other[1]);
    show("  name length", fs[8]);
    show("statfs none", sys_statfs("none", fs));
    show("fstatfs bad", sys_fstatfs(-1, fs));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    reading_and_writing();
    names();
    times();
    attributes();
    file_systems();
    return 0;
}
