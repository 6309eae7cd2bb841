/* SPDX-License-Identifier: Apache-2.0 */
/* What a message says beside its text: headers of enclosed messages, pages that name another charset, what calendars
 * and cards carry. */
#include "pack.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define ENCLOSED "From: a@b.test\nContent-Type: message/rfc822\n\n"

static void the_whole_header_of_an_enclosed_message_is_read(void **state) {
    g_autoptr(Facts) facts =
        read_text(ENCLOSED "Keywords: lease\nX-Note: =?utf-8?Q?qu=C3=A1y?=\n"
                           "Resent-From: =?utf-8?Q?Eve?= <e@x.test>\nReceived: from nowhere\n\nwords\n");
    assert_non_null(strstr(facts->text, "lease"));
    assert_null(strstr(facts->text, "quáy"));
    assert_string_equal(facts->aside, "quáy\nEve <e@x.test>\n");
}

static void the_header_of_a_part_is_read(void **state) {
    g_autoptr(Facts) facts =
        read_text("From: a@b.test\nX-Own: not here\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
                  "Content-Description: the =?utf-8?Q?qu=C3=A1y?=\nX-Any: lease\nContent-ID: <1>\n\nx\n--b--\n");
    assert_string_equal(facts->aside, "the quáy\nlease\n");
}

static void a_page_that_names_a_charset_which_is_not_ascii_is_read_twice(void **state) {
    g_autoptr(Facts) facts = read_text("From: a@b.test\nContent-Type: text/html; charset=utf-8\n\n"
                                       "<meta charset=utf-7>+AHoAZQBiAHIAYQ-\n");
    assert_non_null(strstr(facts->text, "zebra"));
    assert_true(has_anomaly(facts, "two-charsets"));
    g_autoptr(Facts) common = read_text("From: a@b.test\nContent-Type: text/html; charset=utf-8\n\n"
                                        "<meta charset=iso-8859-1>caf\xc3\xa9\n");
    assert_string_equal(common->text, "café\n");
    assert_int_equal(common->anomalies->len, 0);
}

/* ---- what calendars and cards carry ---- */

static char *docx_in_base64(unsigned line) {
    g_autoptr(GByteArray) docx = pack_docx("<w:p><w:r><w:t>a zebra</w:t></w:r></w:p>", NULL);
    g_autofree char *plain = g_base64_encode(docx->data, docx->len);
    GString *folded = g_string_new(NULL);
    for (size_t i = 0; plain[i] != '\0'; i++)
        g_string_append_printf(folded, i > 0 && i % line == 0 ? "\n %c" : "%c", plain[i]);
    return g_string_free(folded, FALSE);
}

static void a_file_in_a_calendar_or_card_is_an_attachment(void **state) {
    static const struct {
        const char *type, *before;
    } cases[] = {
        {"text/calendar", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=a.docx:"},
        {"text/calendar",
         "BEGIN:VCALENDAR\nATTACH;FMTTYPE=\"application/x-y\";X-FILENAME=\"a.docx\";VALUE=BINARY;ENCODING="
         "BASE64:"},
        {"text/plain", "BEGIN:VCALENDAR\nattach;value=binary;filename=a.docx;encoding=b:"},
        {"application/octet-stream", "\n BEGIN:VCALENDAR\nATTACH;FILENAME=a.docx;ENCODING=BASE64:"},
        {"application/ics; name=a.ics", "BEGIN:VCALENDAR\nATTACH;FILENAME=a.docx;ENCODING=BASE64:"},
        {"text/vcard", "BEGIN:VCARD\nKEY;FILENAME=a.docx:data:application/x-z;base64,"},
    };
    g_autofree char *file = docx_in_base64(70);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message =
            g_strdup_printf("From: a@b.test\nMIME-Version: 1.0\nContent-Type: %s\n\n%s%s\nSUMMARY:lunch\nEND:V\n",
                            cases[i].type, cases[i].before, file);
        g_autoptr(Facts) facts = read_text(message);
        const AttachmentFact *found = g_ptr_array_index(facts->attachments, facts->attachments->len - 1);
        if (strstr(found->text, "a zebra") == NULL || strcmp(found->name, "a.docx") != 0 || !found->readable)
            fail_msg("%s: %s, \"%s\" (%s)", message, found->name, found->text, found->why);
        assert_int_equal(facts->anomalies->len, 0);
        g_autoptr(GString) all = g_string_new(facts->text);
        for (guint a = 0; a < facts->attachments->len; a++)
            g_string_append(all, ((AttachmentFact *)g_ptr_array_index(facts->attachments, a))->text);
        assert_non_null(strstr(all->str, "lunch"));
    }
}

static void a_picture_in_a_card_is_none_and_a_broken_file_is_told(void **state) {
    g_autoptr(Facts) photo = read_text("From: a@b.test\nContent-Type: text/vcard\n\nBEGIN:VCARD\nPHOTO;ENCODING=b:"
                                       "iVBORw0KGgoAAAANSUhEUg==\nEND:VCARD\n");
    assert_true(photo->attachments->len == 1 && attached(photo)->readable && photo->anomalies->len == 0);
    g_autoptr(Facts) broken = read_text("From: a@b.test\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
                                        "ATTACH;ENCODING=BASE64:UEsDB=BQ!!BAABAAC\nEND:VCALENDAR\n");
    assert_true(broken->unreadable && has_anomaly(broken, "inline-file"));
}

static void a_file_in_a_calendar_in_an_archive_is_read(void **state) {
    g_autofree char *file = docx_in_base64(70);
    g_autofree char *calendar = g_strconcat("BEGIN:VCALENDAR\nATTACH;ENCODING=BASE64:", file, "\nEND:V\n", NULL);
    const PackFile files[] = {{.name = "a.ics", .content = calendar}, {NULL}};
    g_autoptr(Facts) facts = read_packed("a.zip", "application/zip", pack_zip(files));
    assert_non_null(strstr(attached(facts)->text, "a zebra"));
    assert_true(attached(facts)->readable);
}

static void a_page_that_carries_a_file_says_so(void **state) {
    g_autofree char *file = docx_in_base64(1000000);
    g_autofree char *page = g_strconcat("<a download=x href='data:application/zip;base64,", file, "'>x</a>", NULL);
    g_autofree char *message = g_strconcat("From: a@b.test\nContent-Type: text/html\n\n", page, "\n", NULL);
    g_autoptr(Facts) body = read_text(message);
    assert_true(body->unreadable && has_anomaly(body, "html:file"));
    g_autoptr(Facts) other = read_attached("a.html", "application/octet-stream", page, strlen(page));
    assert_string_equal(attached(other)->why, "embedded");
    g_autoptr(Facts) none =
        read_text("From: a@b.test\nContent-Type: text/html\n\n"
                  "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=='><a href='https://x.test/%01'>x</a>\n");
    assert_true(!none->unreadable && none->anomalies->len == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_in_a_calendar_or_card_is_an_attachment),
        cmocka_unit_test(a_picture_in_a_card_is_none_and_a_broken_file_is_told),
        cmocka_unit_test(a_file_in_a_calendar_in_an_archive_is_read),
        cmocka_unit_test(a_page_that_carries_a_file_says_so),
        cmocka_unit_test(the_whole_header_of_an_enclosed_message_is_read),
        cmocka_unit_test(the_header_of_a_part_is_read),
        cmocka_unit_test(a_page_that_names_a_charset_which_is_not_ascii_is_read_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
