// SPDX-License-Identifier: Apache-2.0
// Standard streams: lines, characters, numbers, positions, end of file, errors.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  char line[100];
  int number = 0;
  if (fgets(line, sizeof line, stdin)) printf("line <%s>\n", line);
  printf("scanned %d: %d\n", scanf("%d", &number), number);
  // A pipe has no position; what errno says of it is the host's and libc's matter in equal parts.
  if (fseek(stdin, 2, SEEK_SET) == 0) {
    printf("at %ld\n", ftell(stdin));
    printf("character %d\n", getchar());
    printf("end %d\n", fseek(stdin, -3, SEEK_END));
    printf("at %ld\n", ftell(stdin));
    int result = fseek(stdin, -1, SEEK_SET);
    printf("before the start %d %s\n", result, result < 0 ? strerror(errno) : "");
    printf("current %d\n", fseek(stdin, 1, SEEK_CUR));
    printf("at %ld\n", ftell(stdin));
  }
  int sum = 0, count = 0;
  for (int c; (c = getchar()) != EOF; ++count) sum += c;
  printf("%d left, sum %d, eof %d, error %d\n", count, sum, feof(stdin) != 0, ferror(stdin) != 0);
  fprintf(stderr, "to stderr\n");
  fflush(stdout);
  printf("read %zd\n", read(0, line, 1));
  printf("close %d\n", close(0));
  ssize_t again = read(0, line, 1);
  printf("again %zd %s\n", again, strerror(errno));
  return 0;
}
