// SPDX-License-Identifier: Apache-2.0
// Clocks and sleeping: only what is true whatever the machine's speed.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock) {
  struct timespec t;
  return clock_gettime(clock, &t) == 0 ? t.tv_sec * 1000000000LL + t.tv_nsec : -1;
}

int main(void) {
  struct timespec resolution, pause = {0, 20000000}, past = {0, 0};
  printf("resolution %d %d\n", clock_getres(CLOCK_MONOTONIC, &resolution), resolution.tv_nsec > 0);
  printf("this century %d\n", now(CLOCK_REALTIME) > 946684800LL * 1000000000);
  long long before = now(CLOCK_MONOTONIC);
  printf("slept %d\n", nanosleep(&pause, NULL));
  printf("long enough %d\n", now(CLOCK_MONOTONIC) - before >= 20000000);
  printf("until the past %d\n", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL));
  // Standard input is at its end: ready at once, for reading nothing.
  struct pollfd p = {.fd = 0, .events = POLLIN};
  printf("poll %d %d\n", poll(&p, 1, 1000000), (p.revents & (POLLIN | POLLHUP)) != 0);
  struct pollfd q = {.fd = 1, .events = POLLOUT};
  printf("poll %d %d\n", poll(&q, 1, 1000000), (q.revents & POLLOUT) != 0);
  printf("nothing to wait for %d\n", poll(NULL, 0, 5));
  return 0;
}
