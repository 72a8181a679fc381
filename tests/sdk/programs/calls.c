// SPDX-License-Identifier: Apache-2.0
// Calls of Linux that programs make beside POSIX, and of POSIX what is seldom: each through its function of the
// library.
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <mqueue.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char text[200];

static const char* got(int fd) {
    ssize_t n = read(fd, text, sizeof text - 1);
    text[n < 0 ? 0 : n] = 0;
    return text;
}

static void copying(void) {
    int from = open("from", O_RDWR | O_CREAT | O_TRUNC, 0640), to = open("to", O_RDWR | O_CREAT | O_TRUNC, 0600),
        ends[2];
    struct iovec parts[] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
    printf("pwritev %zd\n", pwritev(from, parts, 3, 0));
    off_t at = 4;
    printf("sendfile %zd", sendfile(to, from, &at, 4));
    printf(", now at %jd\n", (intmax_t)at);
    off64_t in = 8, out = 4;
    printf("copy_file_range %zd\n", copy_file_range(from, &in, to, &out, 100, 0));
    pipe2(ends, O_CLOEXEC);
    loff_t off = 0;
    printf("splice %zd\n", splice(to, &off, ends[1], 0, 3, 0));
    printf("vmsplice %d\n", (int)vmsplice(ends[1], parts, 1, 0));
    printf("'%s'\n", got(ends[0]));
    char a[3] = "", b[20] = "";
    struct iovec into[] = {{a, 2}, {b, sizeof b - 1}};
    printf("preadv %zd", preadv(from, into, 2, 1));
    printf(" '%s' '%s'\n", a, b);
    printf("fallocate %d", fallocate(to, FALLOC_FL_KEEP_SIZE, 0, 10000));
    printf(", posix_fallocate %d", posix_fallocate(to, 0, 300));
    struct stat status;
    fstat(to, &status);
    printf(": %jd bytes, advice %d\n", (intmax_t)status.st_size, posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED));
    struct timespec times[] = {{1000000000, 5}, {1500000000, 123456789}};
    printf("futimens %d\n", futimens(from, times));
    fstat(from, &status);
    printf("%jd bytes, %ld ns, mode %o\n", (intmax_t)status.st_size, status.st_mtim.tv_nsec, status.st_mode);
    printf("lockf %d, flags %d\n", lockf(from, F_TLOCK, 0), fcntl(dup3(from, 50, O_CLOEXEC), F_GETFD));
    close(from), close(to), close(50), close(ends[0]), close(ends[1]);
}

static void events(void) {
    int watch = inotify_init1(IN_CLOEXEC);
    inotify_add_watch(watch, ".", IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO);
    close(creat("new", 0600));
    rename("new", "newer");
    _Alignas(struct inotify_event) char buffer[1000];
    ssize_t length = read(watch, buffer, sizeof buffer);
    for (char* p = buffer; p < buffer + length;) {
        struct inotify_event* e = (void*)p;
        printf("event %x %s\n", e->mask, e->name);
        p += sizeof *e + e->len;
    }
    sigset_t set, none;
    sigemptyset(&none), sigemptyset(&set);
    sigaddset(&set, SIGUSR1), sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, 0);
    int signals = signalfd(-1, &set, SFD_NONBLOCK);
    raise(SIGUSR1);
    sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 77});
    struct signalfd_siginfo info[2];
    length = read(signals, info, sizeof info);
    printf("%d: %d, %d with %d\n", (int)(length / sizeof *info), info[0].ssi_signo == SIGUSR1,
           info[1].ssi_signo == SIGRTMIN + 3, info[1].ssi_int);
    int poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, signals, &(struct epoll_event){.events = EPOLLIN, .data.u64 = 0x1234567890});
    struct epoll_event ready = {0};
    raise(SIGUSR1);
    printf("epoll_pwait %d", epoll_pwait(poller, &ready, 1, 1000, &set));
    printf(" %x %llx\n", ready.events, (unsigned long long)ready.data.u64);
    siginfo_t sent;
    printf("sigtimedwait %d", sigtimedwait(&set, &sent, &(struct timespec){1, 0}) == SIGUSR1);
    printf(" %d\n", sent.si_pid == getpid());
    close(watch), close(signals), close(poller);
}

