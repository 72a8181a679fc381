// SPDX-License-Identifier: Apache-2.0
// Asynchronous input and output: requests of each kind, what is told of their ends, and everything that is refused.
#include "guest.h"
#include "guest_process.h"
#include "guest_signal.h"

enum {
    READ = 0,
    WRITE = 1,
    SYNC = 2,
    POLL = 5,
    NOTHING = 6,
    READ_VECTORS = 7,
    WRITE_VECTORS = 8,
    TELL = 1,
    REFUSED = 99
};

struct event_t {
    u64 data, block;
    i64 result, more;
};
struct vector_t {
    void* base;
    usize bytes;
};

static u64 context;
static struct block_t blocks[4];
static struct event_t events[8];
static struct timespec_t at_once, second = {1, 0};

static u64 address(const void* p) { return (u64)(usize)p; }
static struct block_t* prepare(int n, int opcode, i64 fd, const void* buffer, u64 bytes, i64 offset) {
    blocks[n] = (struct block_t){.data = 100 + (u64)n,
                                 .key = 5,
                                 .opcode = (u16)opcode,
                                 .fd = (i32)fd,
                                 .buffer = address(buffer),
                                 .bytes = bytes,
                                 .offset = offset};
    return &blocks[n];
}
static i64 submit(struct block_t* block) { return sys_io_submit(context, 1, &block); }
static i64 get(i64 least, i64 most, struct timespec_t* timeout) {
    memset(events, 0, sizeof events);
    return sys_io_getevents(context, least, most, events, timeout);
}
// Submits, waits, and shows what came of it.
static void done(const char* what, struct block_t* block) {
    i64 submitted = submit(block);
    show(what, submitted);
    if (submitted != 1) return;
    show("  events", get(1, 1, &second));
    show("  result", events[0].result);
    show("  data", (i64)events[0].data);
    show("  its block", events[0].block == address(block));
    show("  key", block->key);
}

static void contexts(void) {
    u64 other = 0, used = 1;
    show("no place", sys_io_setup(1, 0));
    show("not zero", sys_io_setup(1, &used));
    show("none", sys_io_setup(0, &other));
    show("too many", sys_io_setup(-1, &other));
    show("setup", sys_io_setup(4, &context));
    show("another", sys_io_setup(1, &other));
    show("destroy", sys_io_destroy(other));
    show("again", sys_io_destroy(other));
    show("submit there", sys_io_submit(other, 0, 0));
    show("look there", sys_io_getevents(other, 0, 0, 0, 0));
}

static void files(i64 fd) {
    static char text[32], a[4], b[8];
    done("write", prepare(0, WRITE, fd, "asynchronous", 12, 0));
    done("read", prepare(1, READ, fd, text, sizeof text, 2));
    show_text("  text", text);
    struct vector_t out[2] = {{"first ", 6}, {"second", 6}}, in[2] = {{a, 3}, {b, 7}};
    done("write vectors", prepare(2, WRITE_VECTORS, fd, out, 2, 0));
    done("read vectors", prepare(3, READ_VECTORS, fd, in, 2, 0));
    show_bytes("  first", a, 3);
    show_bytes("  second", b, 7);
    done("sync", prepare(0, SYNC, fd, 0, 0, 0));
    done("to nowhere", prepare(0, READ, fd, 0, 4, 0));
    done("vectors of nowhere", prepare(0, READ_VECTORS, fd, 0, 1, 0));
    done("no vectors", prepare(0, READ_VECTORS, fd, 0, 0, 0));
    done("too many vectors", prepare(0, READ_VECTORS, fd, in, 1025, 0));
    done("negative", prepare(0, READ, fd, text, (u64)-1, 0));
    done("no file", prepare(0, READ, -1, text, 4, 0));
    done("no-op", prepare(0, NOTHING, fd, 0, 0, 0));
    done("unknown", prepare(0, REFUSED, fd, text, 4, 0));
    i64 only = sys_open("file", O_RDONLY, 0);
    done("not for writing", prepare(0, WRITE, only, text, 4, 0));
    prepare(0, READ, fd, text, 4, 0)->reserved = 1;
    done("reserved", &blocks[0]);
    prepare(0, READ, fd, text, 4, 0)->flags = TELL;
    blocks[0].event_fd = (i32)fd;
    done("tells a file", &blocks[0]);
    i64 counter = sys_eventfd2(0, O_NONBLOCK);
    u64 told = 0;
    blocks[0].event_fd = (i32)counter;
    done("tells", &blocks[0]);
    show("  told", sys_read(counter, &told, 8));
    show("  times", (i64)told);
    sys_close(only), sys_close(counter);
}

