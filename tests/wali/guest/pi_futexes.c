// SPDX-License-Identifier: Apache-2.0
// Futexes that know their owner: contended locks, time limits, refusals, waiting for a condition and its lock in one,
// and the owner's priority while somebody more urgent waits.
#include "guest.h"
#include "guest_thread.h"

enum { LOCK = 6, UNLOCK = 7, TRY = 8, WAIT_REQUEUE = 11, CMP_REQUEUE = 12, PRIVATE = 128 };
enum { FIFO = 1, THREADS = 8, ROUNDS = 300 };
#define WAITERS (1u << 31)

static volatile u32 mutex, condition, ready, flag;
static volatile u32 inside, counter, crowded;

static i64 lock_within(volatile u32* word, struct timespec_t* until) {
    u32 none = 0;
    if (__atomic_compare_exchange_n(word, &none, (u32)sys_gettid(), 0, 5, 5)) return 0;
    i64 r;
    while ((r = sys_futex(word, LOCK | PRIVATE, 0, (usize)until, 0, 0)) == -4 || r == -11) {
    }
    return r;
}
static i64 unlock(volatile u32* word) {
    u32 mine = (u32)sys_gettid();
    if (__atomic_compare_exchange_n(word, &mine, 0, 0, 5, 5)) return 0;
    return sys_futex(word, UNLOCK | PRIVATE, 0, 0, 0, 0);
}

// ---- many threads

static void contend(int tid, void* wrong) {
    (void)tid;
    for (int i = 0; i < ROUNDS; ++i) {
        if (lock_within(&mutex, 0) != 0) ++*(int*)wrong;
        if (__atomic_fetch_add(&inside, 1, 5) != 0) ++crowded;
        ++counter;
        if (i % 4 == 0) sys_sched_yield();  // so that others find it locked
        __atomic_fetch_sub(&inside, 1, 5);
        if (unlock(&mutex) != 0) ++*(int*)wrong;
    }
}
static void many(void) {
    static struct thread_t threads[THREADS];
    static int wrong[THREADS];
    for (int i = 0; i < THREADS; ++i) start(&threads[i], contend, &wrong[i]);
    int errors = 0;
    for (int i = 0; i < THREADS; ++i) {
        join(&threads[i]);
        errors += wrong[i];
    }
    show("counted", counter);
    show("errors", errors);
    show("two at once", crowded);
    show("left", mutex);
}

// ---- refusals

static void wait_for_flag(void) {
    while (!__atomic_load_n(&flag, 5)) sys_futex(&flag, FUTEX_WAIT, 0, 0, 0, 0);
}
static void set_flag(void) {
    __atomic_store_n(&flag, 1, 5);
    wake(&flag, 1 << 30);
}
static void hold(int tid, void* argument) {
    (void)tid, (void)argument;
    lock_within(&mutex, 0);
    __atomic_store_n(&ready, 1, 5);
    wake(&ready, 1);
    wait_for_flag();
    unlock(&mutex);
}
static void refusals(void) {
    static struct thread_t holder;
    ready = flag = 0;
    start(&holder, hold, 0);
    wait_for(&ready, 1);
    struct timespec_t past = {1, 0}, soon;
    sys_clock_gettime(0, &soon);
    soon.nsec += 20000000;
    if (soon.nsec >= 1000000000) soon.sec += 1, soon.nsec -= 1000000000;
    show("late", lock_within(&mutex, &past));
    show("too late", lock_within(&mutex, &soon));
    show("try", sys_futex(&mutex, TRY | PRIVATE, 0, 0, 0, 0));
    show("unlock another's", sys_futex(&mutex, UNLOCK | PRIVATE, 0, 0, 0, 0));
    show("owner", (mutex & 0x3FFFFFFF) == (u32)holder.tid);
    set_flag();
    show("lock", lock_within(&mutex, 0));
    show("twice", sys_futex(&mutex, LOCK | PRIVATE, 0, 0, 0, 0));
    show("unlock", unlock(&mutex));
    join(&holder);
    mutex = 0x3FFFFFF0;  // no thread has that number
    show("nobody's", sys_futex(&mutex, LOCK | PRIVATE, 0, 0, 0, 0));
    mutex = 0;
    show("try, free", sys_futex(&mutex, TRY | PRIVATE, 0, 0, 0, 0));
    show("unlock", unlock(&mutex));
}

