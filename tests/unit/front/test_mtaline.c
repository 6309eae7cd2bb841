/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as Postfix 3.5 to 3.9 and Sendmail 8.17 write them, and lines that strangers had a word in. */
#include "base/text.h"
#include "front/mtaline.h"
#include "../base/folder.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const Instant now = {INT64_C(1795467600) * 1000000}; /* 2026-11-23T21:00:00Z */

typedef struct {
    const char *text;
    MtaWhat what;
    const char *id, *to, *detail; /* detail: relay, status code, words and TLS, by spaces */
} LineCase;

#define BSD "Nov 23 20:15:52 mx "
#define RFC "2026-11-23T20:15:52.123456+00:00 mx "

static const LineCase lines[] = {
    /* Postfix: the way of a message */
    {BSD "postfix/smtpd[1]: 4jYJCh4f0Kz1dgSd: client=unknown[203.0.113.7]", MTA_NAMED, "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/submission/smtpd[1]: AB12CD34EF: client=a[1.2.3.4], sasl_method=PLAIN", MTA_NAMED, "AB12CD34EF", "",
     ""},
    {BSD "postfix/cleanup[1]: 4jYJCh4f0Kz1dgSd: message-id=<a@b>", MTA_NAMED, "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/qmgr[1]: 4jYJCh4f0Kz1dgSd: from=<a@b.test>, size=530, nrcpt=1 (queue active)", MTA_QUEUED,
     "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/qmgr[1]: 4jYJCh4f0Kz1dgSd: removed", MTA_DONE, "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/qmgr[1]: 4jYJCh4f0Kz1dgSd: from=<a@b.test>, status=expired, returned to sender", MTA_EXPIRED,
     "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/qmgr[1]: 4jYJCh4f0Kz1dgSd: from=<a@b.test>, status=force-expired, returned to sender", MTA_EXPIRED,
     "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/qmgr[1]: 4jYJCh4f0Kz1dgSd: from=<\"x>, status=expired, y\"@b.test>, size=1, nrcpt=1 (queue active)",
     MTA_QUEUED, "4jYJCh4f0Kz1dgSd", "", ""},
    {BSD "postfix/cleanup[1]: 4AB123: milter-hold: END-OF-MESSAGE from a[1.2.3.4]: milter triggers HOLD action; "
         "from=<a@b> to=<c@d>",
     MTA_HELD, "4AB123", "", ""},
    {BSD "postfix/cleanup[1]: 4AB123: hold: header Subject: x from a[1.2.3.4]; from=<a@b> to=<c@d>", MTA_HELD, "4AB123",
     "", ""},
    {BSD "postfix/cleanup[1]: 4AB123: milter-reject: END-OF-MESSAGE from a[1.2.3.4]: 4.7.1 later; from=<a@b>",
     MTA_REFUSED, "4AB123", "", ""},
    {BSD "postfix/postsuper[1]: 4AB123: placed on hold", MTA_HELD, "4AB123", "", ""},
    {BSD "postfix/postsuper[1]: 4AB123: released from hold", MTA_RELEASED, "4AB123", "", ""},
    {BSD "postfix/postsuper[1]: 4AB123: removed", MTA_REMOVED, "4AB123", "", ""},
    {BSD "postfix/pickup[1]: 4NEW99: uid=115 from=<a@b> orig_id=4AB123", MTA_RENAMED, "4NEW99", "", "4AB123"},
    {BSD "postfix/pickup[1]: 4NEW99: uid=115 from=<a@b>", MTA_NAMED, "4NEW99", "", ""},
    /* Postfix: deliveries */
    {BSD "postfix/smtp[1]: 4AB123: to=<nora@harbour.test>, relay=mx.birch.test[192.0.2.1]:25, delay=0.03, "
         "delays=0.02/0.02/0/0, dsn=2.0.0, "
         "status=sent (250 2.0.0 Ok: queued as 4XYZ99)",
     MTA_SENT, "4AB123", "nora@harbour.test", "mx.birch.test[192.0.2.1]:25 2.0.0 250 2.0.0 Ok: queued as 4XYZ99"},
    {RFC "postfix/smtp[1]: 4AB123: to=<x@y.test>, orig_to=<info@harbour.test>, relay=mx[192.0.2.1]:25, conn_use=2, "
         "delay=1, delays=1/0/0/0, dsn=4.4.1, "
         "status=deferred (connect to mx[192.0.2.1]:25: Connection refused)",
     MTA_DEFERRED, "4AB123", "x@y.test",
     "mx[192.0.2.1]:25 4.4.1 connect to mx[192.0.2.1]:25: Connection refused info@harbour.test"},
    {BSD "postfix/smtp[1]: 4AB123: to=<a@b.test>, relay=mx[1.2.3.4]:25, delay=1, delays=1/0/0/0, dsn=5.1.1, "
         "status=bounced (host mx[1.2.3.4] said: "
         "550 5.1.1 <a@b.test>: status=sent (really) (in reply to RCPT TO command))",
     MTA_BOUNCED, "4AB123", "a@b.test",
     "mx[1.2.3.4]:25 5.1.1 host mx[1.2.3.4] said: 550 5.1.1 <a@b.test>: status=sent (really) (in reply to RCPT TO "
     "command)"},
    {BSD "postfix/smtp[1]: 4AB123: to=<a@b.test>, relay=mx[1.2.3.4]:25, delay=1, delays=1/0/0/0, tls=dane, dsn=2.0.0, "
         "status=sent (250 ok)",
     MTA_SENT, "4AB123", "a@b.test", "mx[1.2.3.4]:25 2.0.0 250 ok"},
    {BSD "postfix/smtp[1]: 4AB123: to=<a@b.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=1/0/0/0, "
         "dsn=2.0.0, status=sent (250 2.0.0 from "
         "MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4NEXT77)",
     MTA_SENT, "4AB123", "a@b.test",
     "127.0.0.1[127.0.0.1]:10024 2.0.0 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4NEXT77 "
     "4NEXT77"},
    {BSD "postfix/local[1]: 4AB123: to=<bob@mx.test>, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent "
         "(forwarded as 4NEXT77)",
     MTA_SENT, "4AB123", "bob@mx.test", "local 2.0.0 forwarded as 4NEXT77 4NEXT77"},
    {BSD
     "postfix-out/error[1]: 4AB123: to=<a@b.test>, relay=none, delay=1, delays=1/0/0/0, dsn=5.0.0, status=bounced (no)",
     MTA_BOUNCED, "4AB123", "a@b.test", "none 5.0.0 no"},
    {BSD "postfix/smtp[1]: 4AB123: to=<\", status=sent (\\\">\"@b.test>, relay=mx[1.2.3.4]:25, delay=1, "
         "delays=1/0/0/0, dsn=5.1.1, status=bounced (x)",
     MTA_BOUNCED, "4AB123", "\", status=sent (\\\">\"@b.test", "mx[1.2.3.4]:25 5.1.1 x"},
    {BSD "postfix/smtp[1]: 4AB123: to=<a@b.test>, relay=mx[1.2.3.4]:25, delay=1, delays=1/0/0/0, dsn=2.1.5, "
         "status=deliverable (250)",
     MTA_NOTHING, "4AB123", "", ""},
    {BSD "postfix/smtp[77]: Verified TLS connection established to mx.birch.test[192.0.2.1]:25: TLSv1.3 with cipher X "
         "(256/256 bits)",
     MTA_TLS, "", "", "mx.birch.test[192.0.2.1]:25 verified TLSv1.3"},
    {BSD "postfix/relay/smtp[77]: Untrusted TLS connection reused to mx[::1]:25: TLSv1.2 with cipher X (256/256 bits)",
     MTA_TLS, "", "", "mx[::1]:25 untrusted TLSv1.2"},
    {BSD
     "postfix/smtpd[77]: Anonymous TLS connection established from a[1.2.3.4]: TLSv1.3 with cipher X (256/256 bits)",
     MTA_NOTHING, "", "", ""},
    /* Sendmail */
    {BSD "sm-mta[1]: 5ANKGq1x016123: from=<a@b.test>, size=500, class=0, nrcpts=1, msgid=<a@b>, proto=ESMTP, "
         "daemon=MTA, relay=x [127.0.0.1]",
     MTA_TAKEN, "5ANKGq1x016123", "", ""},
    {BSD "sm-mta[1]: 5ANKGq1x016123: to=<a@b.test>,<c@d.test>, delay=00:00:01, xdelay=00:00:00, mailer=relay, pri=1, "
         "relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, "
         "stat=Sent (250 kept)",
     MTA_SENT, "5ANKGq1x016123", "a@b.test\nc@d.test", "[127.0.0.1] [127.0.0.1] 2.0.0 Sent (250 kept)"},
    {BSD "sm-mta[1]: 5ANKGq1x016123: to=<a@b.test>, ctladdr=<x@y.test> (1/2), delay=00:00:01, mailer=esmtp, pri=1, "
         "relay=mx. [1.2.3.4], dsn=5.1.1, "
         "stat=User unknown, stat=Sent",
     MTA_BOUNCED, "5ANKGq1x016123", "a@b.test", "mx. [1.2.3.4] 5.1.1 User unknown, stat=Sent"},
    {BSD "sendmail[1]: 5ANKGq1x016123: to=<a@b.test>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx., dsn=4.0.0, "
         "stat=Deferred: Connection refused by mx.",
     MTA_DEFERRED, "5ANKGq1x016123", "a@b.test", "mx. 4.0.0 Deferred: Connection refused by mx."},
    {BSD "sm-mta[1]: 5ANKGq1x016123: to=<a@b.test>, delay=00:00:01, mailer=esmtp, pri=1, stat=queued", MTA_NOTHING,
     "5ANKGq1x016123", "", ""},
    {BSD "sm-mta[1]: 5ANKGq1x016123: 5ANKGq1y016123: sender notify: Cannot send message for 5 days", MTA_EXPIRED,
     "5ANKGq1x016123", "", ""},
    {BSD "sm-mta[1]: 5ANKGq1x016123: 5ANKGq1y016123: sender notify: Warning: could not send message for past 4 hours",
     MTA_NOTHING, "5ANKGq1x016123", "", ""},
    {BSD "sm-mta[1]: 5ANKGq1x016123: milter=lexgate, quarantine=Lexgate: held, reference x", MTA_HELD, "5ANKGq1x016123",
     "", ""},
    {BSD "sendmail[1]: 5ANKGq1x016123: unquarantine", MTA_RELEASED, "5ANKGq1x016123", "", ""},
    {BSD "sm-mta[9]: STARTTLS=client, relay=mx.birch.test., version=TLSv1.3, verify=TRUSTED, cipher=X, bits=256/256",
     MTA_TLS, "", "", "mx.birch.test. verified TLSv1.3"},
    /* nobody's */
    {BSD "postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[1.2.3.4]: 554 5.7.1 <a@b>: Relay access denied", MTA_NOTHING,
     "", "", NULL},
    {BSD "imap[1]: 4AB123: removed", MTA_NOTHING, "", "", NULL},
    {BSD "dovecot/postsuper[1]: 4AB123: removed", MTA_NOTHING, "", "", NULL},
    {BSD "postfix/smtp[1]: 4AB123: to=<a@b.test", MTA_NOTHING, "", "", NULL},
    {BSD "postfix/smtp[1]: 4AB123: to=<a@b.test>, status=", MTA_NOTHING, "", "", NULL},
    {"postfix/smtp[1]: 4AB123: removed", MTA_NOTHING, "", "", NULL},
    {"", MTA_NOTHING, "", "", NULL},
};

