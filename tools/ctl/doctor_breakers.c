/* SPDX-License-Identifier: Apache-2.0 */
/* The daemons connect as their own user, from where they stand: Redis may answer the doctor and hang for them. What
 * they last said of their circuit breakers is in their metrics. */
#include "base/io.h"
#include "base/text.h"
#include "ctl/doctor.h"
#include "store/breaker.h"
#include <string.h>

#define METRICS_MAX (1 << 20)

/* The number behind this name; -1: it is not there. */
static double metric(const char *text, const char *name) {
    g_autofree char *begin = g_strconcat("\n", name, " ", NULL);
    const char *at = strstr(text, begin);
    return at ? g_ascii_strtod(at + strlen(begin), NULL) : -1;
}

static void look_at(Doctor *doctor, const char *program) {
    const char *state = policy_settings(doctor->policy)->paths_state;
    g_autofree char *path = g_strconcat(state, "/", program, ".prom", NULL);
    g_autofree char *text = io_read_file(path, METRICS_MAX, NULL, NULL);
    double resting = text ? metric(text, BREAKER_RESTING) : -1, not_tried = text ? metric(text, BREAKER_NOT_TRIED) : -1;
    Complaint rests = {FINDING_WARN, "redis breaker",
                       "its log says why; once Redis answers it goes on by itself, within five seconds"};
    if (resting < 0 || not_tried < 0) /* it never ran here */
        return;
    if (resting > 0)
        doctor_complain(doctor, &rests,
                        "%s: open on %.0f of its connections when it last said, since all they asked of Redis failed; "
                        "%.0f calls were not tried since its start",
                        program, resting, not_tried);
    else
        doctor_ok(doctor, "redis breaker", "%s: closed; %.0f calls were not tried since its start", program, not_tried);
}

void doctor_look_at_breakers(Doctor *doctor) {
    look_at(doctor, "lexgate-milter");
    look_at(doctor, "lexgate-escalated");
}