static void datagrams(void) {
    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    struct iovec one = {"first", 5}, two = {"second", 6};
    struct mmsghdr many[] = {{{.msg_iov = &one, .msg_iovlen = 1}}, {{.msg_iov = &two, .msg_iovlen = 1}}};
    printf("sendmmsg %d", sendmmsg(pair[0], many, 2, 0));
    printf(": %u %u\n", many[0].msg_len, many[1].msg_len);
    char a[10] = "", b[10] = "";
    one = (struct iovec){a, 9}, two = (struct iovec){b, 9};
    printf("recvmmsg %d", recvmmsg(pair[1], many, 2, MSG_WAITFORONE, &(struct timespec){1, 0}));
    printf(": %s %s\n", a, b);
    int yes = 1;
    setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
    struct ucred who = {getpid(), getuid(), getgid()};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof who) + CMSG_SPACE(2 * sizeof(int))];
    } control = {0};
    one = (struct iovec){a, 1};
    struct msghdr message = {
        .msg_iov = &one, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_CREDENTIALS, c->cmsg_len = CMSG_LEN(sizeof who);
    memcpy(CMSG_DATA(c), &who, sizeof who);
    c = CMSG_NXTHDR(&message, c);
    c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(2 * sizeof(int));
    memcpy(CMSG_DATA(c), (int[]){0, 1}, 2 * sizeof(int));
    printf("sendmsg %zd\n", sendmsg(pair[0], &message, 0));
    memset(&control, 0, sizeof control);
    message.msg_controllen = sizeof control;
    printf("recvmsg %zd", recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC));
    printf(", truncated %d\n", (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0);
    for (c = CMSG_FIRSTHDR(&message); c != 0; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&who, CMSG_DATA(c), sizeof who);
            printf("from this process %d\n", who.pid == getpid() && who.uid == getuid());
        } else
            printf("%d bytes, flags %d\n", (int)(c->cmsg_len - CMSG_LEN(0)), fcntl(*(int*)CMSG_DATA(c), F_GETFD));
    }
    close(pair[0]), close(pair[1]);
}

static void queues(void) {
    snprintf(text, sizeof text, "/wali-sdk-test-%d", (int)getpid());
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 20};
    mqd_t queue = mq_open(text, O_CREAT | O_RDWR | O_EXCL, 0600, &attributes);
    mq_unlink(text);
    mq_send(queue, "low", 4, 1), mq_send(queue, "high", 5, 9);
    unsigned priority;
    char taken[20];
    printf("mq_receive %zd", mq_receive(queue, taken, sizeof taken, &priority));
    mq_getattr(queue, &attributes);
    printf(" %s %u, %ld left of %ld\n", taken, priority, attributes.mq_curmsgs, attributes.mq_maxmsg);
    mq_close(queue);
}

static void terminals(void) {
    int master, slave;
    struct termios modes;
    struct winsize size = {24, 80, 0, 0};
    if (openpty(&master, &slave, 0, 0, &size) != 0) {
        perror("openpty");
        return;
    }
    tcgetattr(slave, &modes);
    printf("%d %d %o", cfgetospeed(&modes) == B38400, modes.c_cc[VINTR], modes.c_lflag & (ICANON | ECHO | ISIG));
    cfmakeraw(&modes);
    modes.c_oflag |= OPOST | ONLCR;
    cfsetspeed(&modes, B115200);
    printf(", set %d", tcsetattr(slave, TCSANOW, &modes));
    tcgetattr(slave, &modes);
    printf(", %d %o\n", cfgetispeed(&modes) == B115200, modes.c_lflag & (ICANON | ECHO | ISIG));
    write(slave, "a\n", 2);
    const char* said = got(master);
    printf("%d '%d %d %d'\n", isatty(slave), said[0], said[1], said[2]);
    ioctl(master, TIOCGWINSZ, &size);
    printf("%dx%d, named %d\n", size.ws_col, size.ws_row, strncmp(ttyname(slave), "/dev/pts/", 9) == 0);
    close(slave), close(master);
    pid_t child = forkpty(&master, 0, 0, 0);
    if (child == 0) {
        signal(SIGINT, SIG_DFL);
        printf("tty %d session %d\n", isatty(0), getsid(0) == getpid());
        printf("got %s", fgets(text, sizeof text, stdin));
        pause();
        _exit(0);
    }
    FILE* terminal = fdopen(master, "r");
    printf("child: %s", fgets(text, sizeof text, terminal));
    write(master, "word\n", 5);
    for (int i = 0; i < 2; i++) printf("child: %s", fgets(text, sizeof text, terminal));
    write(master, "\3", 1);
    int status;
    waitpid(child, &status, 0);
    printf("ended by %d\n", WTERMSIG(status));
    fclose(terminal);
}