// ---- a condition

static volatile u32 woken;
static void await_condition(int tid, void* result) {
    lock_within(&mutex, 0);
    u32 seen = condition;
    __atomic_fetch_add(&ready, 1, 5);
    unlock(&mutex);
    i64 r = sys_futex(&condition, WAIT_REQUEUE | PRIVATE, seen, 0, &mutex, 0);
    if (r == -11) {  // the condition has come meanwhile
        lock_within(&mutex, 0);
        r = 0;
    }
    if ((mutex & 0x3FFFFFFF) != (u32)tid) r = -1000;
    *(i64*)result = r;
    ++woken;
    unlock(&mutex);
}
static void requeue(void) {
    static struct thread_t threads[4];
    static i64 results[4];
    ready = woken = 0;
    for (int i = 0; i < 4; ++i) start(&threads[i], await_condition, &results[i]);
    while (ready < 4) sys_sched_yield();
    lock_within(&mutex, 0);
    __atomic_fetch_add(&condition, 1, 5);
    show("wrong value", sys_futex(&condition, CMP_REQUEUE | PRIVATE, 1, 100, &mutex, condition + 1));
    show_ok("requeue", sys_futex(&condition, CMP_REQUEUE | PRIVATE, 1, 100, &mutex, condition));
    show("while it is locked", woken);
    unlock(&mutex);
    for (int i = 0; i < 4; ++i) join(&threads[i]);
    for (int i = 0; i < 4; ++i) show("woken", results[i]);
    show("left", mutex);
}

// ---- priorities; who may not have an urgent thread sees the same here as there

static i64 priority_of(int tid) {
    char path[64] = "/proc/self/task/", text[512];
    char digits[12], *to = path + length(path);
    int n = 0;
    for (; tid; tid /= 10) digits[n++] = (char)('0' + tid % 10);
    while (n) *to++ = digits[--n];
    memcpy(to, "/stat", 6);
    i32 fd = (i32)sys_open(path, O_RDONLY, 0);
    i64 bytes = sys_read(fd, text, sizeof text - 1);
    sys_close(fd);
    if (bytes <= 0) return bytes;
    text[bytes] = 0;
    char* p = text + bytes;
    while (*p != ')') --p;
    for (int field = 2; field < 18; ++field) {
        while (*++p != ' ') {
        }
    }
    int sign = p[1] == '-' ? -1 : 1;
    i64 value = 0;
    for (p += sign < 0 ? 2 : 1; *p >= '0' && *p <= '9'; ++p) value = value * 10 + *p - '0';
    return sign * value;
}
static volatile i64 urgent_result;
static void be_urgent(int tid, void* argument) {
    (void)argument;
    i32 priority = 30;
    urgent_result = sys_sched_setscheduler(tid, FIFO, &priority);
    __atomic_store_n(&ready, 1, 5);
    lock_within(&mutex, 0);
    unlock(&mutex);
}
static void boosting(void) {
    static struct thread_t urgent;
    int me = (int)sys_gettid();
    ready = 0;
    lock_within(&mutex, 0);
    show("priority", priority_of(me));
    start(&urgent, be_urgent, 0);
    while (!(__atomic_load_n(&mutex, 5) & WAITERS)) sys_sched_yield();
    show_ok("urgent", urgent_result);
    if (urgent_result == 0) {
        while (priority_of(me) > 0) sys_sched_yield();
    }
    show("while it waits", priority_of(me));
    unlock(&mutex);
    join(&urgent);
    show("afterwards", priority_of(me));
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    many();
    refusals();
    requeue();
    boosting();
    return 0;
}
