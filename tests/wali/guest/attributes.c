// SPDX-License-Identifier: Apache-2.0
// What newer calls say of files and mounts: cached pages, attributes by structure, mounts by number, security modules.
#include "guest.h"

enum { RUNS_PAST = 0x7FFFF000 };

static void cached(void) {
    u64 range[2] = {0, 4096}, state[5] = {0};
    i64 fd = sys_open("file", O_CREAT | O_RDWR, 0600);
    show("write", sys_write(fd, "some bytes", 10));
    i64 r = sys_cachestat(fd, range, state, 0);
    show("cachestat", r);
    if (r == 0) show("  cached", (i64)state[0]);
    show("cachestat flags", sys_cachestat(fd, range, state, 1));
    show("cachestat nowhere", sys_cachestat(fd, RUNS_PAST, state, 0));
    show("cachestat to nowhere", sys_cachestat(fd, range, RUNS_PAST, 0));
    show("cachestat none", sys_cachestat(-1, range, state, 0));
}

static void modes(void) {
    struct stat_t status;
    show("symlink", sys_symlink("file", "link"));
    show("fchmodat2", sys_fchmodat2(AT_FDCWD, "file", 0640, 0));
    show("stat", sys_stat("file", &status));
    show("  mode", status.mode & 0777);
    show("fchmodat2 link", sys_fchmodat2(AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW));
    show("fchmodat2 flags", sys_fchmodat2(AT_FDCWD, "file", 0600, 1));
    show("fchmodat2 none", sys_fchmodat2(AT_FDCWD, "none", 0600, 0));
}

