// SPDX-License-Identifier: Apache-2.0
// Calls that change a whole machine. It runs in namespaces of its own (compare.py --namespaces), as their root.
#include "guest.h"
#include "guest_thread.h"

static volatile u32 over;
static void stay(int tid, void *argument) {
    (void)tid, (void)argument;
    wait_for(&over, 1);
}
// Where the runtime cannot look at a file by way of /proc, with another thread that might interfere.
static void without_proc(void) {
    static struct thread_t other;
    char word[8];
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
    over = 1;
    wake(&over, 1);
    join(&other);
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    char name[400];
    show("sethostname", sys_sethostname("guest", 5));
    show("setdomainname", sys_setdomainname("example", 7));
    show("uname", sys_uname(name));
    show_text("  node", name + 65);
    show_text("  domain", name + 5 * 65);
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
    show("chroot", sys_chroot("/old"));
    return 0;
}
