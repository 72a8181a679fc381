// SPDX-License-Identifier: Apache-2.0
// Sockets: TCP and UDP on the loopback, Unix sockets, passed descriptors and credentials, epoll, poll, select, options,
// name lookup.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int listener(struct sockaddr_in* address) {
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr*)address, size) != 0 || listen(fd, 5) != 0) perror("listen");
    getsockname(fd, (struct sockaddr*)address, &size);
    return fd;
}

static void* echoes(void* arg) {
    char text[64];
    int fd = accept(*(int*)arg, 0, 0);
    for (ssize_t n; (n = recv(fd, text, sizeof text, 0)) > 0;) {
        for (int i = 0; i < n; i++) text[i] ^= 32;
        send(fd, text, n, MSG_NOSIGNAL);
    }
    close(fd);
    return 0;
}

static void tcp(void) {
    struct sockaddr_in address, peer;
    struct timeval limit = {0, 10000};
    socklen_t size = sizeof peer;
    pthread_t thread;
    char text[64] = {0};
    int flag = 0, server = listener(&address), fd = socket(AF_INET, SOCK_STREAM, 0);
    pthread_create(&thread, 0, echoes, &server);
    printf("connect %d\n", connect(fd, (struct sockaddr*)&address, sizeof address));
    getpeername(fd, (struct sockaddr*)&peer, &size);
    printf("peer %s, same port %d\n", inet_ntoa(peer.sin_addr), peer.sin_port == address.sin_port);
    write(fd, "Hello", 5);
    printf("read %zd", read(fd, text, sizeof text));
    printf(" %s\n", text);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof flag);
    size = sizeof flag;
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &flag, &size);
    printf("no delay %d\n", flag != 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    printf("timeout %zd", recv(fd, text, 1, 0));
    printf(" %d\n", errno == EAGAIN);
    shutdown(fd, SHUT_WR);
    pthread_join(thread, 0);
    printf("end %zd\n", read(fd, text, 1));
    close(fd), close(server);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    printf("refused %d", connect(fd, (struct sockaddr*)&address, sizeof address));
    printf(" %d\n", errno == ECONNREFUSED);
    close(fd);
}

static void udp(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
    socklen_t size = sizeof address;
    char text[16];
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    bind(b, (struct sockaddr*)&address, size);
    getsockname(b, (struct sockaddr*)&address, &size);
    sendto(a, "datagram", 8, 0, (struct sockaddr*)&address, sizeof address);
    poll(&(struct pollfd){b, POLLIN, 0}, 1, 5000);
    printf("recvfrom %zd, family %d\n", recvfrom(b, text, sizeof text, 0, (struct sockaddr*)&from, &size),
           from.sin_family);
    printf("nothing %zd %d\n", recv(b, text, 1, 0), errno);
    close(a), close(b);
}

static void pass_descriptor(void) {
    int pair[2], fds[2], *received;
    char text[32] = {0}, space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    struct iovec parts[2] = {{"two ", 4}, {"parts", 5}};
    struct msghdr message = {
        .msg_iov = parts, .msg_iovlen = 2, .msg_control = space, .msg_controllen = CMSG_SPACE(sizeof(int))};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
    pipe(fds);
    memset(space, 0, sizeof space);
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fds[1], sizeof(int));
    printf("sendmsg %zd\n", sendmsg(pair[0], &message, 0));
    parts[0] = (struct iovec){text, 6}, parts[1] = (struct iovec){text + 6, 20};
    message.msg_controllen = sizeof space;
    printf("recvmsg %zd %s\n", recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC), text);
    for (header = CMSG_FIRSTHDR(&message); header != 0; header = CMSG_NXTHDR(&message, header)) {
        printf("control %d %d\n", header->cmsg_level == SOL_SOCKET, header->cmsg_type);
        if (header->cmsg_type == SCM_CREDENTIALS) {
            printf("sender is me %d\n", ((struct ucred*)CMSG_DATA(header))->pid == getpid());
        } else {
            received = (int*)CMSG_DATA(header);
            write(*received, "through", 7);
            printf("flags %d\n", fcntl(*received, F_GETFD));
        }
    }
    memset(text, 0, sizeof text);
    printf("read %zd %s\n", read(fds[0], text, sizeof text), text);
}

static void unix_names(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int server = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    char text[16] = {0};
    printf("bind %d %d\n", bind(server, (struct sockaddr*)&address, sizeof address), listen(server, 1));
    if (fork() == 0) {
        connect(fd, (struct sockaddr*)&address, sizeof address);
        send(fd, "packet", 6, 0);
        _exit(0);
    }
    int accepted = accept4(server, 0, 0, SOCK_CLOEXEC);
    printf("packet %zd %s\n", read(accepted, text, sizeof text), text);
    wait(0);
    unlink("socket");
}

static void waiting(void) {
    struct epoll_event events[4], event = {.events = EPOLLIN, .data.u64 = 0x123456789abcdefULL};
    int fds[2], counter = eventfd(3, EFD_NONBLOCK), watcher = epoll_create1(EPOLL_CLOEXEC);
    uint64_t value;
    fd_set set;
    struct timeval none = {0, 0};
    pipe2(fds, O_NONBLOCK);
    epoll_ctl(watcher, EPOLL_CTL_ADD, fds[0], &event);
    event.data.u64 = 5;
    epoll_ctl(watcher, EPOLL_CTL_ADD, counter, &event);
    int n = epoll_wait(watcher, events, 4, 1000);
    printf("epoll %d, data %llu\n", n, (unsigned long long)events[0].data.u64);
    write(fds[1], "x", 1);
    n = epoll_wait(watcher, events, 4, 1000);
    printf("epoll %d, sum %llx\n", n, (unsigned long long)(events[0].data.u64 + events[1].data.u64));
    printf("eventfd %zd %d\n", read(counter, &value, 8), (int)value);
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    FD_SET(counter, &set);
    printf("select %d, pipe %d\n", select(64, &set, 0, 0, &none), FD_ISSET(fds[0], &set) != 0);
    struct pollfd polled[2] = {{fds[0], POLLIN, 0}, {fds[1], POLLOUT, 0}};
    printf("poll %d %d %d\n", poll(polled, 2, 0), polled[0].revents, polled[1].revents);
}

static void names(void) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found;
    struct in6_addr six;
    char text[64];
    printf("getaddrinfo %d\n", getaddrinfo("127.0.0.1", "80", &hints, &found));
    printf("port %d\n", ntohs(((struct sockaddr_in*)found->ai_addr)->sin_port));
    freeaddrinfo(found);
    printf("bad name %d\n", getaddrinfo("not a number", 0, &hints, &found) == EAI_NONAME);
    printf("%d %s\n", inet_pton(AF_INET6, "fe80::1:2", &six), inet_ntop(AF_INET6, &six, text, sizeof text));
    printf("%x %x\n", htonl(0x01020304), ntohs(0x0102));
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    tcp();
    udp();
    pass_descriptor();
    unix_names();
    waiting();
    names();
    return 0;
}