static void each_line_says_what_it_says(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        const LineCase *one = &lines[i];
        MtaLine line;
        bool useful = mtaline_read(one->text, strlen(one->text), NULL, now, &line);
        if (line.what != one->what || useful != (one->what != MTA_NOTHING))
            fail_msg("%s: %d, not %d", one->text, line.what, one->what);
        if (!useful)
            continue;
        g_autofree char *detail =
            g_strjoin(" ", line.relay, line.dsn, line.said, line.tls, line.orig_to, line.other_id, NULL);
        g_auto(GStrv) words = g_strsplit(detail, " ", -1);
        g_autoptr(GString) said = g_string_new(NULL);
        for (char **word = words; *word; word++)
            if (**word)
                g_string_append_printf(said, "%s%s", said->len ? " " : "", *word);
        assert_string_equal(line.queue_id, one->id);
        assert_string_equal(line.to, one->to);
        assert_string_equal(said->str, one->detail);
    }
}

typedef struct {
    const char *stamp, *now, *at; /* at NULL: none */
} TimeCase;

static const TimeCase times[] = {
    {"Nov 23 20:15:52", "2026-11-23T21:00:00Z", "2026-11-23T20:15:52Z"},
    {"Nov  3 00:00:00", "2026-11-23T21:00:00Z", "2026-11-03T00:00:00Z"},
    {"Dec 31 23:59:59", "2027-01-01T00:00:10Z", "2026-12-31T23:59:59Z"},
    {"Jan  1 00:00:01", "2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z"}, /* the clock of the log goes before */
    {"Jan  2 12:00:00", "2026-12-31T23:59:59Z", "2026-01-02T12:00:00Z"},
    {"Feb 29 12:00:00", "2027-03-01T00:00:00Z", "2024-02-29T12:00:00Z"},
    {"2026-11-23T21:15:52.5+01:00", "2026-11-23T21:00:00Z", "2026-11-23T20:15:52Z"},
    {"Foo 23 20:15:52", "2026-11-23T21:00:00Z", NULL},
    {"Nov 32 20:15:52", "2026-11-23T21:00:00Z", NULL},
    {"Nov 23 24:15:52", "2026-11-23T21:00:00Z", NULL},
    {"ov  23 20:15:5", "2026-11-23T21:00:00Z", NULL},
};

