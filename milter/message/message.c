/* SPDX-License-Identifier: Apache-2.0 */
/* The order of reading: headers from bytes, limits, parts, contents, then what follows from them. */
#include "message/message.h"
#include "base/seal.h"
#include "message/automatic.h"
#include "message/charset.h"
#include "message/contents.h"
#include "message/encrypted.h"
#include "message/gmime_auto.h"
#include "message/headers.h"
#include "message/prescan.h"
#include "message/tree.h"

const MessageLimits message_limits = {
    .headers = 1000,
    .header_bytes = 256 * 1024,
    .parts = 1000,
    .depth = 64,
    .parameters = 256,
    .addresses = 10000,
    .references = 1000,
};

void message_prepare(void) {
    static bool prepared;
    if (prepared)
        return;
    prepared = true;
    g_mime_init();
    charset_prepare();
    /* One message of each kind of part: whatever GMime, OpenSSL and GObject set up at first use is set up now. */
    static const char sample[] = "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
                                 "Content-Type: message/rfc822\r\n\r\nSubject: =?iso-8859-1?Q?=E4?=\r\n\r\nx\r\n--b\r\n"
                                 "Content-Type: application/pkcs7-mime; name*=utf-8''x.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMAA=\r\n--b--\r\n";
    MessageInput input = {.data = sample, .length = sizeof sample - 1};
    facts_free(message_read(&input, envelope_new()));
}

/* A line that mailboxes put above a message; no header, and no reason to distrust what follows. */
static Slice without_mbox_line(Slice message) {
    Slice rest = message, line;
    return message.length > 5 && memcmp(message.at, "From ", 5) == 0 && slice_line(&rest, &line) ? rest : message;
}

static void digest_body(Facts *facts, Slice body) {
    unsigned char digest[SHA256_SIZE];
    sha256_of(&(Bytes){body.at, body.length}, 1, digest);
    g_free(facts->body_digest);
    facts->body_digest = hex_encode(digest, sizeof digest);
}

static void read_content(Facts *facts, const MessageInput *input, Slice message, bool over) {
    g_autoptr(Tree) tree = NULL;
    prescan_bytes(facts, message);
    if (!over)
        tree = tree_parse(facts, message);
    Part *top = tree == NULL ? NULL : tree_top(tree);
    if (top != NULL)
        contents_read(facts, top);
    automatic_judge(facts, top, input->own_mark);
    encrypted_judge(facts, top, input->certs);
}

Facts *message_read(const MessageInput *input, Envelope *envelope) {
    Facts *facts = facts_new(envelope);
    Slice message = without_mbox_line((Slice){input->data, input->length});
    bool over = false;
    facts->size = input->length;
    Slice body = headers_read(facts, message, &over);
    digest_body(facts, over ? message : body);
    if (!input->headers_only) {
        read_content(facts, input, message, over);
        return facts;
    }
    facts->judged = false;
    facts->unreadable = true;
    automatic_judge(facts, NULL, input->own_mark);
    encrypted_judge(facts, NULL, input->certs);
    return facts;
}
