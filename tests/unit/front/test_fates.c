/* SPDX-License-Identifier: Apache-2.0 */
/* What is reported of messages, for scripts of log lines. "@" begins what is not a line: @add (the message becomes
 * known), @held, @copies,
 * @wait SECONDS, @tell (a round of reports). */
#include "base/text.h"
#include "front/fates.h"
#include "../base/folder.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TO_NORA "nora@harbour.test"
#define TO_BOB "bob@harbour.test"
#define TO_PETER "peter@quill.test"
#define ACTIVE(id) "qmgr[1]: " id ": from=<a@firm.test>, size=1, nrcpt=1 (queue active)"
#define SENT_BY(agent, id, to, relay, said)                                                                            \
    agent ": " id ": to=<" to ">, relay=" relay ", delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (" said ")"
#define SENT(id, to) SENT_BY("smtp[7]", id, to, "mx[192.0.2.1]:25", "250 ok")
#define OTHER(id, to, dsn, status)                                                                                     \
    "smtp[7]: " id ": to=<" to ">, relay=mx[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=" dsn ", status=" status       \
    " (550 no)"
#define BOUNCED(id, to) OTHER(id, to, "5.1.1", "bounced")
#define DEFERRED(id, to) OTHER(id, to, "4.1.1", "deferred")

typedef struct {
    const char *name;
    const char *script[16];
    const char *reports; /* separated by "; ": what RECIPIENTS>CLIENTS */
} Case;

