/* SPDX-License-Identifier: Apache-2.0 */
/* CMS EnvelopedData and AuthEnvelopedData (RFC 5652, 5083, 8551) in DER.
 *
 * OpenSSL makes the recipient infos and encrypts; the ciphertext goes straight into base64, and the lengths around it
 * are ours, since they are known before. So nothing of the size of the message is copied. */
#include "base/text.h"
#include "crypto/base64lines.h"
#include "crypto/ber.h"
#include "crypto/encrypt_private.h"
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

enum { PARSED_MAX = 512, BLOCK = 16, TAG = 16 };
enum { DER_CONTENT = 0x80 }; /* [0] IMPLICIT OCTET STRING */

static bool fail(char **why, const char *what) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    *why = g_strdup_printf("%s%s%s%s", what, reason != NULL ? " (" : "", reason != NULL ? reason : "",
                           reason != NULL ? ")" : "");
    ERR_clear_error();
    return false;
}

/* ---- Certificates ---- */

static void free_x509(void *x509) {
    X509_free(x509);
}

/* Borrowed from the cache; NULL: it cannot be parsed. */
static X509 *parsed(Encrypter *encrypter, const Cert *cert) {
    X509 *x509 = g_hash_table_lookup(encrypter->parsed, cert->fingerprint);
    if (x509 != NULL)
        return x509;
    gsize length;
    const unsigned char *der = g_bytes_get_data(cert->data, &length);
    x509 = d2i_X509(NULL, &der, (long)length);
    if (x509 == NULL)
        return NULL;
    if (g_hash_table_size(encrypter->parsed) >= PARSED_MAX)
        g_hash_table_remove_all(encrypter->parsed);
    g_hash_table_insert(encrypter->parsed, g_strdup(cert->fingerprint), x509);
    return x509;
}

/* OpenSSL 3.0 would derive a key of elliptic curves by SHA-1; its key wrap is as wide as the cipher. OAEP is for whom
 * it is known to open. */
static bool add_recipient(CMS_ContentInfo *cms, X509 *x509, unsigned reads) {
    CMS_RecipientInfo *info = CMS_add1_recipient_cert(cms, x509, CMS_KEY_PARAM);
    EVP_PKEY_CTX *key = info != NULL ? CMS_RecipientInfo_get0_pkey_ctx(info) : NULL;
    if (key == NULL)
        return false;
    if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE)
        return EVP_PKEY_CTX_set_ecdh_kdf_md(key, EVP_sha256()) > 0;
    return (reads & CERT_READS_OAEP) == 0 ||
           (EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_OAEP_PADDING) > 0 &&
            EVP_PKEY_CTX_set_rsa_oaep_md(key, EVP_sha256()) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(key, EVP_sha256()) > 0);
}

static CMS_ContentInfo *new_envelope(Encrypter *encrypter, const EncryptInput *input, char **why) {
    CMS_ContentInfo *cms = input->authenticated ? CMS_AuthEnvelopedData_create(EVP_aes_256_gcm())
                                                : CMS_EnvelopedData_create(EVP_aes_256_cbc());
    if (cms == NULL) {
        fail(why, "OpenSSL can make no envelope");
        return NULL;
    }
    for (guint i = 0; i < input->certs->len; i++) {
        const Cert *cert = g_ptr_array_index(input->certs, i);
        X509 *x509 = parsed(encrypter, cert);
        if (x509 != NULL && add_recipient(cms, x509, cert->reads))
            continue;
        g_autofree char *what = g_strdup_printf("the certificate of %s cannot be encrypted to",
                                                (char *)g_ptr_array_index(cert->addresses, 0));
        fail(why, what);
        CMS_ContentInfo_free(cms);
        return NULL;
    }
    return cms;
}

/* ---- DER around the ciphertext ---- */

/* What OpenSSL wrote of an envelope whose content is elsewhere: each element whole. */
typedef struct {
    BerCursor type, front, content, tail; /* OID; version and infos; content's type and cipher; tag, if any */
} Shell;

static BerCursor whole(const BerItem *first, const BerItem *last) {
    return (BerCursor){first->start, last->content.end};
}

static bool read_shell(const unsigned char *der, size_t length, Shell *shell) {
    BerCursor top = {der, der + length};
    BerItem info, type, wrapped, envelope, version, infos, content, inner, cipher;
    if (!ber_take(&top, BER_SEQUENCE, &info) || !ber_take(&info.content, BER_OID, &type) ||
        !ber_take(&info.content, BER_CONTEXT(0), &wrapped) || !ber_take(&wrapped.content, BER_SEQUENCE, &envelope) ||
        !ber_take(&envelope.content, BER_INTEGER, &version) || !ber_take(&envelope.content, BER_SET, &infos) ||
        !ber_take(&envelope.content, BER_SEQUENCE, &content) || !ber_take(&content.content, BER_OID, &inner) ||
        !ber_take(&content.content, BER_SEQUENCE, &cipher) || content.content.at != content.content.end)
        return false;
    *shell = (Shell){whole(&type, &type), whole(&version, &infos), whole(&inner, &cipher), envelope.content};
    return true;
}

static size_t size_of(BerCursor bytes) {
    return (size_t)(bytes.end - bytes.at);
}

static size_t der_head(unsigned char *out, unsigned char identifier, size_t length) {
    size_t octets = 0, at = 0;
    for (size_t rest = length; length > 127 && rest > 0; rest >>= 8)
        octets++;
    out[at++] = identifier;
    out[at++] = octets > 0 ? (unsigned char)(0x80 | octets) : (unsigned char)length;
    while (octets > 0)
        out[at++] = (unsigned char)(length >> (8 * --octets));
    return at;
}

