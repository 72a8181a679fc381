// SPDX-License-Identifier: Apache-2.0
// Children: fork, exec, wait, posix_spawn, popen, system, environment, exit statuses and signals.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static void wait_and_tell(const char* what, pid_t pid) {
    int status = 0;
    pid_t r = waitpid(pid, &status, 0);
    printf("%s: waited %d exited %d status %d signaled %d signal %d\n", what, r == pid, WIFEXITED(status) != 0,
           WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) != 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : -1);
    fflush(stdout);
}

static void forks(void) {
    int fds[2];
    char text[64] = {0};
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        write(fds[1], "from the child", 14);
        _exit(3);
    }
    close(fds[1]);
    printf("read %zd: %s\n", read(fds[0], text, sizeof text), text);
    close(fds[0]);
    wait_and_tell("fork", pid);

    pid = fork();
    if (pid == 0) {
        raise(SIGTERM);
        _exit(1);
    }
    wait_and_tell("raise", pid);
    pid = vfork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", "exit 9", (char*)0);
        _exit(127);
    }
    wait_and_tell("vfork and exec", pid);
    pid = fork();
    if (pid == 0) abort();
    wait_and_tell("abort", pid);
}

static void spawns(void) {
    char* args[] = {"sh", "-c", "echo spawned $GREETING; exit 5", 0};
    char* variables[] = {"GREETING=hello there", "PATH=/usr/bin:/bin", 0};
    pid_t pid;
    posix_spawn_file_actions_t actions;
    fflush(stdout);
    int r = posix_spawn(&pid, "/bin/sh", 0, 0, args, variables);
    wait_and_tell("spawn", pid);
    printf("posix_spawn %d\n", r);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
    printf("posix_spawnp %d\n", posix_spawnp(&pid, "sh", &actions, 0, args, environ));
    wait_and_tell("spawnp to /dev/null", pid);
    posix_spawn_file_actions_destroy(&actions);
    printf("missing: %d\n", (posix_spawn(&pid, "/nonexistent/program", 0, 0, args, environ)));
}

static void shells(void) {
    char line[128];
    setenv("EXPORTED", "two words", 1);
    fflush(stdout);
    int r = system("echo system sees $EXPORTED; exit 4");
    printf("system %d\n", WEXITSTATUS(r));
    FILE* p = popen("echo one; echo two; exit 2", "r");
    while (fgets(line, sizeof line, p) != 0) printf("popen: %s", line);
    printf("pclose %d\n", WEXITSTATUS(pclose(p)));
    fflush(stdout);
    p = popen("tr a-z A-Z", "w");
    fputs("written to a pipe\n", p);
    printf("pclose %d\n", pclose(p));
}

static void failures(void) {
    char* args[] = {"x", 0};
    printf("execv: %d", execv("/nonexistent", args));
    printf(" %d\n", errno);
    printf("execv of a folder: %d", execv("/", args));
    printf(" %d\n", errno);
    printf("wait without children: %d", wait(0));
    printf(" %d\n", errno);
}

int main(void) {
    forks();
    spawns();
    shells();
    failures();
    return 0;
}
