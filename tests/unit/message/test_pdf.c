/* SPDX-License-Identifier: Apache-2.0 */
/* What a PDF keeps beside its pages; of these a helper that is none says "page". */
#include "pack.h"
#include "read.h"
#include "wire/helperwire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

typedef struct {
    const char *head, *stream; /* NULL: none */
    bool deflate;
    const char *tail, *text, *authors, *entries, *why;
    bool macros;
} PdfCase;

static const PdfCase cases[] = {
    {"<< /Author (Eve Adams) /Title (The lease) >>", NULL, false, "", "Eve Adams\nThe lease\n", "Eve Adams", "", "",
     false},
    {"<< /Title <FEFF007A00650062007200E9> /Subject (q\\165ay \\(two\\)\\\n more) >>", NULL, false, "",
     "zebré\nquay (two) more\n", "", "", "", false},
    {"<< /Type /Annot /Contents (see me) /T (Eve) >>", NULL, false, "", "see me\nEve\n", "", "", "", false},
    {"<< /FT /Tx /V (4539148803436467) >> << /ID [(abcdef) <616263646566>] >>", NULL, false, "", "4539148803436467\n",
     "", "", "", false},
    {"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>", "7 0 << /V (a zebra) >>", true, "", "a zebra\n", "", "",
     "", false},
    {"<< /Type /Obj#53tm /Filter/Fl >>", "<< /V (a zebra) >>", true, "", "a zebra\n", "", "", "", false},
    {"<< /Type /EmbeddedFile /Filter /FlateDecode >>", "{\\rtf1 a zebra}", true,
     "<< /Type /Filespec /UF (z.rtf) /EF << /F 3 0 R >> >>", "a zebra\nz.rtf\n", "", "z.rtf", "", false},
    {"<< /Type /EmbeddedFile /Length 18 >>", "a zebra endstream.", false, "", "a zebra endstream.", "", "", "",
     false},
    {"<< /Type /EmbeddedFile /Filter [/ASCII85Decode /FlateDecode] >>", "87cURD", false, "", "", "", "", "embedded",
     false},
    {"<< /Type /EmbeddedFile /Filter /FlateDecode >>", "not deflated", false, "", "", "", "", "embedded", false},
    {"<< /Type /ObjStm /Filter /LZWDecode >>", "x", false, "", "", "", "", "format", false},
    {"<< /Type /Metadata /Subtype /XML >>",
     "<?xpacket begin='' id='W5M0'?><x:xmpmeta xmlns:x='a' xmlns:r='r' xmlns:d='d'><r:Description pdf:Note='a quay' "
     "xmlns:pdf='p'><d:creator><r:Seq><r:li>Eve</r:li></r:Seq></d:creator><d:title>lease</d:title></r:Description>"
     "</x:xmpmeta>",
     false, "", "a quay\nlease\n", "Eve", "", "", false},
    {"<< /Filter /FlateDecode >>", "<xdp:xdp xmlns:xdp='x'><field>a zebra</field></xdp:xdp>", true, "", "a zebra\n", "",
     "", "", false},
    {"<< /Filter /FlateDecode >>", "BT (a zebra) Tj ET", true, "", "", "", "", "", false},
    {"<< /S /JavaScript /JS (app.alert\\(1\\)) >>", NULL, false, "", "app.alert(1)\n", "", "", "", true},
    {"<< /Annots [4 0 R] >>", NULL, false, "trailer << /Encrypt 9 0 R >>", "", "", "", "encrypted", false},
};

static GByteArray *pack_pdf(const PdfCase *pdf) {
    GByteArray *out = g_byte_array_new();
    g_autofree char *head = g_strdup_printf("%%PDF-1.7\n1 0 obj\n%s\n", pdf->head);
    g_byte_array_append(out, (const guint8 *)head, (guint)strlen(head));
    if (pdf->stream != NULL) {
        uLongf length = compressBound(strlen(pdf->stream));
        g_autofree unsigned char *packed = g_malloc(length);
        compress(packed, &length, (const unsigned char *)pdf->stream, strlen(pdf->stream));
        g_byte_array_append(out, (const guint8 *)"stream\r\n", 8);
        g_byte_array_append(out, pdf->deflate ? packed : (const guint8 *)pdf->stream,
                            (guint)(pdf->deflate ? length : strlen(pdf->stream)));
        g_byte_array_append(out, (const guint8 *)"\nendstream\n", 11);
    }
    g_autofree char *tail = g_strdup_printf("endobj\n2 0 obj\n%s\nendobj\n%%%%EOF\n", pdf->tail);
    g_byte_array_append(out, (const guint8 *)tail, (guint)strlen(tail));
    return out;
}

/* Takes each file and says the same of all. */
static void serve(int socket) {
    HelperRequest request;
    const HelperAnswer answer = {.state = HELPER_DONE, .length = 4};
    char byte;
    while (recv(socket, &request, sizeof request, MSG_WAITALL) == (ssize_t)sizeof request) {
        for (uint64_t i = 0; i < request.length; i++)
            if (read(socket, &byte, 1) != 1)
                _exit(1);
        if (!helperwire_send(socket, &answer, sizeof answer) || !helperwire_send(socket, "page", 4))
            _exit(1);
    }
    _exit(0);
}

static int start_helper(void **state) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    if (fork() == 0) {
        close(pair[0]);
        serve(pair[1]);
    }
    close(pair[1]);
    message_use_helper(pair[0]);
    return 0;
}

static void what_hangs_on_pages_is_read(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = read_packed("a.pdf", "application/pdf", pack_pdf(&cases[i]));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *authors = joined_texts(fact->authors), *entries = joined_texts(fact->entries);
        g_autofree char *text = g_strconcat("page\n", cases[i].text, NULL);
        if (strcmp(fact->text, text) != 0 || strcmp(authors, cases[i].authors) != 0 ||
            strcmp(entries, cases[i].entries) != 0 || fact->macros != cases[i].macros)
            fail_msg("%s: \"%s\", by %s, holds %s, macros %d", cases[i].head, fact->text, authors, entries,
                     fact->macros);
        assert_string_equal(fact->why, cases[i].why);
        assert_int_equal(fact->readable, *cases[i].why == '\0');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_hangs_on_pages_is_read)};
    return cmocka_run_group_tests(tests, start_helper, NULL);
}