static void a_timestamp_without_a_year_is_of_the_latest_that_fits(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        Instant when;
        MtaLine line;
        char text[INSTANT_TEXT];
        assert_true(instant_parse(times[i].now, &when));
        g_autofree char *written = g_strdup_printf("%s mx postfix/qmgr[1]: 4AB123: removed", times[i].stamp);
        assert_int_equal(mtaline_read(written, strlen(written), NULL, when, &line), times[i].at != NULL);
        if (times[i].at)
            assert_string_equal(instant_format(line.at, text), times[i].at);
    }
}

static void only_named_instances_are_read(void **state) {
    static const struct {
        const char *identifier;
        bool usual, named;
    } cases[] = {{"postfix/smtp", true, false},  {"postfix-out/smtp", true, true}, {"postfix-out/a/smtp", true, true},
                 {"sm-mta", true, false},        {"outgoing", false, true},        {"sm-mtax", false, false},
                 {"xpostfix/smtp", false, false}};
    const char *const texts[] = {"postfix-out", "outgoing"};
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_ptr_array_add(names, (char *)texts[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(mtaline_is_mta(cases[i].identifier, NULL), cases[i].usual);
        assert_int_equal(mtaline_is_mta(cases[i].identifier, names), cases[i].named);
    }
}

static void lists_of_many_recipients_are_cut_between_addresses(void **state) {
    g_autoptr(GString) text = g_string_new(BSD "sm-mta[1]: 5ANKGq1x016123: to=");
    for (int i = 0; i < 100; i++)
        g_string_append_printf(text, "%s<person%d@harbour.test>", i ? "," : "", i);
    g_string_append(text, ", delay=0, dsn=2.0.0, stat=Sent");
    MtaLine line;
    assert_true(mtaline_read(text->str, text->len, NULL, now, &line));
    char room[MTA_LIST];
    const char *at = NULL, *address;
    int count = 0;
    for (; (address = mtaline_next(line.to, &at, room)); count++) {
        g_autofree char *wanted = g_strdup_printf("person%d@harbour.test", count);
        assert_string_equal(address, wanted);
    }
    assert_in_range(count, 40, 99);
}

int main(void) {
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_says_what_it_says),
        cmocka_unit_test(a_timestamp_without_a_year_is_of_the_latest_that_fits),
        cmocka_unit_test(only_named_instances_are_read),
        cmocka_unit_test(lists_of_many_recipients_are_cut_between_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