static const Case cases[] = {
    {"sent to all",
     {"@add", ACTIVE("4AB123"), SENT("4AB123", TO_NORA), SENT("4AB123", TO_BOB), SENT("4AB123", TO_PETER),
      "qmgr[1]: 4AB123: removed", "@tell"},
     "sent nora+bob+peter>harbour+quill"},
    {"the log is quicker than the journal",
     {ACTIVE("4AB123"), SENT("4AB123", TO_NORA), "@add", "@tell"},
     "sent nora>harbour"},
    {"of two clients one is not reached",
     {"@add", SENT("4AB123", TO_NORA), SENT("4AB123", TO_BOB), BOUNCED("4AB123", TO_PETER), "@tell"},
     "sent nora+bob>harbour; bounced peter>quill"},
    {"of two people of a client one is reached",
     {"@add", BOUNCED("4AB123", TO_NORA), "@tell", SENT("4AB123", TO_BOB), "@tell"},
     "bounced nora>; sent bob>harbour"},
    {"nobody of a client is reached",
     {"@add", BOUNCED("4AB123", TO_NORA), "@tell", BOUNCED("4AB123", TO_BOB), "@tell"},
     "bounced nora>; bounced bob>harbour"},
    {"each once",
     {"@add", SENT("4AB123", TO_NORA), "@tell", SENT("4AB123", TO_NORA), BOUNCED("4AB123", TO_NORA), "@tell"},
     "sent nora>harbour"},
    {"deferred, told once",
     {"@add", ACTIVE("4AB123"), DEFERRED("4AB123", TO_NORA), "@tell", "@wait 3600", "@tell",
      DEFERRED("4AB123", TO_NORA), "@wait 3600", "@tell"},
     "queued; deferred nora+bob+peter>"},
    {"deferred and then sent",
     {"@add", DEFERRED("4AB123", TO_PETER), "@wait 60", SENT("4AB123", TO_PETER), SENT("4AB123", TO_NORA),
      SENT("4AB123", TO_BOB), "@wait 9000", "@tell"},
     "sent nora+bob+peter>harbour+quill"},
    {"expired",
     {"@add", SENT("4AB123", TO_NORA), DEFERRED("4AB123", TO_PETER),
      "qmgr[1]: 4AB123: from=<a@firm.test>, status=expired, returned to sender", "@tell"},
     "sent nora>harbour; expired bob+peter>quill"},
    {"thrown away",
     {"@add", ACTIVE("4AB123"), DEFERRED("4AB123", TO_NORA), "postsuper[1]: 4AB123: removed", "@tell"},
     "removed nora+bob+peter>harbour+quill"},
    {"never queued",
     {"@add", "smtpd[1]: 4AB123: client=a[1.2.3.4]",
      "cleanup[1]: 4AB123: milter-reject: END-OF-MESSAGE from a: 4.7.1 later", "@tell", "@wait 599", "@tell", "@wait 1",
      "@tell"},
     "unqueued nora+bob+peter>harbour+quill"},
    {"the log says nothing at all", {"@add", "@wait 9000", "@tell"}, ""},
    {"on hold, let go with bare postsuper -H",
     {"@held", "cleanup[1]: 4AB123: milter-hold: END-OF-MESSAGE from a: x", "@wait 9000", "@tell",
      "postsuper[1]: 4AB123: released from hold", "@tell", "@wait 3", ACTIVE("4AB123"), SENT("4AB123", TO_NORA),
      "@tell"},
     "released; sent nora>harbour"},
    {"on hold, thrown away",
     {"@held", "postsuper[1]: 4AB123: removed", "@wait 3", "@tell"},
     "removed nora+bob+peter>harbour+quill"},
    {"on hold, refused by the next filter",
     {"@held", "cleanup[1]: 4AB123: milter-hold: END-OF-MESSAGE from a: x",
      "cleanup[1]: 4AB123: milter-reject: END-OF-MESSAGE from a: x", "@wait 600", "@tell"},
     "removed nora+bob+peter>harbour+quill"},
    {"put on hold by an administrator",
     {"@add", ACTIVE("4AB123"), "postsuper[1]: 4AB123: placed on hold", "@wait 3600", "@tell",
      "postsuper[1]: 4AB123: released from hold", SENT("4AB123", TO_NORA), "@tell"},
     "queued; deferred nora+bob+peter>; sent nora>harbour"},
    {"queued anew with postsuper -r",
     {"@add", ACTIVE("4AB123"), "pickup[1]: 4NEW99: uid=1 from=<a@firm.test> orig_id=4AB123", ACTIVE("4NEW99"),
      SENT("4NEW99", TO_NORA), "@tell"},
     "sent nora>harbour"},
    {"queued anew with postsuper -r, all before the journal tells of it",
     {ACTIVE("4AB123"), "pickup[1]: 4NEW99: uid=1 from=<a@firm.test> orig_id=4AB123", ACTIVE("4NEW99"),
      SENT("4NEW99", TO_NORA), "@add", "@tell"},
     "sent nora>harbour"},
    {"an alias that forwards",
     {"@add", "cleanup[1]: 4FWD99: message-id=<x@y>",
      SENT_BY("local[1]", "4AB123", TO_PETER, "local", "forwarded as 4FWD99"), "qmgr[1]: 4AB123: removed", "@tell",
      BOUNCED("4FWD99", "peter@elsewhere.test"), "@tell"},
     "queued; bounced peter>quill"},
    {"forwarded, and its delivery is logged first",
     {"@add", "cleanup[1]: 4FWD99: message-id=<x@y>", SENT("4FWD99", "peter@elsewhere.test"),
      SENT_BY("local[1]", "4AB123", TO_PETER, "local", "forwarded as 4FWD99"), "@tell"},
     "sent peter>quill"},
    {"a content filter",
     {"@add", "smtpd[1]: 4FLT99: client=localhost[127.0.0.1]",
      SENT_BY("smtp[1]", "4AB123", TO_NORA, "127.0.0.1[127.0.0.1]:10024", "250 from MTA: 250 Ok: queued as 4FLT99"),
      SENT_BY("smtp[1]", "4AB123", TO_PETER, "127.0.0.1[127.0.0.1]:10024", "250 from MTA: 250 Ok: queued as 4FLT99"),
      "@tell", SENT("4FLT99", TO_NORA), BOUNCED("4FLT99", TO_PETER), "@tell"},
     "queued; sent nora>harbour; bounced peter>quill"},
    {"a stranger's server names a queue id of ours",
     {"@add", "smtpd[1]: 4FLT99: client=x[203.0.113.7]",
      SENT_BY("smtp[1]", "4AB123", TO_NORA, "mx.evil.test[203.0.113.7]:25", "250 queued as 4FLT99"), "@tell"},
     "sent nora>harbour"},
    {"the last server on this host has no log here",
     {"@add", SENT_BY("smtp[1]", "4AB123", TO_NORA, "127.0.0.1[127.0.0.1]:2525", "250 queued as 77777"), "@tell"},
     "sent nora>harbour"},
    {"archive copies are nobody's",
     {"@add", ACTIVE("4AB123"), SENT("4AB123", "archive@firm.test"), BOUNCED("4AB123", "archive@firm.test"), "@tell"},
     "queued"},
    {"copies",
     {"@copies", ACTIVE("4CP001"), SENT("4CP001", TO_NORA), "postsuper[1]: 4CP002: removed", SENT("4CP001", TO_BOB),
      "@tell"},
     "sent nora+bob>harbour; bounced peter>quill"},
    {"another message's", {"@add", SENT("4ZZ999", TO_NORA), ACTIVE("4ZZ999"), "@tell"}, ""},
};

static Instant now;
static GString *said;

static bool report(const FateMessage *message, FateReport what, void *state) {
    static const char *const names[] = {"queued",  "sent",     "bounced",  "expired",
                                        "removed", "released", "unqueued", "deferred"};
    g_string_append_printf(said, "%s%s", said->len ? "; " : "", names[what]);
    if (what == FATE_REPORT_QUEUED || what == FATE_REPORT_RELEASED)
        return true;
    const char *gap = " ";
    for (guint i = 0; i < message->recipients->len; i++) {
        const FateRecipient *recipient = g_ptr_array_index(message->recipients, i);
        if (fate_concerns(recipient, what)) {
            g_string_append_printf(said, "%s%.*s", gap, (int)strcspn(recipient->address, "@"), recipient->address);
            gap = "+";
        }
    }
    g_autoptr(GPtrArray) clients = fate_clients(message, what);
    if (what == FATE_REPORT_DEFERRED)
        g_ptr_array_set_size(clients, 0);
    g_ptr_array_add(clients, NULL);
    g_autofree char *joined = g_strjoinv("+", (char **)clients->pdata);
    g_string_append_printf(said, ">%s", joined);
    return true;
}

