/* SPDX-License-Identifier: Apache-2.0 */
/* A list of what is denied, since what poppler and its libraries call in good faith changes with each release. They may
 * read files as any user may; they cannot tell anybody, since there is no network and one pipe, which the judge reads.
 */
#include "helper/confine_program.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { CPU_SECONDS = 2, OPEN_FILES = 32 };
#define MEMORY (UINT64_C(512) << 20)

static const int denied[] = {
    SCMP_SYS(socket),           SCMP_SYS(socketpair),
    SCMP_SYS(connect),          SCMP_SYS(bind),
    SCMP_SYS(listen),           SCMP_SYS(accept),
    SCMP_SYS(accept4),          SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),      SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),  SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),   SCMP_SYS(mount),
    SCMP_SYS(umount2),          SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),           SCMP_SYS(setns),
    SCMP_SYS(keyctl),           SCMP_SYS(add_key),
    SCMP_SYS(request_key),      SCMP_SYS(open_by_handle_at),
    SCMP_SYS(init_module),      SCMP_SYS(finit_module),
    SCMP_SYS(kexec_load),       SCMP_SYS(reboot),
    SCMP_SYS(swapon),           SCMP_SYS(swapoff),
    SCMP_SYS(clone3),
};

/* In a program moreover. */
static const int denied_program[] = {
    SCMP_SYS(fork),      SCMP_SYS(vfork),    SCMP_SYS(clone),     SCMP_SYS(kill),     SCMP_SYS(tkill),
    SCMP_SYS(tgkill),    SCMP_SYS(unlink),   SCMP_SYS(unlinkat),  SCMP_SYS(rename),   SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(mkdir),    SCMP_SYS(mkdirat),   SCMP_SYS(rmdir),    SCMP_SYS(link),
    SCMP_SYS(linkat),    SCMP_SYS(symlink),  SCMP_SYS(symlinkat), SCMP_SYS(mknod),    SCMP_SYS(mknodat),
    SCMP_SYS(chmod),     SCMP_SYS(fchmod),   SCMP_SYS(fchmodat),  SCMP_SYS(chown),    SCMP_SYS(fchown),
    SCMP_SYS(fchownat),  SCMP_SYS(truncate), SCMP_SYS(creat),     SCMP_SYS(setxattr), SCMP_SYS(utimensat),
    SCMP_SYS(unshare),   SCMP_SYS(msgget),   SCMP_SYS(shmget),    SCMP_SYS(semget),   SCMP_SYS(mq_open),
};

static int deny(scmp_filter_ctx filter, const int *calls, size_t count) {
    int bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(calls[i] == SCMP_SYS(clone3) ? ENOSYS : EPERM), calls[i], 0);
    return bad;
}

/* Opening for writing, or making a file. */
static int deny_writing(scmp_filter_ctx filter) {
    int bad = 0;
    static const int flags[] = {O_WRONLY, O_RDWR, O_CREAT};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        scmp_datum_t flag = (scmp_datum_t)flags[i];
        bad |=
            seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, flag, flag));
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, flag, flag));
    }
    return bad | seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
}

static bool load(scmp_filter_ctx filter, int bad) {
    bool loaded = bad == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}

bool confine_helper(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return false;
    /* Needs rights that containers and old kernels may not give; the calls themselves are denied in any case. */
    (void)unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    return filter != NULL && load(filter, deny(filter, denied, sizeof denied / sizeof *denied));
}

static bool limit(int what, uint64_t most) {
    struct rlimit value = {.rlim_cur = most, .rlim_max = most};
    return setrlimit(what, &value) == 0;
}

bool confine_program(void) {
    if (!limit(RLIMIT_CPU, CPU_SECONDS) || !limit(RLIMIT_FSIZE, 0) || !limit(RLIMIT_CORE, 0) ||
        !limit(RLIMIT_NOFILE, OPEN_FILES))
        return false;
#ifndef LEXGATE_SANITIZED
    if (!limit(RLIMIT_AS, MEMORY))
        return false;
#endif
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    return filter != NULL && load(filter, deny(filter, denied_program, sizeof denied_program / sizeof *denied_program) |
                                              deny_writing(filter));
}
