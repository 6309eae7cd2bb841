/* SPDX-License-Identifier: Apache-2.0 */
/* Did a machine write it? */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define REPORT(kind)                                                                                                   \
    "Content-Type: multipart/report; report-type=" kind "; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/" kind   \
    "\n\nA: b\n--b--\n"

static const struct {
    const char *name, *sender, *message; /* after From */
    Automatic kind;
    const char *why;
} automatic_cases[] = {
    {"a letter", "a@b.test", "\nx\n", AUTO_NONE, NULL},
    {"vacation", "a@b.test", "Auto-Submitted: Auto-Replied; owner-email=\"a@b.test\"\n\nx\n", AUTO_REPLY,
     "Auto-Submitted: auto-replied"},
    {"a person who says so", "a@b.test", "Auto-Submitted: no\n\nx\n", AUTO_NONE, NULL},
    {"no, with a comment", "a@b.test", "Auto-Submitted: no (really)\n\nx\n", AUTO_NONE, NULL},
    {"a comment before it", "a@b.test", "Auto-Submitted: (robot (v2)) auto-generated\n\nx\n", AUTO_REPLY,
     "Auto-Submitted: auto-generated"},
    {"no, behind a comment", "a@b.test", "Auto-Submitted: (a person) no\n\nx\n", AUTO_NONE, NULL},
    {"no beside another", "a@b.test", "Auto-Submitted: no\nAuto-Submitted: auto-generated\n\nx\n", AUTO_REPLY, NULL},
    {"null return path", "", "\nx\n", AUTO_BOUNCE, "null return path"},
    {"bounce", "", REPORT("delivery-status"), AUTO_BOUNCE, NULL},
    {"bounce that says auto-replied", "", "Auto-Submitted: auto-replied\n" REPORT("delivery-status"), AUTO_BOUNCE,
     NULL},
    {"bounce with a sender", "a@b.test", REPORT("delivery-status"), AUTO_BOUNCE, NULL},
    {"receipt", "", REPORT("disposition-notification"), AUTO_RECEIPT, NULL},
    {"receipt with a sender", "a@b.test", REPORT("disposition-notification"), AUTO_RECEIPT, NULL},
    {"invitation", "a@b.test", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n", AUTO_CALENDAR, NULL},
    {"Outlook's acceptance", "a@b.test",
     "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/calendar; "
     "method=REPLY\n\nx\n--b--\n",
     AUTO_CALENDAR, NULL},
    {"a letter with an appointment", "a@b.test",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/calendar; "
     "method=PUBLISH\n\nx\n--b--\n",
     AUTO_NONE, NULL},
    {"list", "a@b.test", "List-Id: <x.y.test>\n\nx\n", AUTO_BULK, "list headers: List-Id"},
    {"list and precedence", "a@b.test", "List-Id: <x.y.test>\nPrecedence: bulk\n\nx\n", AUTO_BULK, "Precedence: bulk"},
    {"a group", "a@b.test", "List-Id: <x.y.test>\nPrecedence: list\n\nx\n", AUTO_BULK,
     "list headers: Precedence: list"},
    {"an auto-reply through a group", "a@b.test", "List-Id: <x.y.test>\nX-Autoreply: yes\n\nx\n", AUTO_REPLY,
     "X-Autoreply"},
    {"precedence", "a@b.test", "Precedence: Junk\n\nx\n", AUTO_BULK, NULL},
    {"precedence of a reply", "a@b.test", "Precedence: auto_reply\n\nx\n", AUTO_REPLY, NULL},
    {"first-class", "a@b.test", "Precedence: first-class\n\nx\n", AUTO_NONE, NULL},
    {"X-Autoreply", "a@b.test", "X-Autoreply: yes\n\nx\n", AUTO_REPLY, NULL},
    {"X-Autorespond", "a@b.test", "X-Autorespond: vacation\n\nx\n", AUTO_REPLY, NULL},
    {"what we should suppress", "a@b.test", "X-Auto-Response-Suppress: All\n\nx\n", AUTO_NONE, NULL},
    {"a subject alone", "a@b.test", "Subject: Out of office: lease\n\nx\n", AUTO_NONE, NULL},
    {"what we should suppress, all of it", "a@b.test", "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\n\nx\n",
     AUTO_NONE, NULL},
    {"what we should suppress, from a machine", "a@b.test",
     "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\n\nx\n", AUTO_REPLY,
     "Auto-Submitted: auto-generated"},
    {"every localised subject together", "a@b.test", "Subject: Automatische Antwort: Out of office\n\nx\n", AUTO_NONE,
     NULL},
    {"a way off the list", "a@b.test", "List-Unsubscribe: <mailto:u@y.test>\n\nx\n", AUTO_BULK,
     "list headers: List-Unsubscribe"},
    {"an empty list header", "a@b.test", "List-Id:\n\nx\n", AUTO_NONE, NULL},
    {"a report of another kind", "a@b.test", REPORT("feedback-report"), AUTO_NONE, NULL},
    {"our notice", "a@b.test", "From: Deadlines <deadlines@firm.test>\nAuto-Submitted: auto-generated\n\nx\n", AUTO_OWN,
     NULL},
};

static void machines_are_known_by_evidence_in_order(void **state) {
    message_prepare();
    for (size_t i = 0; i < G_N_ELEMENTS(automatic_cases); i++) {
        bool has_from = g_str_has_prefix(automatic_cases[i].message, "From:");
        g_autofree char *message = g_strconcat(has_from ? "" : "From: a@b.test\n", automatic_cases[i].message, NULL);
        Envelope *envelope = envelope_new();
        g_free(envelope->sender);
        envelope->sender = g_strdup(automatic_cases[i].sender);
        MessageInput input = {.data = message, .length = strlen(message), .own_mark = "deadlines@firm.test"};
        g_autoptr(Facts) facts = message_read(&input, envelope);
        if (facts->automatic != automatic_cases[i].kind ||
            (automatic_cases[i].why != NULL && strcmp(facts->automatic_why, automatic_cases[i].why) != 0))
            fail_msg("%s: %s (%s)", automatic_cases[i].name, automatic_name(facts->automatic), facts->automatic_why);
    }
}

/* The lines of the reference, in its order. `fields` begin the message, `body` ends it; a report and a calendar have
 * the body to themselves. */
static const struct {
    const char *fields, *body, *why;
    bool null_path;
    Automatic kind;
} lines[] = {
    {"Auto-Submitted: auto-replied; owner-email=x\n", NULL, "Auto-Submitted: auto-replied", false, AUTO_REPLY},
    {"", NULL, "null return path", true, AUTO_BOUNCE},
    {"", REPORT("delivery-status"), "a delivery status notification", false, AUTO_BOUNCE},
    {"", "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n", "calendar method REPLY", false,
     AUTO_CALENDAR},
    {"Precedence: bulk\n", NULL, "Precedence: bulk", false, AUTO_BULK},
    {"X-Autoreply: yes\n", NULL, "X-Autoreply", false, AUTO_REPLY},
    /* Fifth in the reference, last here: the only one that people's mail bears too, so that firmer evidence beside it
       says why. */
    {"List-Id: <g.y.test>\n", NULL, "list headers: List-Id", false, AUTO_BULK},
    {"Subject: Automatic reply: lease\nX-Auto-Response-Suppress: All\n", NULL, NULL, false, AUTO_NONE},
};

static void of_two_kinds_of_evidence_the_earlier_line_says_why(void **state) {
    message_prepare();
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        for (size_t j = i; j < G_N_ELEMENTS(lines); j++) {
            if (i != j && lines[i].body && lines[j].body)
                continue;
            const char *body = lines[i].body ? lines[i].body : lines[j].body ? lines[j].body : "\nx\n";
            g_autofree char *message =
                g_strconcat("From: a@b.test\n", lines[j].fields, i == j ? "" : lines[i].fields, body, NULL);
            Envelope *envelope = envelope_new();
            g_free(envelope->sender);
            envelope->sender = g_strdup(lines[i].null_path || lines[j].null_path ? "" : "a@b.test");
            MessageInput input = {.data = message, .length = strlen(message), .own_mark = "deadlines@firm.test"};
            g_autoptr(Facts) facts = message_read(&input, envelope);
            /* That it is a report says more than who says so. */
            Automatic kind =
                i < 2 && g_str_has_prefix(body, "Content-Type: multipart/report") ? AUTO_BOUNCE : lines[i].kind;
            if (facts->automatic != kind || (lines[i].why && strcmp(facts->automatic_why, lines[i].why) != 0))
                fail_msg("lines %zu and %zu: %s (%s)", i, j, automatic_name(facts->automatic), facts->automatic_why);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_are_known_by_evidence_in_order),
        cmocka_unit_test(of_two_kinds_of_evidence_the_earlier_line_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