static void rest(void) {
    char* page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 1;
    unsigned char resident[2] = {0};
    printf("mincore %d", mincore(page, 8192, resident));
    printf(" %d, mlock %d", resident[0] & 1, mlock(page, 4096));
    munlock(page, 4096);
    printf(", madvise %d", madvise(page, 4096, MADV_DONTNEED));
    printf(": %d\n", page[0]);
    cpu_set_t processors;
    struct sysinfo info;
    struct rusage used;
    printf("affinity %d %d\n", sched_getaffinity(0, sizeof processors, &processors), CPU_COUNT(&processors) >= 1);
    printf("sysinfo %d", sysinfo(&info));
    printf(" %d", info.mem_unit > 0 && info.procs > 0 && info.totalram > 0);
    printf(", usage %d", getrusage(RUSAGE_SELF, &used));
    printf(" %d\n", used.ru_maxrss > 0);
    printf("entropy %d\n", getentropy(text, 8));
    int file = open("from", O_RDWR);
    struct aiocb block = {.aio_fildes = file, .aio_buf = text, .aio_nbytes = 3, .aio_offset = 4};
    const struct aiocb* all[] = {&block};
    aio_read(&block);
    while (aio_suspend(all, 1, 0) != 0) {
    }
    printf("aio %d", aio_error(&block));
    printf(" %zd %.3s\n", aio_return(&block), text);
    close(file);
    int program = open("/bin/sh", O_RDONLY | O_CLOEXEC);
    pid_t child = fork();
    if (child == 0) {
        fexecve(program, (char*[]){"sh", "-c", "exit $N", 0}, (char*[]){"N=9", 0});
        _exit(1);
    }
    siginfo_t end;
    waitid(P_PID, child, &end, WEXITED);
    printf("fexecve %d %d\n", end.si_code == CLD_EXITED, end.si_status);
}

// What the kernel fills has its layout, whatever the width of a pointer.
static void layouts(void) {
    printf("loop_info %zu, flags at %zu", sizeof(struct loop_info), offsetof(struct loop_info, lo_flags));
    printf("; loop_info64 %zu", sizeof(struct loop_info64));
    printf("; semid_ds %zu, count at %zu", sizeof(struct semid_ds), offsetof(struct semid_ds, sem_nsems));
    printf("; msqid_ds %zu\n", sizeof(struct msqid_ds));
}

static int in_clone(void* argument) {
    *(int*)argument += 1;
    return chdir("/") == 0 ? *(int*)argument : 99;
}
// A process that shares its working directory with this one, not its memory.
static void clones(void) {
    static char stack[65536];
    int number = 6, status = -1;
    pid_t told = 0;
    pid_t child = clone(in_clone, stack + sizeof stack, CLONE_FS | CLONE_PARENT_SETTID | SIGCHLD, &number, &told, NULL, NULL);
    printf("clone %d", child > 0 && told == child);
    printf(", waited %d", waitpid(child, &status, 0) == child);
    char folder[100] = "";
    printf(", status %d, number %d, folder %s\n", WEXITSTATUS(status), number, getcwd(folder, sizeof folder));
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    alarm(100);
    copying();
    events();
    datagrams();
    queues();
    terminals();
    rest();
    layouts();
    clones();
    return 0;
}
