/* SPDX-License-Identifier: Apache-2.0
 * Severities of a program's own, for fmtmsg. */
#define _GNU_SOURCE
#include <fmtmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include "lock.h"

struct severity {
    struct severity* next;
    int number;
    char* text;
};

static struct severity* first;
static volatile int lock[1];

hidden char* __wali_severity(int number) {
    char* text = 0;
    LOCK(lock);
    for (struct severity* s = first; s && !text; s = s->next) {
        if (s->number == number) text = s->text;
    }
    UNLOCK(lock);
    return text ? text : "";
}

/* What is said before is not freed: fmtmsg may be printing it. */
int addseverity(int number, const char* string) {
    struct severity *s, **place = &first;
    char* text = 0;
    int result = MM_NOTOK;
    if (number <= MM_INFO || (string && asprintf(&text, "%s: ", string) < 0)) return MM_NOTOK;
    LOCK(lock);
    while (*place && (*place)->number != number) place = &(*place)->next;
    if (*place && string) {
        (*place)->text = text;
        result = MM_OK;
    } else if (*place) {
        *place = (*place)->next;
        result = MM_OK;
    } else if (string && (s = malloc(sizeof *s))) {
        *s = (struct severity){0, number, text};
        *place = s;
        result = MM_OK;
    }
    UNLOCK(lock);
    return result;
}