static void add_message(Fates *fates, const char *how) {
    FateMessage *message = fate_message_new("track", strcmp(how, "@copies") ? "4AB123" : "", now);
    fate_message_add(message, TO_NORA, "harbour");
    fate_message_add(message, "Bob@HARBOUR.test", "harbour");
    fate_message_add(message, TO_PETER, "quill");
    fate_message_add(message, TO_PETER, "quill");
    message->held = strcmp(how, "@held") == 0;
    message->seen = strcmp(how, "@copies") == 0;
    fates_add(fates, message);
    if (strcmp(how, "@copies"))
        return;
    const unsigned places[] = {0, 1, 2};
    g_autoptr(GArray) first = g_array_new(FALSE, FALSE, sizeof(unsigned)),
                      second = g_array_new(FALSE, FALSE, sizeof(unsigned));
    g_array_append_vals(first, places, 2);
    g_array_append_vals(second, places + 2, 1);
    fates_add_copy(fates, message, "4CP001", first);
    fates_add_copy(fates, message, "4CP002", second);
}

static void step(Fates *fates, const char *text, uint64_t *count) {
    if (g_str_has_prefix(text, "@wait ")) {
        now = instant_add(now, duration_seconds(atoi(text + 6)));
    } else if (strcmp(text, "@tell") == 0) {
        FateRound round = {now, duration_seconds(600), duration_seconds(3600), *count, true, report, NULL};
        fates_report(fates, &round);
    } else if (*text == '@') {
        add_message(fates, text);
    } else {
        char stamp[INSTANT_TEXT];
        MtaLine line;
        g_autofree char *whole = g_strdup_printf("%s mx postfix/%s", instant_format(now, stamp), text);
        (*count)++;
        if (mtaline_read(whole, strlen(whole), NULL, now, &line))
            fates_line(fates, &line);
    }
}

static void each_script_is_told_as_it_should_be(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fates *fates = fates_new();
        uint64_t count = 0;
        now = instant_from_seconds(1795467600);
        said = g_string_new(NULL);
        for (size_t s = 0; s < G_N_ELEMENTS(cases[i].script) && cases[i].script[s]; s++)
            step(fates, cases[i].script[s], &count);
        if (strcmp(said->str, cases[i].reports))
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, said->str, cases[i].reports);
        g_string_free(said, TRUE);
        fates_free(fates);
    }
}

typedef struct {
    const char *lines[4];
    const char *tls;
} TlsCase;

static const TlsCase tls_cases[] = {
    {{"smtp[7]: Verified TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X",
      SENT("4AB123", TO_NORA)},
     "verified TLSv1.3"},
    {{"smtp[8]: Verified TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X",
      SENT("4AB123", TO_NORA)},
     ""},
    {{"smtp[7]: Verified TLS connection established to mx2[192.0.2.1]:25: TLSv1.3 with cipher X",
      SENT("4AB123", TO_NORA)},
     ""},
    {{"smtp[7]: Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.2 with cipher X", SENT("4ZZ999", TO_NORA),
      SENT("4AB123", TO_NORA)},
     ""},
    {{"smtp[7]: Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.2 with cipher X",
      SENT("4AB123", TO_PETER), SENT("4AB123", TO_NORA)},
     "trusted TLSv1.2"},
};

static void tls_is_that_of_the_process_and_the_message(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(tls_cases); i++) {
        Fates *fates = fates_new();
        uint64_t count = 0;
        now = instant_from_seconds(1795467600);
        step(fates, "@add", &count);
        for (size_t s = 0; s < G_N_ELEMENTS(tls_cases[i].lines) && tls_cases[i].lines[s]; s++)
            step(fates, tls_cases[i].lines[s], &count);
        const FateRecipient *nora = g_ptr_array_index(fates_find(fates, "track")->recipients, 0);
        assert_string_equal(nora->tls, tls_cases[i].tls);
        fates_free(fates);
    }
}

static void memory_is_bounded(void **state) {
    Fates *fates = fates_new();
    uint64_t count = 0;
    now = instant_from_seconds(1795467600);
    for (int i = 0; i < 20000; i++) {
        g_autofree char *track = g_strdup_printf("t%d", i), *id = g_strdup_printf("4Q%05d", i);
        g_autofree char *line = g_strdup_printf("qmgr[1]: 4E%06d: from=<a@b>, size=1, nrcpt=1 (queue active)", i);
        FateMessage *message = fate_message_new(track, id, now);
        fate_message_add(message, TO_NORA, "harbour");
        fates_add(fates, message);
        step(fates, line, &count);
    }
    assert_int_equal(fates_count(fates), 10000);
    assert_null(fates_find(fates, "t0"));
    assert_non_null(fates_find(fates, "t19999"));
    fates_free(fates);
}

int main(void) {
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_script_is_told_as_it_should_be),
        cmocka_unit_test(tls_is_that_of_the_process_and_the_message),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
