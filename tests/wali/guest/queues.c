// SPDX-License-Identifier: Apache-2.0
// Message queues and semaphores, System V and POSIX, and file handles.
#include "guest.h"

enum { IPC_RMID = 0, IPC_SET = 1, IPC_STAT = 2, IPC_INFO = 3, NOWHERE = 0x7FFFF000 };

static void control_queue(i64 q) {
    u64 status[15] = {0};
    u32 info[8];
    show("msgctl IPC_STAT", sys_msgctl(q, IPC_STAT, status));
    show("  messages", (i64)status[10]);
    status[11] = 100;
    show("msgctl IPC_SET", sys_msgctl(q, IPC_SET, status));
    status[11] = 0;
    show("msgctl IPC_STAT", sys_msgctl(q, IPC_STAT, status));
    show("  bytes", (i64)status[11]);
    show_ok("msgctl IPC_INFO", sys_msgctl(q, IPC_INFO, info));
    show("msgctl nowhere", sys_msgctl(q, IPC_STAT, NOWHERE));
    show("msgctl null", sys_msgctl(q, IPC_STAT, 0));
    show("msgctl unknown", sys_msgctl(q, 99, status));
    show("msgctl IPC_RMID", sys_msgctl(q, IPC_RMID, 0));
    show("msgctl again", sys_msgctl(q, IPC_RMID, 0));
}

static void control_set(i64 s) {
    enum { GETPID = 11, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL };
    u64 status[13] = {0};
    u16 values[2] = {5, 6}, got[4] = {9, 9, 9, 9};
    u32 info[10];
    show("semctl IPC_STAT", sys_semctl(s, 0, IPC_STAT, status));
    show("  semaphores", (i64)status[10]);
    show("  changed", status[8] != 0);
    show("semctl IPC_SET", sys_semctl(s, 0, IPC_SET, status));
    show("semctl SETALL", sys_semctl(s, 0, SETALL, values));
    show("semctl SETVAL", sys_semctl(s, 1, SETVAL, 7));
    show("semctl SETVAL big", sys_semctl(s, 1, SETVAL, 40000));
    show("semctl GETVAL", sys_semctl(s, 1, GETVAL, 0));
    show("semctl GETALL", sys_semctl(s, 0, GETALL, got));
    for (int i = 0; i < 4; ++i) show("  value", got[i]);
    show("semctl GETPID", sys_semctl(s, 1, GETPID, 0) == sys_getpid());
    show("semctl GETNCNT", sys_semctl(s, 1, GETNCNT, 0));
    show("semctl GETZCNT", sys_semctl(s, 1, GETZCNT, 0));
    show_ok("semctl IPC_INFO", sys_semctl(s, 0, IPC_INFO, info));
    show("semctl GETALL nowhere", sys_semctl(s, 0, GETALL, NOWHERE));
    show("semctl SETALL nowhere", sys_semctl(s, 0, SETALL, NOWHERE));
    show("semctl IPC_STAT nowhere", sys_semctl(s, 0, IPC_STAT, NOWHERE));
    show("semctl unknown", sys_semctl(s, 0, 99, status));
    show("semctl no such", sys_semctl(s, 2, GETVAL, 0));
    show("semctl IPC_RMID", sys_semctl(s, 0, IPC_RMID, 0));
    show("semctl again", sys_semctl(s, 0, GETALL, got));
}

