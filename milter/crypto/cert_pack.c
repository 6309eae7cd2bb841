/* SPDX-License-Identifier: Apache-2.0 */
/* How a certificate lies in the snapshot: numbers of eight bytes, texts and bytes behind their length. Reading checks
 * every length, so a damaged snapshot gives NULL and no wrong bytes. */
#include "crypto/cert.h"
#include <string.h>

static void put_number(GByteArray *out, int64_t number) {
    g_byte_array_append(out, (const guint8 *)&number, sizeof number);
}

static void put_bytes(GByteArray *out, const void *data, size_t length) {
    put_number(out, (int64_t)length);
    if (length > 0)
        g_byte_array_append(out, data, (guint)length);
}

static void put_text(GByteArray *out, const char *text) {
    put_bytes(out, text, strlen(text));
}

/* One list of all members says the order for writing and reading. */
enum { TEXTS = 7, BLOBS = 4, INSTANTS = 7 };

static void list_instants(Cert *cert, Instant *instants[INSTANTS]) {
    instants[0] = &cert->not_before;
    instants[1] = &cert->not_after;
    instants[2] = &cert->revoked;
    instants[3] = &cert->checked_until;
    instants[4] = &cert->first_seen;
    instants[5] = &cert->last_seen;
    instants[6] = &cert->signed_at;
}

static void list_texts(Cert *cert, char **texts[TEXTS]) {
    texts[0] = &cert->fingerprint;
    texts[1] = &cert->file;
    texts[2] = &cert->subject;
    texts[3] = &cert->issuer_name;
    texts[4] = &cert->algorithm;
    texts[5] = &cert->unusable;
    texts[6] = &cert->chain;
}

static void list_blobs(Cert *cert, GBytes **blobs[BLOBS]) {
    blobs[0] = &cert->data;
    blobs[1] = &cert->issuer;
    blobs[2] = &cert->serial;
    blobs[3] = &cert->key_id;
}

GByteArray *cert_pack(const Cert *cert) {
    GByteArray *out = g_byte_array_new();
    Cert *view = (Cert *)cert;
    Instant *instants[INSTANTS];
    char **texts[TEXTS];
    GBytes **blobs[BLOBS];
    list_instants(view, instants);
    list_texts(view, texts);
    list_blobs(view, blobs);
    put_number(out, cert->kind);
    put_number(out, cert->source);
    put_number(out, cert->trust);
    put_number(out, cert->reads);
    for (size_t i = 0; i < INSTANTS; i++)
        put_number(out, instants[i]->us);
    for (size_t i = 0; i < TEXTS; i++)
        put_text(out, *texts[i]);
    for (size_t i = 0; i < BLOBS; i++)
        put_bytes(out, g_bytes_get_data(*blobs[i], NULL), g_bytes_get_size(*blobs[i]));
    put_bytes(out, cert->keys->data, cert->keys->len * sizeof(CertKey));
    put_number(out, cert->addresses->len);
    for (guint i = 0; i < cert->addresses->len; i++)
        put_text(out, g_ptr_array_index(cert->addresses, i));
    return out;
}

typedef struct {
    const unsigned char *at, *end;
    bool bad;
} Reader;

static int64_t take_number(Reader *in) {
    int64_t number = 0;
    if (in->bad || (size_t)(in->end - in->at) < sizeof number) {
        in->bad = true;
        return 0;
    }
    memcpy(&number, in->at, sizeof number);
    in->at += sizeof number;
    return number;
}

static const void *take_bytes(Reader *in, size_t *length) {
    uint64_t wanted = (uint64_t)take_number(in);
    if (in->bad || wanted > (size_t)(in->end - in->at)) {
        in->bad = true;
        wanted = 0;
    }
    *length = (size_t)wanted;
    in->at += wanted;
    return in->at - wanted;
}

static char *take_text(Reader *in) {
    size_t length;
    const char *text = take_bytes(in, &length);
    return g_strndup(text, length);
}

static void take_keys(Reader *in, Cert *cert) {
    size_t length;
    const void *keys = take_bytes(in, &length);
    in->bad |= length % sizeof(CertKey) != 0;
    if (!in->bad && length > 0)
        g_array_append_vals(cert->keys, keys, (guint)(length / sizeof(CertKey)));
}

Cert *cert_unpack(const void *data, size_t length) {
    Reader in = {data, (const unsigned char *)data + length, false};
    uint64_t kind = (uint64_t)take_number(&in), source = (uint64_t)take_number(&in), trust = (uint64_t)take_number(&in);
    uint64_t reads = (uint64_t)take_number(&in);
    if (in.bad || kind > CERT_OPENPGP || source >= CERT_SOURCES || trust > TRUST_NONE || reads > CERT_READS_ALL)
        return NULL;
    g_autoptr(Cert) cert = cert_new((CertKind)kind);
    cert->source = (CertSource)source;
    cert->trust = (CertTrust)trust;
    cert->reads = (unsigned)reads;
    Instant *instants[INSTANTS];
    char **texts[TEXTS];
    GBytes **blobs[BLOBS];
    list_instants(cert, instants);
    list_texts(cert, texts);
    list_blobs(cert, blobs);
    for (size_t i = 0; i < INSTANTS; i++)
        instants[i]->us = take_number(&in);
    for (size_t i = 0; i < TEXTS; i++) {
        g_free(*texts[i]);
        *texts[i] = take_text(&in);
    }
    for (size_t i = 0; i < BLOBS; i++) {
        size_t size;
        const void *bytes = take_bytes(&in, &size);
        g_bytes_unref(*blobs[i]);
        *blobs[i] = g_bytes_new(bytes, size);
    }
    take_keys(&in, cert);
    for (int64_t left = take_number(&in); left > 0 && !in.bad; left--)
        g_ptr_array_add(cert->addresses, take_text(&in));
    return in.bad || in.at != in.end ? NULL : g_steal_pointer(&cert);
}