static void several(i64 fd) {
    static char text[4][4];
    struct block_t* list[4];
    for (int i = 0; i < 4; ++i) list[i] = prepare(i, READ, i == 2 ? -1 : fd, text[i], 3, i);
    show("until one is wrong", sys_io_submit(context, 4, list));
    show("  events", get(2, 8, &second));
    show("  both", events[0].result == 3 && events[1].result == 3 && events[0].block != events[1].block);
    show("none left", get(0, 8, 0));
    show("  within", get(1, 8, &at_once));
    show("less than none", get(-1, 8, &at_once));
    show("more than room", get(2, 1, &at_once));
    struct block_t* nothing = 0;
    show("no block", sys_io_submit(context, 1, &nothing));
    show("no list", sys_io_submit(context, 1, 0));
    show("nothing", sys_io_submit(context, 0, 0));
    show("less", sys_io_submit(context, -1, list));
}

static volatile int handled;
static void count(int signal) {
    (void)signal;
    ++handled;
}
static void waiting(void) {
    i32 ends[2];
    sys_pipe(ends);
    struct block_t* poll = prepare(0, POLL, ends[0], 0, 0, 0);
    poll->buffer = 1;  // POLLIN
    show("poll", submit(poll));
    show("nothing yet", get(0, 1, &at_once));
    sys_write(ends[1], "x", 1);
    show("arrived", get(1, 1, &second));
    show("  result", events[0].result);
    show("  its block", events[0].block == address(poll));
    char byte;
    sys_read(ends[0], &byte, 1);
    show("again", submit(poll));
    show("not one of them", sys_io_cancel(context, prepare(1, POLL, ends[0], 0, 0, 0), events));
    blocks[1].key = 0;
    show("still not", sys_io_cancel(context, &blocks[1], events));
    show("cancelled", sys_io_cancel(context, poll, events));
    show("  told", get(1, 1, &second));
    show("once more", sys_io_cancel(context, poll, events));
    show("nowhere", sys_io_cancel(context, 0, events));
    show("in no context", sys_io_cancel(0, poll, events));
    // A mask for as long as it waits.
    u64 mask = signal_bit(SIGUSR1), none = 0, blocked[2] = {address(&mask), 8}, open[2] = {address(&none), 8};
    set_handler(SIGUSR1, count, 0, 0);
    sys_rt_sigprocmask(SIG_BLOCK, &mask, 0, 8);
    sys_tkill(sys_gettid(), SIGUSR1);
    show("blocked", sys_io_pgetevents(context, 1, 1, events, &at_once, blocked));
    show("  handled", handled);
    show("interrupted", sys_io_pgetevents(context, 1, 1, events, 0, open));
    show("  handled", handled);
    open[1] = 4;
    show("half a mask", sys_io_pgetevents(context, 1, 1, events, &at_once, open));
    show("no mask", sys_io_pgetevents(context, 0, 1, events, 0, 0));
    sys_rt_sigprocmask(SIG_UNBLOCK, &mask, 0, 8);
    sys_close(ends[0]), sys_close(ends[1]);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    contexts();
    i64 fd = sys_open("file", O_RDWR | O_CREAT, 0600);
    files(fd);
    several(fd);
    waiting();
    out_flush();
    i64 child = sys_fork();
    if (child == 0) {
        show("of a parent", get(0, 1, &at_once));
        show("  submit", submit(prepare(0, SYNC, fd, 0, 0, 0)));
        show("  destroy", sys_io_destroy(context));
        out_flush();
        sys_exit_group(0);
    }
    sys_wait4(child, 0, 0, 0);
    struct block_t* left = prepare(0, READ, fd, events, 4, 0);
    show("left behind", submit(left));
    show("destroy", sys_io_destroy(context));
    return 0;
}
