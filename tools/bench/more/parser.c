// SPDX-License-Identifier: Apache-2.0
// Reads a JSON text: bytes, switches, recursion.
#include "../kernels/kernel.h"

enum { SIZE = 200000 };
static char text[SIZE];
static const char* at;
static uint32_t sum;

static void skip_space(void) {
    while (*at == ' ' || *at == '\n') at++;
}
static void read_string(void) {
    for (at++; *at != '"'; at++) {
        if (*at == '\\') at++;
        sum = sum * 31 + (uint8_t)*at;
    }
    at++;
}
static void read_number(void) {
    double value = 0, digit = 0.1;
    for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9'; at++, digit /= 10) value += digit * (*at - '0');
    }
    sum += (uint32_t)value;
}
static void read_value(void) {
    skip_space();
    switch (*at) {
        case '{':
            for (at++; *at != '}'; skip_space()) {
                skip_space();
                read_string();
                skip_space();
                at++;
                read_value();
                skip_space();
                if (*at == ',') at++;
            }
            at++;
            break;
        case '[':
            for (at++; *at != ']'; skip_space()) {
                read_value();
                skip_space();
                if (*at == ',') at++;
            }
            at++;
            break;
        case '"': read_string(); break;
        case 't':
        case 'n': at += 4; break;
        case 'f': at += 5; break;
        default: read_number(); break;
    }
}

int main(int argc, char** argv) {
    long rounds = kernel_arg(argc, argv, 300);
    uint32_t s = 4;
    char* end = text;
    *end++ = '[';
    while (end < text + SIZE - 200) {
        if (end[-1] == '}') *end++ = ',';
        uint32_t id = rng_next(&s) % 10000, tag = rng_next(&s), cents = rng_next(&s) % 50000;
        end += sprintf(end, "{\"id\": %u, \"name\": \"item %u\", ", id, id % 100);
        end += sprintf(end, "\"tags\": [\"a\", \"b\\n\", \"%u\"], ", tag);
        end += sprintf(end, "\"price\": %u.%02u, \"new\": true, \"note\": null}", cents / 100, cents % 100);
    }
    strcpy(end, "]");
    for (long n = 0; n < rounds; n++) {
        at = text;
        read_value();
    }
    printf("parser %ld %08x\n", rounds, sum);
}