// SIGEV_THREAD, as a libc uses it: a cookie comes back through a netlink socket.
static void notified_by_socket(i64 mq) {
    char cookie[32] = "the cookie of this test", back[33] = "";
    struct {
        usize value;
        i32 signal, notify;
        u8 tail[64 - 8 - sizeof(usize)];
    } event = {(usize)cookie, (i32)sys_socket(16, 3 | O_NONBLOCK, 0), 2, {0}};
    while (sys_mq_timedreceive(mq, back, sizeof back, 0, 0) > 0) {}  // only an empty queue notifies
    show("mq_notify by socket", sys_mq_notify(mq, &event));
    show("mq_notify again", sys_mq_notify(mq, &event));
    show("mq_timedsend", sys_mq_timedsend(mq, "note", 4, 1, 0));
    show("read of the socket", sys_read(event.signal, back, 32));
    show_text("  cookie", back);
    show("  reason", back[31]);
    show("mq_timedreceive", sys_mq_timedreceive(mq, back, sizeof back, 0, 0));
    event.value = 0;
    show("mq_notify without cookie", sys_mq_notify(mq, &event));
    event.value = (usize)cookie;
    event.signal = -1;
    show("mq_notify without socket", sys_mq_notify(mq, &event));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    struct {
        i64 type;
        char text[16];
    } m = {3, "message"};
    i64 q = sys_msgget(0, 0600);
    show_ok("msgget", q);
    show("msgsnd", sys_msgsnd(q, &m, 8, 0));
    show("msgsnd type", (m.type = 0, sys_msgsnd(q, &m, 8, 0)));
    show("msgsnd null", sys_msgsnd(q, 0, 8, 0));
    memset(&m, 0, sizeof m);
    show("msgrcv other", sys_msgrcv(q, &m, 16, 9, 04000));
    show("msgrcv small", sys_msgrcv(q, &m, 2, 0, 04000));
    show("msgrcv negative", sys_msgrcv(q, &m, -1, 0, 04000));
    show("msgsnd negative", sys_msgsnd(q, &m, -1, 04000));
    show("msgrcv", sys_msgrcv(q, &m, 16, -5, 04000));
    show("  type", m.type);
    show_text("  text", m.text);
    control_queue(q);
    i64 s = sys_semget(0, 2, 0600);
    show_ok("semget", s);
    show("semget bad", sys_semget(0, -1, 0600));
    struct {
        u16 number;
        i16 op, flags;
    } up = {1, 2, 0}, down = {1, -3, 04000};
    show("semop up", sys_semop(s, &up, 1));
    show("semop down", sys_semop(s, &down, 1));
    show("semop null", sys_semop(s, 0, 1));
    show("semop many", sys_semop(s, &up, 100000));
    struct timespec_t t = {0, 1000};
    down.flags = 0;
    show("semtimedop", sys_semtimedop(s, &down, 1, &t));
    control_set(s);
    i64 attributes[8] = {0, 2, 32}, got[8];
    // Queues belong to the machine: others may run this at the same time.
    char name[] = "wali-test-queue-????????????????";
    struct timespec_t now;
    sys_clock_gettime(0, &now);
    u64 unique = (u64)sys_getpid() << 40 ^ (u64)now.sec << 30 ^ (u64)now.nsec;
    for (u64 i = 0; i < 16; ++i) name[sizeof name - 2 - i] = "0123456789abcdef"[unique >> (4 * i) & 15];
    i64 mq = sys_mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, attributes);
    show_ok("mq_open", mq);
    show("mq_open again", sys_mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, attributes));
    show("mq_timedsend", sys_mq_timedsend(mq, "low", 3, 1, 0));
    show("mq_timedsend", sys_mq_timedsend(mq, "high", 4, 7, 0));
    show("mq_timedsend full", sys_mq_timedsend(mq, "x", 1, 1, 0));
    show("mq_getsetattr", sys_mq_getsetattr(mq, 0, got));
    show("  messages", got[3]);
    char b[32];
    u32 priority = 0;
    i64 n = sys_mq_timedreceive(mq, b, sizeof b, &priority, 0);
    show("mq_timedreceive", n);
    show("  priority", priority);
    show("mq_timedreceive small", sys_mq_timedreceive(mq, b, 2, 0, 0));
    notified_by_socket(mq);
    show("mq_unlink", sys_mq_unlink(name));
    show("mq_unlink again", sys_mq_unlink(name));
    struct {
        u32 bytes;
        i32 type;
        u8 handle[128];
    } handle = {0, 0, {0}};
    i32 mount;
    sys_open("f", O_CREAT | O_RDWR, 0600);
    show("name_to_handle_at small", sys_name_to_handle_at(AT_FDCWD, "f", &handle, &mount, 0));
    show("name_to_handle_at none", sys_name_to_handle_at(AT_FDCWD, "none", &handle, &mount, 0));
    handle.bytes = 129;
    show("name_to_handle_at big", sys_name_to_handle_at(AT_FDCWD, "f", &handle, &mount, 0));
    show("open_by_handle_at big", sys_open_by_handle_at(AT_FDCWD, &handle, O_RDONLY));
    return 0;
}
