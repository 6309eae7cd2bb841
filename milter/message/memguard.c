/* SPDX-License-Identifier: Apache-2.0 */
/* RLIMIT_DATA, lowered for the time of a call. How much is in use, the kernel says in a file that was opened before the
 * process lost the right to open any. */
#include "message/memguard.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef LEXGATE_SANITIZED
/* A sanitizer maps what it needs for each allocation. */
void memguard_prepare(void) {
}

uint64_t memguard_limit(uint64_t more) {
    return more;
}

void memguard_enter(uint64_t limit) {
    (void)limit;
}

void memguard_leave(void) {
}
#else

static int usage = -1; /* /proc/self/statm */
static struct rlimit whole;

void memguard_prepare(void) {
    if (usage < 0)
        usage = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

/* Pages of: all, resident, shared, text, 0, data. */
static uint64_t in_use(void) {
    char line[256];
    unsigned long data;
    ssize_t length = usage < 0 || lseek(usage, 0, SEEK_SET) < 0 ? -1 : read(usage, line, sizeof line - 1);
    if (length <= 0)
        return 0;
    line[length] = '\0';
    return sscanf(line, "%*u %*u %*u %*u %*u %lu", &data) == 1 ? (uint64_t)data * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

uint64_t memguard_limit(uint64_t more) {
    uint64_t now = in_use();
    return now == 0 ? UINT64_MAX : now + more;
}

void memguard_enter(uint64_t limit) {
    if (getrlimit(RLIMIT_DATA, &whole) != 0)
        return;
    struct rlimit lower = whole;
    if (limit < lower.rlim_cur)
        lower.rlim_cur = limit;
    (void)setrlimit(RLIMIT_DATA, &lower);
}

void memguard_leave(void) {
    (void)setrlimit(RLIMIT_DATA, &whole);
}
#endif
