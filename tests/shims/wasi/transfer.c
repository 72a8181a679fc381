// SPDX-License-Identifier: Apache-2.0
// Copies standard input to standard output in odd pieces, with scattered buffers: more than a pipe holds.
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kBuffers = 100, kPiece = 37 };
static char pieces[kBuffers][kPiece];

int main(void) {
  for (;;) {
    struct iovec in[kBuffers];
    for (int i = 0; i < kBuffers; ++i) in[i] = (struct iovec){pieces[i], i % (kPiece + 1)};
    ssize_t n = readv(0, in, kBuffers);
    if (n <= 0) return n == 0 ? 0 : 1;
    struct iovec out[kBuffers];
    int count = 0;
    for (int i = 0; n > 0; ++i) {
      size_t length = in[i].iov_len < (size_t)n ? in[i].iov_len : (size_t)n;
      out[count++] = (struct iovec){pieces[i], length};
      n -= (ssize_t)length;
    }
    for (int first = 0; first < count;) {
      ssize_t done = writev(1, out + first, count - first);
      if (done < 0) return 2;
      for (; first < count && (size_t)done >= out[first].iov_len; ++first) done -= (ssize_t)out[first].iov_len;
      if (done > 0) {
        out[first].iov_base = (char *)out[first].iov_base + done;
        out[first].iov_len -= (size_t)done;
      }
    }
  }
}
