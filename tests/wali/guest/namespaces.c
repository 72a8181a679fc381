// SPDX-License-Identifier: Apache-2.0
// Calls that change a whole machine. It runs in namespaces of its own (compare.py --namespaces), as their root.
#include "guest.h"
#include "guest_process.h"
#include "guest_thread.h"

static volatile u32 over;
static void stay(int tid, void* argument) {
    (void)tid, (void)argument;
    wait_for(&over, 1);
}
static void write_a_word(int tid, void *argument) {
    (void)tid, (void)argument;
    i64 fd = sys_open("/fifo", O_WRONLY, 0);
    sys_write(fd, "word", 4);
    sys_close(fd);
}
static void open_fifo(void) {
    static struct thread_t writer;
    char word[8];
    show("fifo", sys_mknod("/fifo", 010600, 0));
    start(&writer, write_a_word, 0);
    i64 fd = sys_open("/fifo", O_RDONLY, 0);
    show_ok("fifo", fd);
    show("read", sys_read(fd, word, sizeof word));
    join(&writer);
    sys_close(fd);
    sys_unlink("/fifo");
}
// Where the runtime cannot look at a file by way of /proc, with another thread that might interfere.
static void without_proc(void) {
    static struct thread_t other;
    char word[8];
    over = 0;
    start(&other, stay, 0);
    i64 fd = sys_open("/file", O_CREAT | O_RDWR, 0600);
    show_ok("open", fd);
    show("write", sys_write(fd, "word", 4));
    i64 again = sys_open("/file", O_RDONLY | O_NOFOLLOW, 0);
    show_ok("open again", again);
    show("read", sys_read(again, word, sizeof word));
    show("write", sys_write(again, "word", 4));
    show_ok("directory", sys_open("/", O_RDONLY | O_DIRECTORY, 0));
    show("missing", sys_open("/missing", O_RDONLY, 0));
    show_ok("cut", sys_open("/file", O_WRONLY | O_TRUNC, 0));
    show("read", sys_read(again, word, sizeof word));
    sys_symlink("made", "/dangling");
    show_ok("create through link", sys_open("/dangling", O_CREAT | O_RDWR, 0600));
    show_ok("made", sys_open("/made", O_RDONLY, 0));
    sys_unlink("/made");
    sys_unlink("/dangling");
    open_fifo();
    for (i32 fd = 3; fd < 40; ++fd) sys_close(fd);
    over = 1;
    wake(&over, 1);
    join(&other);
}
// Nor mount one of its own.
static void without_rights(void) {
    u32 header[2] = {0x20080522, 0}, none[6] = {0};
    out_flush();
    i64 child = sys_fork();
    if (child == 0) {
        show("capset", sys_capset(header, none));
        without_proc();
        out_flush();
        sys_exit_group(0);
    }
    i32 status = -1;
    sys_wait4(child, &status, 0, 0);
    show("child", status);
}

// The same, step by step, and what is said of it afterwards.
static void mount_by_steps(void) {
    enum { NOWHERE = 0x7FFFF000 };
    u64 attributes[4] = {1, 0, 0, 0};  // read-only
    sys_mkdir("steps", 0755);
    i64 context = sys_fsopen("tmpfs", 1);
    show_ok("fsopen", context);
    show("fsopen unknown", sys_fsopen("no such", 0));
    show("fsconfig string", sys_fsconfig(context, 1, "size", "64k", 0));
    show("fsconfig nowhere", sys_fsconfig(context, 1, "size", NOWHERE, 0));
    show("fsconfig flag with value", sys_fsconfig(context, 0, "ro", "value", 0));
    show("fsconfig descriptor", sys_fsconfig(context, 5, "fd", 0, 900));
    show("fsconfig create", sys_fsconfig(context, 6, 0, 0, 0));
    i64 mounted = sys_fsmount(context, 1, 0);
    show_ok("fsmount", mounted);
    show("fsmount again", sys_fsmount(context, 1, 0));
    show("move_mount", sys_move_mount(mounted, "", AT_FDCWD, "steps", 4));
    show("move_mount again", sys_move_mount(-1, "", AT_FDCWD, "steps", 4));
    show("mkdir", sys_mkdir("steps/folder", 0755));
    show_ok("fspick", sys_fspick(AT_FDCWD, "steps", 1));
    show("fspick none", sys_fspick(AT_FDCWD, "none", 1));
    show("mount_setattr", sys_mount_setattr(AT_FDCWD, "steps", 0, attributes, 32));
    show("mount_setattr short", sys_mount_setattr(AT_FDCWD, "steps", 0, attributes, 8));
    show("mkdir read-only", sys_mkdir("steps/other", 0755));
    i64 tree = sys_open_tree(AT_FDCWD, "steps", 1);
    show_ok("open_tree", tree);
    show("open_tree none", sys_open_tree(AT_FDCWD, "none", 0));
    show("in the copy", sys_faccessat(tree, "folder", 0, 0));
    show_ok("open_tree_attr", sys_open_tree_attr(AT_FDCWD, "steps", 1, attributes, 32));
    show("open_tree_attr short", sys_open_tree_attr(AT_FDCWD, "steps", 1, attributes, 8));
    show("umount2", sys_umount2("steps", 2));
}
static void others_namespace(void) {
    char name[400];
    i64 before = sys_open("/proc/self/ns/uts", O_RDONLY, 0);
    show("unshare", sys_unshare(0x4000000));
    show("sethostname", sys_sethostname("other", 5));
    show("setns", sys_setns(before, 0x4000000));
    show("setns other kind", sys_setns(before, 0x20000));
    show("uname", sys_uname(name));
    show_text("  node", name + 65);
    show("unshare processes", sys_unshare(0x20000000));
    out_flush();
    i64 pid = sys_fork();
    i32 status = -1;
    if (pid == 0) sys_exit_group((i32)sys_getpid());
    sys_wait4(pid, &status, 0, 0);
    show("  first of its kind", status >> 8);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    char name[400];
    show("sethostname", sys_sethostname("guest", 5));
    show("setdomainname", sys_setdomainname("example", 7));
    show("uname", sys_uname(name));
    show_text("  node", name + 65);
    show_text("  domain", name + 5 * 65);
    in_child(others_namespace);
    mount_by_steps();
    sys_mkdir("place", 0755);
    show("mount", sys_mount("none", "place", "tmpfs", 0, "size=64k"));
    show("mkdir", sys_mkdir("place/old", 0755));
    show("full", sys_fallocate(sys_open("place/file", O_CREAT | O_RDWR, 0600), 0, 0, 1 << 20));
    show("umount2 busy", sys_umount2("place", 0));
    show("mount read-only", sys_mount("none", "place", 0, 1 | 32, 0));
    show("umount2 lazily", sys_umount2("place", 2));
    show("umount2 again", sys_umount2("place", 2));
    show("mount", sys_mount("none", "place", "tmpfs", 0, 0));
    show("mkdir", sys_mkdir("place/old", 0755));
    show("pivot_root", sys_pivot_root("place", "place/old"));
    show("chdir", sys_chdir("/"));
    show("old", sys_access("/old/proc", 0));
    show("new", sys_access("/proc", 0));
    without_proc();
    without_rights();
    show("chroot", sys_chroot("/old"));
    without_proc();
    return 0;
}
