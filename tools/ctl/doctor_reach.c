/* SPDX-License-Identifier: Apache-2.0 */
/* May Postfix's own user connect to the milter's socket? What root can open says nothing of that, so a child becomes
 * this user and tries: groups, folders on the way and access lists all count. */
#include "ctl/doctor.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 2000
enum { REACHED = 0, DENIED = 1, OTHERWISE = 2 };

static int try_as(const struct passwd *user, const Endpoint *endpoint) {
    if (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
        return OTHERWISE;
    g_autoptr(GError) error = NULL;
    if (endpoint_connect(endpoint, CONNECT_TIMEOUT_MS, &error) >= 0)
        return REACHED;
    /* Only this one is about the user; what else is wrong with the socket stands under "milter". */
    return access(endpoint->path, W_OK) != 0 && errno == EACCES ? DENIED : OTHERWISE;
}

static int try_in_child(const struct passwd *user, const Endpoint *endpoint) {
    pid_t child = fork();
    int status = 0;
    if (child == 0)
        _exit(try_as(user, endpoint));
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : OTHERWISE;
}

void doctor_look_at_reach(Doctor *doctor, const Endpoint *endpoint, const char *mail_owner) {
    const struct passwd *user = getpwnam(mail_owner);
    if (!endpoint->path || !user || geteuid() != 0)
        return;
    int found = try_in_child(user, endpoint);
    if (found == REACHED)
        doctor_ok(doctor, "postfix access", "the user %s may connect to the milter", mail_owner);
    if (found != DENIED)
        return;
    struct stat status;
    const struct group *group = stat(endpoint->path, &status) == 0 ? getgrgid(status.st_gid) : NULL;
    g_autofree char *remedy =
        g_strdup_printf("usermod -a -G %s %s, then postfix reload; the folders above it must let that group in as well",
                        group ? group->gr_name : "GROUP", mail_owner);
    Complaint complaint = {FINDING_FAIL, "postfix access", remedy};
    doctor_complain(doctor, &complaint, "the user %s may not connect to %s: all mail is deferred", mail_owner,
                    endpoint->path);
}
