/* SPDX-License-Identifier: Apache-2.0 */
/* The order of reading: headers from bytes, limits, parts, contents, then what follows from them. */
#include "message/message.h"
#include "base/seal.h"
#include "crypto/verify.h"
#include "message/automatic.h"
#include "message/bounce.h"
#include "message/charset.h"
#include "message/contents.h"
#include "message/document.h"
#include "message/encrypted.h"
#include "message/fields.h"
#include "message/gmime_auto.h"
#include "message/headers.h"
#include "message/prescan.h"
#include "message/recipientkeys.h"
#include "message/signature.h"
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
    archive_prepare();
    verify_prepare();
    /* One message of each kind of part: whatever GMime, OpenSSL and GObject set up at first use is set up now. */
    static const char sample[] =
        "From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nSubject: =?iso-8859-1?Q?=E4?=\r\n\r\nx\r\n--b\r\n"
        "Content-Type: application/pkcs7-mime; name*=utf-8''x.p7m\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\nMAA=\r\n--b--\r\n";
    MessageInput input = {.data = sample, .length = sizeof sample - 1};
    facts_free(message_read(&input, envelope_new()));
}

/* SHA-256 of the body, in which the digest of a large attachment stands for its bytes: they are hashed anyway, and
 * twice costs more than all the parsing. `top` NULL: of the bytes alone. */
typedef struct {
    GArray *pieces; /* Bytes */
    Slice rest;
} Digest;

static void digest_part(Part *part, void *state) {
    Digest *digest = state;
    if (part->digest == NULL || part->raw.length < LARGE_PART || part->raw.at < digest->rest.at ||
        part->raw.at + part->raw.length > digest->rest.at + digest->rest.length)
        return;
    Bytes before = {digest->rest.at, (size_t)(part->raw.at - digest->rest.at)};
    Bytes stand_in = {part->digest, strlen(part->digest)};
    g_array_append_val(digest->pieces, before);
    g_array_append_val(digest->pieces, stand_in);
    digest->rest = slice_between(part->raw.at + part->raw.length, digest->rest.at + digest->rest.length);
}

static void digest_body(Facts *facts, Slice body, Part *top) {
    Digest digest = {g_array_new(FALSE, FALSE, sizeof(Bytes)), body};
    unsigned char sum[SHA256_SIZE];
    if (top != NULL)
        part_each(top, digest_part, &digest);
    Bytes last = {digest.rest.at, digest.rest.length};
    g_array_append_val(digest.pieces, last);
    sha256_of((const Bytes *)(void *)digest.pieces->data, digest.pieces->len, sum);
    g_array_unref(digest.pieces);
    g_free(facts->body_digest);
    facts->body_digest = hex_encode(sum, sizeof sum);
}

/* What headers_read() found. */
typedef struct {
    Slice message, body;
    bool over;
} Extent;

static void read_content(Facts *facts, const MessageInput *input, const Extent *extent) {
    g_autoptr(Tree) tree = NULL;
    OddBytes odd = prescan_bytes(facts, extent->message);
    if (!extent->over)
        tree = tree_parse(facts, extent->message, odd);
    Part *top = tree == NULL ? NULL : tree_top(tree);
    if (top != NULL)
        contents_read(facts, tree);
    digest_body(facts, extent->over ? extent->message : extent->body, top);
    automatic_judge(facts, top, input->own_mark);
    bounce_read(facts, top, extent->message);
    if (facts->automatic == AUTO_BOUNCE || facts->automatic == AUTO_RECEIPT)
        facts->asks = ASKS_NO; /* "please check the address": nobody waits for it */
    encrypted_judge(facts, top, input->certs, input->terms);
    signature_judge(facts, tree, extent->message, input->certs);
    if (input->tree != NULL)
        *input->tree = g_steal_pointer(&tree);
}

Facts *message_read(const MessageInput *input, Envelope *envelope) {
    Facts *facts = facts_new(envelope);
    Extent extent = {.message = header_skip_mbox_line((Slice){input->data, input->length})};
    facts->size = input->length;
    recipient_keys_read(facts, input->certs);
    extent.body = headers_read(facts, extent.message, &extent.over);
    if (!input->headers_only) {
        read_content(facts, input, &extent);
        return facts;
    }
    facts->judged = false;
    facts->unreadable = true;
    digest_body(facts, extent.over ? extent.message : extent.body, NULL);
    automatic_judge(facts, NULL, input->own_mark);
    encrypted_judge(facts, NULL, input->certs, input->terms);
    signature_judge(facts, NULL, extent.message, input->certs);
    return facts;
}
