// SPDX-License-Identifier: Apache-2.0
// Commands of prctl, ioctl and fcntl that change the runtime, or that hold pointers nobody looks at.
#include "attack.h"

static u64 base;
static i32 internet;

static int done(i64 result) {
    return result >= 0 ? REACHED : CONTAINED;
}

static int strict_seccomp(void) {
    return done(sys_prctl(22, 1, 0, 0, 0));
}
static int dispatch_to_user(void) {
    return done(sys_prctl(59, 1, 0, 0, 0));
}
static int no_time_stamps(void) {
    return done(sys_prctl(26, 2, 0, 0, 0));
}
static int merge_memory(void) {
    return done(sys_prctl(67, 1, 0, 0, 0));
}
static int deny_write_execute(void) {
    return done(sys_prctl(65, 1, 0, 0, 0));
}
static int stop_counters(void) {
    return done(sys_prctl(31, 0, 0, 0, 0));
}

static int interfaces_by_host_address(void) {
    static u64 victim[16];
    struct {
        i32 bytes, pad;
        u64 address;
    } list = {sizeof victim, 0, base + (u64)(usize)victim};
    sys_ioctl(internet, 0x8912, &list);
    return victim[0] ? REACHED : CONTAINED;
}
static int link_state_by_host_address(void) {
    static u32 victim[2] = {10, 77};  // ETHTOOL_GLINK: the answer goes where the question is
    struct {
        char name[16];
        u64 address, pad[2];
    } request = {"lo", base + (u64)(usize)victim, {0}};
    sys_ioctl(internet, 0x8946, &request);
    return victim[1] != 77 ? REACHED : CONTAINED;
}
static int memory_of_device(void) {  // SIOCGIFMAP
    struct {
        char name[16];
        u64 pad[3];
    } request = {"lo", {0}};
    return done(sys_ioctl(internet, 0x8970, &request));
}
static int private_request(void) {
    static u64 request[16];
    return sys_ioctl(internet, 0x89F0, request) == -25 ? CONTAINED : REACHED;  // not even the device says no
}

static const struct attack attacks[] = {
    {"strict seccomp", strict_seccomp, 0},
    {"user dispatch", dispatch_to_user, 0},
    {"time stamp counter", no_time_stamps, 0},
    {"merge memory", merge_memory, 0},
    {"deny write-execute", deny_write_execute, 0},
    {"stop counters", stop_counters, 0},
    {"interfaces by host address", interfaces_by_host_address, 0},
    {"link state by host address", link_state_by_host_address, 0},
    {"memory of a device", memory_of_device, 0},
    {"private request", private_request, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    base = host_base();
    internet = (i32)sys_socket(2, 2, 0);
    show("socket", internet >= 0);
    RUN(attacks);
    return 0;
}
