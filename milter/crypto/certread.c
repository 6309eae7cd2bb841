/* SPDX-License-Identifier: Apache-2.0 */
/* Which format is it? Then the reader of that format; and the text in which one certificate or key is kept. */
#include "base/io.h"
#include "base/text.h"
#include "crypto/certs_private.h"
#include <string.h>
#include <sys/stat.h>

/* What we write above the armor, where every program passes over it (RFC 7468 section 2). */
#define FIRST_SEEN "First-Seen: "
#define SIGNED_AT "Signed-At: "
#define READS "Reads: "

static void free_bytes(void *bytes) {
    g_bytes_unref(bytes);
}

static void free_one(void *cert) {
    cert_free(cert);
}

CertReads *certreads_new(void) {
    CertReads *reads = g_new0(CertReads, 1);
    reads->certs = g_ptr_array_new_with_free_func(free_one);
    reads->issuers = g_ptr_array_new_with_free_func(free_bytes);
    reads->problems = g_ptr_array_new_with_free_func(g_free);
    return reads;
}

void certreads_free(CertReads *reads) {
    if (reads == NULL)
        return;
    g_ptr_array_unref(reads->certs);
    g_ptr_array_unref(reads->issuers);
    g_ptr_array_unref(reads->problems);
    g_free(reads);
}

void certread_problem(CertReads *reads, const char *format, ...) {
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    g_ptr_array_add(reads->problems, text_printable(text, strlen(text), 400));
}

void cert_add_address(Cert *cert, const char *address) {
    g_autofree char *known = address_normalise(address);
    if (!address_is_plausible(known))
        return;
    const char *start = address + strspn(address, " \t<"), *end = start + strcspn(start, " \t>");
    g_autofree char *written = g_strndup(start, (gsize)(end - start));
    if (!g_ptr_array_find_with_equal_func(cert->addresses, written, g_str_equal, NULL))
        g_ptr_array_add(cert->addresses, g_steal_pointer(&written));
}

static bool holds(const char *data, size_t length, const char *text) {
    return memmem(data, length, text, strlen(text)) != NULL;
}

/* In text, in DER, or as a binary OpenPGP secret key: its first packet has tag 5 (RFC 9580 section 4.2, both header
 * forms). */
static bool holds_private_key(const char *data, size_t length) {
    unsigned char first = length > 0 ? (unsigned char)data[0] : 0;
    if (first == 0x30)
        return is_private_key(data, length);
    return holds(data, length, "PRIVATE KEY") || first == 0xc5 || (first & 0xfc) == 0x94;
}

void certread_look_for_private_key(CertReads *reads, const char *data, size_t length) {
    reads->private_key |= holds_private_key(data, length);
    reads->pkcs12 |= length > 0 && data[0] == 0x30 && is_pkcs12(data, length);
}

static bool is_vcard(const char *data, size_t length) {
    static const char word[] = "BEGIN:VCARD";
    size_t at = length >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < length && g_ascii_isspace(data[at]))
        at++;
    return length - at >= strlen(word) && g_ascii_strncasecmp(data + at, word, strlen(word)) == 0;
}

void certread_bytes(CertReads *reads, const char *data, size_t length, const char *passphrase) {
    guint before = reads->certs->len + reads->issuers->len + reads->problems->len;
    bool openpgp = length > 0 && ((unsigned char)data[0] & 0x80) != 0 && (unsigned char)data[0] != 0xef;
    if (is_vcard(data, length)) {
        certread_vcard(reads, data, length);
    } else if (openpgp || holds(data, length, "-----BEGIN PGP ")) {
        reads->private_key |= holds_private_key(data, length);
        certread_openpgp(reads, data, length);
    } else if (length == 0 || data[0] != 0x30 || !certread_pkcs12(reads, data, length, passphrase)) {
        reads->private_key |= holds_private_key(data, length);
        if (!certread_pkcs7(reads, data, length))
            certread_x509(reads, data, length);
    }
    if (before == reads->certs->len + reads->issuers->len + reads->problems->len)
        certread_problem(reads, "there is no certificate and no OpenPGP key in it");
}

static char *find_line(const char *data, size_t length, const char *name) {
    const char *at = memmem(data, MIN(length, 1024), name, strlen(name));
    if (at == NULL)
        return NULL;
    at += strlen(name);
    size_t left = length - (size_t)(at - data);
    const char *end = memchr(at, '\n', left);
    return g_strchomp(g_strndup(at, end == NULL ? left : (size_t)(end - at)));
}

static void find_time(const char *data, size_t length, const char *name, Instant *when) {
    g_autofree char *text = find_line(data, length, name);
    if (text != NULL)
        instant_parse(text, when);
}

static const char *const reads_names[] = {"aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc", "oaep"};
G_STATIC_ASSERT(CERT_READS_ALL == (1 << G_N_ELEMENTS(reads_names)) - 1);

char *cert_reads_words(unsigned reads) {
    GString *words = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(reads_names); i++)
        if (reads & 1U << i)
            g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", reads_names[i]);
    return g_string_free(words, FALSE);
}

static unsigned find_reads(const char *data, size_t length) {
    g_autofree char *line = find_line(data, length, READS);
    g_autoptr(GPtrArray) words = line == NULL ? g_ptr_array_new() : text_words(line);
    unsigned reads = 0;
    for (guint w = 0; w < words->len; w++)
        for (size_t i = 0; i < G_N_ELEMENTS(reads_names); i++)
            if (strcmp(g_ptr_array_index(words, w), reads_names[i]) == 0)
                reads |= 1U << i;
    return reads;
}

bool certread_file(CertReads *reads, const char *path, GError **error) {
    size_t length = 0;
    struct stat file;
    g_autofree char *data = io_read_regular(path, CERT_FILE_MAX, &length, error);
    if (data == NULL)
        return false;
    Instant last = stat(path, &file) == 0 ? instant_from_seconds(file.st_mtime) : (Instant){0}, first = last;
    Instant signed_at = {0};
    find_time(data, length, FIRST_SEEN, &first);
    find_time(data, length, SIGNED_AT, &signed_at);
    guint from = reads->certs->len;
    certread_bytes(reads, data, length, NULL);
    for (guint i = from; i < reads->certs->len; i++) {
        Cert *cert = g_ptr_array_index(reads->certs, i);
        cert->first_seen = first;
        cert->last_seen = last;
        cert->signed_at = signed_at;
        cert->reads = instant_seconds(signed_at) > 0 ? find_reads(data, length) : 0;
    }
    return true;
}

char *cert_as_text(const Cert *cert) {
    char seen[INSTANT_TEXT], signed_at[INSTANT_TEXT];
    g_autofree char *armor = cert->kind == CERT_OPENPGP ? openpgp_armored(cert->data) : issuer_as_text(cert->data);
    g_autofree char *reads = cert_reads_words(cert->reads);
    g_autofree char *signature =
        instant_seconds(cert->signed_at) > 0
            ? g_strdup_printf(SIGNED_AT "%s\n" READS "%s\n", instant_format(cert->signed_at, signed_at), reads)
            : g_strdup("");
    return g_strdup_printf(FIRST_SEEN "%s\n%s%s", instant_format(cert->first_seen, seen), signature, armor);
}