static size_t der_size(size_t length) {
    unsigned char head[16];
    return der_head(head, 0, length) + length;
}

static void write_head(Base64Lines *lines, unsigned char identifier, size_t length) {
    unsigned char head[16];
    base64lines_add(lines, head, der_head(head, identifier, length));
}

static void write_cursor(Base64Lines *lines, BerCursor bytes) {
    base64lines_add(lines, bytes.at, size_of(bytes));
}

static void reserve(GString *out, size_t length) {
    size_t before = out->len;
    g_string_set_size(out, before + length);
    g_string_truncate(out, before);
}

/* All before the ciphertext of `length` octets, behind which `tail` octets follow. */
static void write_front(Base64Lines *lines, const Shell *shell, size_t length, size_t tail) {
    size_t content = size_of(shell->content) + der_size(length);
    size_t envelope = size_of(shell->front) + der_size(content) + tail;
    size_t info = size_of(shell->type) + der_size(der_size(envelope));
    reserve(lines->out, base64lines_length(der_size(info)));
    write_head(lines, BER_SEQUENCE, info);
    write_cursor(lines, shell->type);
    write_head(lines, BER_CONTEXT(0), der_size(envelope));
    write_head(lines, BER_SEQUENCE, envelope);
    write_cursor(lines, shell->front);
    write_head(lines, BER_SEQUENCE, content);
    write_cursor(lines, shell->content);
    write_head(lines, DER_CONTENT, length);
}

/* `write` is done with the shell as it is now. */
static bool with_shell(CMS_ContentInfo *cms, void (*write)(Base64Lines *, const Shell *, size_t, size_t),
                       Base64Lines *lines, size_t length, size_t tail) {
    unsigned char *der = NULL;
    int size = i2d_CMS_ContentInfo(cms, &der);
    Shell shell;
    bool good = size > 0 && read_shell(der, (size_t)size, &shell);
    if (good)
        write(lines, &shell, length, tail);
    OPENSSL_free(der);
    return good;
}

static void write_tag(Base64Lines *lines, const Shell *shell, size_t length, size_t tail) {
    g_assert(size_of(shell->tail) == tail);
    write_cursor(lines, shell->tail);
}

/* ---- The ciphertext ---- */

static int sink_write(BIO *bio, const char *data, int length) {
    base64lines_add(BIO_get_data(bio), data, (size_t)length);
    return length;
}

static long sink_control(BIO *bio, int what, long number, void *pointer) {
    return what == BIO_CTRL_FLUSH;
}

static int sink_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static BIO *new_sink(const Encrypter *encrypter, Base64Lines *lines) {
    BIO *sink = BIO_new(encrypter->sink);
    if (sink != NULL)
        BIO_set_data(sink, lines);
    return sink;
}

static bool write_pieces(BIO *chain, const EncryptInput *input) {
    for (size_t i = 0; i < input->count; i++)
        for (size_t at = 0; at < input->pieces[i].length;) {
            int part = (int)MIN(input->pieces[i].length - at, INT_MAX);
            if (BIO_write(chain, (const char *)input->pieces[i].data + at, part) != part)
                return false;
            at += (size_t)part;
        }
    return BIO_flush(chain) == 1;
}

static size_t ciphertext_length(const EncryptInput *input) {
    size_t length = 0;
    for (size_t i = 0; i < input->count; i++)
        length += input->pieces[i].length;
    return input->authenticated ? length : (length / BLOCK + 1) * BLOCK;
}

/* The key is made and encrypted to everybody before the first byte: then the shell is complete but for the tag. */
static bool write_envelope(const Encrypter *encrypter, CMS_ContentInfo *cms, const EncryptInput *input,
                           Base64Lines *lines) {
    size_t tail = input->authenticated ? der_size(TAG) : 0, length = ciphertext_length(input);
    BIO *sink = new_sink(encrypter, lines), *chain = sink != NULL ? CMS_dataInit(cms, sink) : NULL;
    if (chain == NULL) {
        BIO_free(sink);
        return false;
    }
    bool good = with_shell(cms, write_front, lines, length, tail) && write_pieces(chain, input) &&
                CMS_dataFinal(cms, chain) == 1 && (tail == 0 || with_shell(cms, write_tag, lines, length, tail));
    BIO_free_all(chain);
    return good;
}

bool encrypt_smime(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why) {
    size_t before = out->len;
    CMS_ContentInfo *cms = new_envelope(encrypter, input, why);
    if (cms == NULL)
        return false;
    Base64Lines lines = {.out = out};
    bool good = write_envelope(encrypter, cms, input, &lines);
    CMS_ContentInfo_free(cms);
    if (good) {
        base64lines_end(&lines);
        return true;
    }
    g_string_truncate(out, before);
    return fail(why, "OpenSSL cannot encrypt the message");
}

Encrypter *encrypter_new(void) {
    Encrypter *encrypter = g_new0(Encrypter, 1);
    encrypter->parsed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_x509);
    encrypter->sink = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "base64 lines");
    BIO_meth_set_write(encrypter->sink, sink_write);
    BIO_meth_set_ctrl(encrypter->sink, sink_control);
    BIO_meth_set_create(encrypter->sink, sink_create);
    encrypter->pgpkeys = pgpkeys_new();
    return encrypter;
}

void encrypter_free(Encrypter *encrypter) {
    if (encrypter == NULL)
        return;
    g_hash_table_unref(encrypter->parsed);
    BIO_meth_free(encrypter->sink);
    pgpkeys_free(encrypter->pgpkeys);
    g_free(encrypter);
}
