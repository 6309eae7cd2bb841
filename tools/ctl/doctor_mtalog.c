/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's look at the mail server's log: what its reader in the gateway last wrote of itself (mta-log.json in paths.state). */
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "ctl/doctor.h"

enum { FILE_MAX = 4 << 20 };

static const char CHECK[] = "mail server's log";

static json_t *read_state(const Settings *settings) {
    size_t length;
    g_autofree char *path = g_build_filename(settings->paths_state, "mta-log.json", NULL);
    g_autofree char *text = io_read_file(path, FILE_MAX, &length, NULL);
    return text ? json_parse(text, length, NULL) : NULL;
}

void doctor_look_at_mta_log(Doctor *doctor) {
    const Settings *settings = policy_settings(doctor->policy);
    const char *wanted = settings->mta_log;
    Complaint unread = {FINDING_WARN, CHECK, "is lexgate-milter running with this configuration? reload it"};
    Complaint trouble = {FINDING_FAIL, CHECK,
                         "let the user of lexgate-milter read it (group adm, or systemd-journal), and correct mta.log "
                         "where it is another file"};
    if (!wanted) {
        doctor_ok(doctor, CHECK, "none is followed (mta.log): answers are final seven days after they were let pass");
        return;
    }
    g_autoptr(json_t) state = read_state(settings);
    const char *why = json_text(state, "trouble"), *at = json_text(state, "at");
    if (!text_equal(json_text(state, "source"), wanted))
        doctor_complain(doctor, &unread, "%s has not been read yet", wanted);
    else if (why)
        doctor_complain(doctor, &trouble, "%s", why);
    else
        doctor_ok(doctor, CHECK, "%s is followed%s%s", wanted, at ? ", last line of use at " : "", at ? at : "");
}
