// SPDX-License-Identifier: Apache-2.0
// Calls that change a whole machine. It runs in namespaces of its own (compare.py --namespaces), as their root.
#include "guest.h"

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
    show("chroot", sys_chroot("/old"));
    return 0;
}
