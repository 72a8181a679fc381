// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static void* greeting(void* text) {
    return text;
}

int main(int argc, char** argv) {
    static jmp_buf back;
    pthread_t thread;
    void* text = 0;
    if (argc != 1 || argv[0] == 0) return 1;
    if (pthread_create(&thread, 0, greeting, "hello from") != 0) return 2;
    pthread_join(thread, &text);
    if (setjmp(back) == 0) longjmp(back, 1);
    printf("%s WALI\n", (const char*)text);  // written when the program ends
    return 0;
}
