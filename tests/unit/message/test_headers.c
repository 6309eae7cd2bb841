/* SPDX-License-Identifier: Apache-2.0 */
/* What headers say: every instance, decoded, in one line; threads and addresses. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static char *join(const GPtrArray *words) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? " " : "", (const char *)g_ptr_array_index(words, i));
    return g_string_free(out, FALSE);
}

static const struct {
    const char *header, *addresses;
} from_cases[] = {
    {"alice@client.test", "alice@client.test"},
    {"Alice Client <Alice@Client.TEST>", "alice@client.test"},
    {"\"Client, Alice\" <alice@client.test>", "alice@client.test"},
    {"\"bob@firm.test\" <alice@client.test>", "alice@client.test"},
    {"Alice (alice@other.test (nested) <x@y.test>) <alice@client.test>", "alice@client.test"},
    {"a@client.test, B <b@client.test>, a@client.test", "a@client.test b@client.test"},
    {"Team: a@client.test, b@client.test;, c@client.test", "a@client.test b@client.test c@client.test"},
    {"undisclosed-recipients:;", ""},
    {"<@relay.test,@other.test:alice@client.test>", "alice@client.test"},
    {"=?utf-8?Q?J=C3=B6rg?= <joerg@client.test>", "joerg@client.test"},
    {"Alice <alice@client.test", "alice@client.test"},
    {"Alice <a@client.test> <b@client.test>", "a@client.test b@client.test"},
    {"Alice\n <alice@client.test>", "alice@client.test"},
    {"no address here", ""},
};

static void addresses_are_found_in_every_shape(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(from_cases); i++) {
        g_autofree char *message = g_strdup_printf("From: %s\nSubject: x\n\nx\n", from_cases[i].header);
        g_autoptr(Facts) facts = read_text(message);
        g_autofree char *found = join(facts->from);
        assert_string_equal(found, from_cases[i].addresses);
        assert_string_equal(facts->subject, "x");
    }
}

static const struct {
    const char *header, *text;
} subject_cases[] = {
    {"plain", "plain"},
    {"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
    {"=?iso-8859-1?Q?Gr=FC=DFe_an_alle?= und mehr", "Grüße an alle und mehr"},
    {"=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"},
    {"=?utf-8?Q?one?= =?utf-8?Q?two?=", "onetwo"},
    {"=?utf-8?Q?one?=\n =?utf-8?Q?two?= three", "onetwo three"},
    {"=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"}, /* cut inside a character */
    {"=?utf-8?B?R3LDv?= =?utf-8?B?MOfZQ==?=", "Grüße"}, /* cut inside a quantum */
    {"=?utf-8?B?R3LDvMOfZQ?=", "Grüße"},                /* no padding */
    {"=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"},        /* language */
    {"=?windows-1251?B?z/Do4uXy?=", "Привет"},
    {"=?utf-8?Q?a=0D=0ABcc:_x@y.test?=", "a Bcc: x@y.test"},
    {"=?utf-8?Q?a=00b?=", "a\xef\xbf\xbd"
                          "b"},
    {"=?x-no-such?Q?a=E4?=", "aä"},
    {"=?utf-8?X?abc?= =? =?= ?=", "=?utf-8?X?abc?= =? =?= ?="},
    {"Gr\xc3\xbc\xc3\x9f"
     "e",
     "Grüße"},
    {"Gr\xfc\xdf"
     "e",
     "Grüße"},
};

static void encoded_words_are_read_as_mail_programs_do(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(subject_cases); i++) {
        g_autofree char *message = g_strdup_printf("From: a@b.test\nSubject: %s\n\nx\n", subject_cases[i].header);
        g_autoptr(Facts) facts = read_text(message);
        assert_string_equal(facts->subject, subject_cases[i].text);
    }
}

static const struct {
    const char *subject, *others, *anomaly; /* others: "" none */
    bool unreadable;
} reading_cases[] = {
    {"plain", "", NULL, false},
    {"folded\n between words", "", NULL, false},
    {"=?utf-8?Q?one?= =?utf-8?Q?two?=", "", NULL, false},
    {"=?utf-8?B?c2Vjc?= =?utf-8?B?mV0?=", NULL, "encoded-words:subject", false},
    {"=?utf-8?Q?sec\n ret?=", "secret", "encoded-words:subject", false},
    {"conf=?utf-8?Q?iden?=\n =?utf-8?Q?tial?=", "", NULL, false},
    {"=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", NULL, "encoded-words:subject", false},
    {"=?x-no-such?Q?a=E4?=", "", "charset:x-no-such", true},
    {"=?utf-8?Q?a=E4?=", "", "charset:utf-8", true},
};