struct xattr_args {
    u64 value;
    u32 size, flags;
    u64 more;
};
static u64 address(const void* at) { return (u64)(usize)at; }
static void extended(void) {
    char value[16] = "value", got[16] = {0}, names[4096];
    struct xattr_args set = {address(value), 5, 1, 0}, get = {address(got), sizeof got, 0, 0};
    show("setxattrat", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", &set, 16));
    show("setxattrat again", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", &set, 16));
    set.flags = 0;
    show("setxattrat longer", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", &set, sizeof set));
    set.more = 1;
    show("setxattrat unknown", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", &set, sizeof set));
    show("setxattrat short", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", &set, 8));
    show("setxattrat page", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", &set, 5000));
    show("setxattrat null", sys_setxattrat(AT_FDCWD, "file", 0, "user.name", 0, 16));
    set.value = RUNS_PAST;
    show("setxattrat nowhere", sys_setxattrat(AT_FDCWD, "file", 0, "user.other", &set, 16));
    show("getxattrat", sys_getxattrat(AT_FDCWD, "file", 0, "user.name", &get, 16));
    show_text("  value", got);
    get.size = 2;
    show("getxattrat small", sys_getxattrat(AT_FDCWD, "file", 0, "user.name", &get, 16));
    get.value = get.size = 0;
    show("getxattrat size", sys_getxattrat(AT_FDCWD, "file", 0, "user.name", &get, 16));
    get.value = RUNS_PAST, get.size = 16;
    show("getxattrat nowhere", sys_getxattrat(AT_FDCWD, "file", 0, "user.name", &get, 16));
    get.value = 1ULL << 40 | 4096;
    show("getxattrat far", sys_getxattrat(AT_FDCWD, "file", 0, "user.name", &get, 16));
    show_ok("listxattrat", sys_listxattrat(AT_FDCWD, "file", 0, names, sizeof names));
    show("listxattrat none", sys_listxattrat(AT_FDCWD, "none", 0, names, sizeof names));
    show("removexattrat", sys_removexattrat(AT_FDCWD, "file", 0, "user.name"));
    show("removexattrat again", sys_removexattrat(AT_FDCWD, "file", 0, "user.name"));
}

static void inode_flags(void) {
    struct {
        u64 flags;
        u32 extent, extents, project, cow;
        u64 more;
    } attributes = {0};
    show("file_getattr", sys_file_getattr(AT_FDCWD, "file", &attributes, 24, 0));
    show("file_getattr longer", sys_file_getattr(AT_FDCWD, "file", &attributes, sizeof attributes, 0));
    show("file_setattr", sys_file_setattr(AT_FDCWD, "file", &attributes, 24, 0));
    show("file_getattr short", sys_file_getattr(AT_FDCWD, "file", &attributes, 8, 0));
    show("file_getattr nowhere", sys_file_getattr(AT_FDCWD, "file", RUNS_PAST, 24, 0));
    show("file_getattr none", sys_file_getattr(AT_FDCWD, "none", &attributes, 24, 0));
    show("file_setattr short", sys_file_setattr(AT_FDCWD, "file", &attributes, 8, 0));
}

// The mount that the working directory is on, by the number that is never used again.
static u64 own_mount(void) {
    u64 status[32] = {0};
    show("statx", sys_statx(AT_FDCWD, ".", 0, 0x4000, status));
    return status[18];
}
static void mounts(void) {
    struct {
        u32 size, spare;
        u64 mount, parameter, space, more;
    } request = {24, 0, own_mount(), 0x20, 0, 0};  // STATMOUNT_FS_TYPE
    static u64 status[512];
    static u64 list[1024];
    const char* strings = (const char*)status + 512;
    i64 r = sys_statmount(&request, status, sizeof status, 0);
    show("statmount", r);
    if (r == 0) {
        show("  mask", (i64)status[1]);
        show_text("  type", strings + ((u32*)status)[9]);
    }
    show("statmount small", sys_statmount(&request, status, 8, 0));
    show("statmount flags", sys_statmount(&request, status, sizeof status, 0x7FFF0000));
    show("statmount nowhere", sys_statmount(RUNS_PAST, status, sizeof status, 0));
    show("statmount null", sys_statmount(0, status, sizeof status, 0));
    show("statmount to nowhere", sys_statmount(&request, RUNS_PAST, sizeof status, 0));
    request.size = 5000;
    show("statmount page", sys_statmount(&request, status, sizeof status, 0));
    request.size = 8;
    show("statmount short", sys_statmount(&request, status, sizeof status, 0));
    request.size = sizeof request, request.more = 1;
    show("statmount unknown", sys_statmount(&request, status, sizeof status, 0));
    request.more = 0;
    request.mount = 1;
    show("statmount none", sys_statmount(&request, status, sizeof status, 0));
    request.size = 24, request.mount = ~0ULL, request.parameter = 0;  // LSMT_ROOT: all
    show("listmount", sys_listmount(&request, list, 1, 0));
    show("listmount nowhere", sys_listmount(&request, RUNS_PAST, 1, 0));
    show("listmount too many", sys_listmount(&request, list, 2000000, 0));
}

static void modules(void) {
    u64 list[64], context[512] = {0};
    u32 bytes = sizeof list;
    i64 r = sys_lsm_list_modules(list, &bytes, 0);
    show("lsm_list_modules", r);
    if (r >= 0) show("  bytes", bytes);
    bytes = 1;
    show("lsm_list_modules small", sys_lsm_list_modules(list, &bytes, 0));
    show("  bytes", bytes);
    show("lsm_list_modules flags", sys_lsm_list_modules(list, &bytes, 1));
    show("lsm_list_modules null", sys_lsm_list_modules(list, 0, 0));
    bytes = sizeof list;
    show("lsm_list_modules nowhere", sys_lsm_list_modules(RUNS_PAST, &bytes, 0));
    bytes = sizeof context;
    show("lsm_get_self_attr", sys_lsm_get_self_attr(100, context, &bytes, 0));
    show("  bytes", bytes);
    show("lsm_get_self_attr none", sys_lsm_get_self_attr(0, context, &bytes, 0));
    show("lsm_get_self_attr flags", sys_lsm_get_self_attr(100, context, &bytes, 2));
    show("lsm_get_self_attr null", sys_lsm_get_self_attr(100, context, 0, 0));
    context[0] = 100, context[2] = 32;
    show("lsm_set_self_attr", sys_lsm_set_self_attr(100, context, 32, 0));
    show("lsm_set_self_attr short", sys_lsm_set_self_attr(100, context, 8, 0));
    show("lsm_set_self_attr nowhere", sys_lsm_set_self_attr(100, RUNS_PAST, 64, 0));
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    cached();
    modes();
    extended();
    inode_flags();
    mounts();
    modules();
    return 0;
}
