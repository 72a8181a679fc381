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
    printf("at %ld: %c\n", ftell(stdin), getchar());
    printf("end %d at %ld\n", fseek(stdin, -3, SEEK_END), ftell(stdin));
    printf("before the start %d %s\n", fseek(stdin, -1, SEEK_SET), strerror(errno));
    printf("current %d at %ld\n", fseek(stdin, 1, SEEK_CUR), ftell(stdin));
  }
  int sum = 0, count = 0;
  for (int c; (c = getchar()) != EOF; ++count) sum += c;
  printf("%d left, sum %d, eof %d, error %d\n", count, sum, feof(stdin) != 0, ferror(stdin) != 0);
  fprintf(stderr, "to stderr\n");
  fflush(stdout);
  printf("read %zd, close %d", read(0, line, 1), close(0));
  printf(", again %zd %s\n", read(0, line, 1), strerror(errno));
  return 0;
}