static void a_subject_is_read_as_every_program_does(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(reading_cases); i++) {
        g_autofree char *message = g_strdup_printf("From: a@b.test\nSubject: %s\n\nx\n", reading_cases[i].subject);
        g_autoptr(Facts) facts = read_text(message);
        const HeaderFact *header = facts_header(facts, "subject");
        const char *others = header->others == NULL ? "" : header->others;
        if ((reading_cases[i].others != NULL && strcmp(others, reading_cases[i].others) != 0) ||
            facts->unreadable != reading_cases[i].unreadable)
            fail_msg("%s: others \"%s\", unreadable %d", reading_cases[i].subject, others, facts->unreadable);
        if (reading_cases[i].anomaly != NULL)
            assert_true(has_anomaly(facts, reading_cases[i].anomaly));
    }
}

static const struct {
    const char *headers, *thread;
    guint weak;
} thread_cases[] = {
    {"", "", 0},
    {"References: <a@x> <b@x>\nIn-Reply-To: <c@x>\n", "c@x a@x b@x", 1},
    {"In-Reply-To: <c@x> <b@x> <d@x>\nReferences: <a@x> <b@x>\n", "c@x d@x a@x b@x", 2},
    {"References: <a@x>\n <b@x>\nIn-Reply-To: <b@x>\n", "a@x b@x", 0},
    {"References: <a@x><B@x> junk <a@x>\n", "B@x a@x", 0},
    {"References: <A@x> <a@x> <a@X>\n", "A@x a@x a@X", 0},
    {"In-Reply-To: Your message of Monday <a@x>\n", "a@x", 0},
    {"References: <own@x> <a@x> <own@x>\nMessage-ID: <own@x>\n", "a@x", 0},
    {"In-Reply-To: <own@x>\nMessage-ID: <own@x>\nMessage-ID: <a@x>\n", "", 0},
    {"References: <unclosed\n", "", 0},
    {"References: <a@x>\nReferences: <b@x>\n", "a@x b@x", 0},
};

static void references_beat_in_reply_to_in_threads(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(thread_cases); i++) {
        g_autofree char *message = g_strdup_printf("From: a@b.test\n%sSubject: x\n\nx\n", thread_cases[i].headers);
        g_autoptr(Facts) facts = read_text(message);
        g_autofree char *found = join(facts->thread);
        assert_string_equal(found, thread_cases[i].thread);
        assert_int_equal(facts->thread_weak, thread_cases[i].weak);
    }
}

static void the_first_and_the_newest_of_many_ids_are_kept(void **state) {
    g_autoptr(GString) message = g_string_new("From: a@b.test\nReferences:");
    for (int i = 0; i < 500; i++)
        g_string_append_printf(message, "\n <%d@x>", i);
    g_string_append(message, "\n\nx\n");
    g_autoptr(Facts) facts = read_text(message->str);
    assert_int_equal(facts->thread->len, 100);
    assert_string_equal(g_ptr_array_index(facts->thread, 0), "0@x");
    assert_string_equal(g_ptr_array_index(facts->thread, 1), "401@x");
    assert_string_equal(g_ptr_array_index(facts->thread, 99), "499@x");
}

static void outlooks_conversation_is_found_whatever_follows_it(void **state) {
    g_autoptr(Facts) first = read_text("From: a@b.test\nThread-Index: AdoBAgMEBQABAgMEBQYHCAkKCwwNDg8QEQ==\n\nx\n");
    g_autoptr(Facts) reply = read_text("From: a@b.test\nThread-Index: AdoBAgMEBQABAgMEBQYHCAkKCwwNDg8QEQAAAAAA\n\nx\n");
    g_autoptr(Facts) junk = read_text("From: a@b.test\nThread-Index: AdoB\n\nx\n");
    assert_int_equal(strlen(first->thread_index), 32);
    assert_string_equal(first->thread_index, reply->thread_index);
    assert_false(first->conversation_answered);
    assert_true(reply->conversation_answered);
    assert_string_equal(junk->thread_index, "");
}

static const struct {
    const char *headers, *anomaly;
    bool unreadable;
} anomaly_cases[] = {
    {"From: a@b.test\nFrom: c@d.test\n", "duplicate-header:from", false},
    {"From: a@b.test\nSubject: x\nsubject: y\n", "duplicate-header:subject", false},
    {"From: a@b.test\nMessage-ID: <1@x>\nMessage-Id: <2@x>\n", "duplicate-header:message-id", false},
    {"From: a@b.test\nContent-Type: text/plain\nContent-Type: text/html\n", "duplicate-header:content-type", true},
    {"From: a@b.test\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n",
     "duplicate-header:content-transfer-encoding", true},
    {"From: a@b.test\nContent-Type : text/html\n", "header-syntax", true},
    {"From: a@b.test\nthis is no header\n", "header-syntax", true},
    {"From: a@b.test\nSubject: \xe4\n", "8bit-header", false},
    {"Subject: x\n", "missing-header:from", false},
};

