/* SPDX-License-Identifier: Apache-2.0 */
/* A judge reads what strangers wrote, so it keeps only what reading needs: memory, the request socket, its timer.
 *
 * Looking for a file or a network is refused with EPERM, since libraries do so in good faith (a character set, a time
 * zone, syslog); whatever else is not in the list kills the process, and the keeper starts another. */
#include "judge/confine.h"
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(recvmsg),      SCMP_SYS(sendmsg),      SCMP_SYS(recvfrom),
    SCMP_SYS(close),        SCMP_SYS(shutdown),     SCMP_SYS(fstat),        SCMP_SYS(lseek),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),       SCMP_SYS(madvise),      SCMP_SYS(brk),
    SCMP_SYS(futex),        SCMP_SYS(setitimer),    SCMP_SYS(getrandom),    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(tgkill),       SCMP_SYS(getpid),       SCMP_SYS(gettid),       SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),   SCMP_SYS(sched_yield),  SCMP_SYS(restart_syscall),
    SCMP_SYS(sysinfo),
};

static const int refused[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(socket),
    SCMP_SYS(connect),
    SCMP_SYS(sendto),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(uname),
    SCMP_SYS(getrusage),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getdents64),
};

static int add_rules(scmp_filter_ctx filter) {
    int bad = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    /* Memory may be had, but none that can be executed: PCRE2 compiled its patterns when the policy was loaded. */
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    /* Its own limits it may lower for a while (message/memguard), and never raise beyond what they are now. */
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0));
    return bad;
}

static bool filter_calls(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) {
        errno = ENOMEM;
        return false;
    }
    int error = add_rules(filter);
    if (!error)
        error = seccomp_load(filter);
    seccomp_release(filter);
    if (error)
        errno = error < 0 ? -error : EINVAL;
    return !error;
}

static bool limit(int what, uint64_t most) {
    struct rlimit value = {.rlim_cur = most, .rlim_max = most};
    return setrlimit(what, &value) == 0;
}

bool confine_judge(uint64_t memory) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || !limit(RLIMIT_CORE, 0) ||
        !limit(RLIMIT_NPROC, 0) || !limit(RLIMIT_NOFILE, 64))
        return false;
#ifdef LEXGATE_SANITIZED
    /* A sanitizer maps terabytes of shadow, makes calls of its own and writes its report where the log goes: memory,
     * calls and files are limited in real builds alone. */
    (void)memory;
    (void)filter_calls;
    return true;
#else
    /* Not RLIMIT_AS: the registry's map and the message are large, shared and read-only, and cost nothing. */
    return limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_DATA, memory) && filter_calls();
#endif
}

void confine_allow_cpu(int64_t ms) {
    struct itimerval timer = {.it_value = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000}};
    (void)setitimer(ITIMER_PROF, &timer, NULL);
}