static void ambiguous_headers_are_anomalies(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(anomaly_cases); i++) {
        g_autofree char *message = g_strdup_printf("%s\nx\n", anomaly_cases[i].headers);
        g_autoptr(Facts) facts = read_text(message);
        if (!has_anomaly(facts, anomaly_cases[i].anomaly) || facts->unreadable != anomaly_cases[i].unreadable)
            fail_msg("%s: not %s, or unreadable %d", anomaly_cases[i].headers, anomaly_cases[i].anomaly,
                     facts->unreadable);
    }
}

static void all_senders_and_both_subjects_are_facts(void **state) {
    g_autoptr(Facts) facts = read_text("From: a@b.test\nFrom: c@d.test\nSubject: one\nSubject: two\n\nx\n");
    assert_int_equal(facts->from->len, 2);
    assert_string_equal(facts->subject, "one two");
    assert_int_equal(facts->headers->len, 4);
}

static void bytes_that_programs_read_differently_are_anomalies(void **state) {
    static const struct {
        const char *data;
        size_t length;
        const char *anomaly;
    } cases[] = {
#define BYTES(text) text, sizeof(text) - 1
        {BYTES("From: a@b.test\r\n\r\na\0b\r\n"), "nul"},
        {BYTES("From: a@b.test\r\n\r\na\rb\r\n"), "bare-cr"},
        {BYTES("From: a@b.test\r\n\r\na\nb\r\n"), "bare-lf"},
        {BYTES("From: a@b.test\r\n\r\na\n.\r\nb\r\n"), "bare-lf"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = read_bytes(cases[i].data, cases[i].length);
        assert_true(has_anomaly(facts, cases[i].anomaly));
    }
    g_autoptr(Facts) file = read_bytes(BYTES("From: a@b.test\n\na\nb\n"));
    assert_int_equal(file->anomalies->len, 0);
    assert_string_equal(file->text, "a\nb\n");
}

static void a_line_over_998_octets_is_noted_and_no_more(void **state) {
    static const struct {
        unsigned length;
        const char *end;
        bool noted;
    } cases[] = {
        {998, "\r\n", false}, {999, "\r\n", true}, {999, "", true}, {998, "", false}, {5000, "\r\nx\r\n", true}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = g_strnfill(cases[i].length, 'a');
        g_autofree char *message = g_strdup_printf("From: a@b.test\r\n\r\nx\r\n%s%s", line, cases[i].end);
        g_autoptr(Facts) facts = read_bytes(message, strlen(message));
        assert_int_equal(has_anomaly(facts, "long-line"), cases[i].noted);
        assert_false(facts->unreadable);
    }
}

static void a_folded_header_is_one_line(void **state) {
    g_autoptr(Facts) facts = read_text("From: a@b.test\nReceived: from x\n\tby y;\n Mon\n\nx\n");
    assert_string_equal(facts_header(facts, "received")->raw, "from x by y; Mon");
}

static void headers_only_says_unknown_of_the_rest(void **state) {
    const char message[] = "From: a@b.test\r\nSubject: hello\r\n\r\nThank you.\r\n";
    Envelope *envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("x@client.test"));
    MessageInput input = {.data = message, .length = sizeof message - 1, .headers_only = true};
    g_autoptr(Facts) facts = message_read(&input, envelope);
    assert_false(facts->judged);
    assert_string_equal(facts->subject, "hello");
    assert_int_equal(facts->encryption, ENC_UNKNOWN);
    assert_int_equal(g_array_index(facts->proofs, Proof, 0), PROOF_UNKNOWN);
    assert_int_equal(facts->asks, ASKS_UNKNOWN);
    assert_true(facts->unreadable);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_found_in_every_shape),
        cmocka_unit_test(encoded_words_are_read_as_mail_programs_do),
        cmocka_unit_test(a_subject_is_read_as_every_program_does),
        cmocka_unit_test(references_beat_in_reply_to_in_threads),
        cmocka_unit_test(the_first_and_the_newest_of_many_ids_are_kept),
        cmocka_unit_test(outlooks_conversation_is_found_whatever_follows_it),
        cmocka_unit_test(ambiguous_headers_are_anomalies),
        cmocka_unit_test(all_senders_and_both_subjects_are_facts),
        cmocka_unit_test(bytes_that_programs_read_differently_are_anomalies),
        cmocka_unit_test(a_line_over_998_octets_is_noted_and_no_more),
        cmocka_unit_test(a_folded_header_is_one_line),
        cmocka_unit_test(headers_only_says_unknown_of_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
