/* SPDX-License-Identifier: Apache-2.0 */
/* Everything is found out before a byte is written: whom it is for, by which certificates, and what stands where. */
#include "message/protect.h"
#include "message/fields.h"
#include "message/protect_headers.h"
#include <string.h>

static bool fail(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char **why, const char *format, ...) {
    va_list values;
    va_start(values, format);
    *why = g_strdup_vprintf(format, values);
    va_end(values);
    return false;
}

void protection_clear(Protection *protection) {
    g_clear_pointer(&protection->own, g_ptr_array_unref);
    g_clear_pointer(&protection->fingerprints, g_ptr_array_unref);
}

/* ---- Whom it is encrypted to ---- */

static void free_cert(void *cert) {
    cert_free(cert);
}

static bool is_among(const GPtrArray *certs, const Cert *cert) {
    for (guint i = 0; i < certs->len; i++)
        if (strcmp(((const Cert *)g_ptr_array_index(certs, i))->fingerprint, cert->fingerprint) == 0)
            return true;
    return false;
}

/* Takes `owned` over. */
static void add_once(GPtrArray *certs, GPtrArray *owned_by, Cert *owned) {
    if (!is_among(certs, owned))
        g_ptr_array_add(certs, owned);
    g_ptr_array_add(owned_by, owned);
}

/* All of the archive's that are of this kind, or why not. */
static char *add_archive(const GPtrArray *archive, CertKind kind, Instant now, GPtrArray *certs) {
    unsigned found = 0;
    for (guint i = 0; archive != NULL && i < archive->len; i++) {
        Cert *cert = g_ptr_array_index(archive, i);
        if (cert->kind != kind)
            continue;
        found++;
        if (!cert_state_encrypts(cert_state(cert, now))) {
            g_autofree char *words = cert_state_words(cert, now);
            return g_strdup_printf("the %s of the firm's archive %s", cert_kind_name(kind), words);
        }
        if (!is_among(certs, cert))
            g_ptr_array_add(certs, cert);
    }
    bool lacking = archive != NULL && archive->len > 0 && found == 0;
    return lacking ? g_strdup_printf("the firm's archive has no %s", cert_kind_name(kind)) : NULL;
}

/* Of the recipients, owned; and all once, those of the archive last. */
typedef struct {
    GPtrArray *people, *certs;
} Readers;

/* All of them, or none. */
static bool find_readers(const ProtectInput *input, CertKind kind, const GPtrArray *recipients, const Readers *readers,
                         char **why) {
    for (guint i = 0; i < recipients->len; i++) {
        const char *address = g_ptr_array_index(recipients, i);
        Cert *cert = encrypt_find(input->certs, address, kind, input->now);
        if (cert == NULL)
            return fail(why, "no valid %s of %s is known", cert_kind_name(kind), address);
        add_once(readers->certs, readers->people, cert);
    }
    *why = recipients->len > 0 ? add_archive(input->archive, kind, input->now, readers->certs)
                               : g_strdup("it is for nobody");
    return *why == NULL;
}

/* ---- Inside and outside ---- */

static bool stands_inside(const RawHeader *header) {
    return slice_begins(header->name, "Content-");
}

typedef void (*FieldUse)(GString *out, const RawHeader *header, Slice field);

/* Calls for each field with its bytes, line end included. */
static void each_field(Slice head, GString *out, FieldUse use) {
    Slice rest = head;
    RawHeader header;
    const char *start = rest.at;
    while (header_next(&rest, &header)) {
        use(out, &header, slice_between(start, rest.at));
        start = rest.at;
    }
}

static void add_field(GString *out, Slice field) {
    g_string_append_len(out, field.at, (gssize)field.length);
    if (field.at[field.length - 1] != '\n')
        g_string_append(out, "\r\n");
}

static void add_outer(GString *out, const RawHeader *header, Slice field) {
    if (!stands_inside(header))
        add_field(out, field);
}

static bool has_field(Slice head, const char *name, RawHeader *header) {
    while (header_next(&head, header))
        if (slice_is(header->name, name))
            return true;
    return false;
}

/* The first subject stands there as another, whatever it is. */
static void add_obscured(GString *out, const RawHeader *header, Slice field) {
    RawHeader met;
    if (!headers_is_hidden(header->name))
        add_outer(out, header, field);
    else if (slice_is(header->name, "Subject") && !has_field((Slice){out->str, out->len}, "Subject", &met))
        g_string_append(out, "Subject: [...]\r\n");
}

static void add_inner(GString *out, const RawHeader *header, Slice field) {
    if (stands_inside(header))
        add_field(out, field);
}

static bool hides_header(const ProtectInput *input) {
    return input->protect_headers && headers_hindrance(input->head) == NULL;
}

void protect_outer_fields(const ProtectInput *input, GString *out) {
    RawHeader header;
    g_autoptr(GString) fields = g_string_new(NULL);
    each_field(input->head, fields, hides_header(input) ? add_obscured : add_outer);
    g_string_append_len(out, fields->str, (gssize)fields->len);
    if (!has_field(input->head, "MIME-Version", &header))
        g_string_append(out, "MIME-Version: 1.0\r\n");
}

/* Programs differ about such lines, and one may take for the body what stands inside. */
static bool is_sound(Slice head, char **why) {
    RawHeader header;
    while (header_next(&head, &header))
        if (header.odd)
            return fail(why, "its header has a line that is no header field");
    return true;
}

/* ---- Canonical line ends ---- */

static bool has_bare_newline(const Bytes *piece) {
    const char *at = piece->data, *end = at + piece->length;
    for (const char *newline = at; (newline = memchr(newline, '\n', (size_t)(end - newline))) != NULL; newline++)
        if (newline == at || newline[-1] != '\r')
            return true;
    return false;
}

/* Are there parts whose LF is no line end? */
static bool is_binary(const ProtectInput *input, Slice text) {
    RawHeader header;
    Slice line;
    if (has_field(input->head, "Content-Transfer-Encoding", &header) && slice_is(slice_strip(header.value), "binary"))
        return true;
    while (slice_line(&text, &line))
        if (slice_begins(line, "Content-Transfer-Encoding:") &&
            slice_is(slice_strip(slice_between(line.at + strlen("Content-Transfer-Encoding:"), line.at + line.length)),
                     "binary"))
            return true;
    return false;
}

static void make_canonical(GString *text) {
    g_autofree char *copy = g_memdup2(text->str, text->len);
    size_t length = text->len;
    g_string_truncate(text, 0);
    for (size_t i = 0; i < length; i++) {
        if (copy[i] == '\n' && (i == 0 || copy[i - 1] != '\r'))
            g_string_append_c(text, '\r');
        g_string_append_c(text, copy[i]);
    }
}

/* The body as it goes on, with CRLF for its line ends: in its own pieces, or joined in `joined`. */
static void add_body(const ProtectInput *input, GArray *pieces, GString *joined) {
    bool bare = false;
    for (size_t i = 0; i < input->pieces && !bare; i++)
        bare = has_bare_newline(&input->body[i]);
    if (!bare) {
        g_array_append_vals(pieces, input->body, (guint)input->pieces);
        return;
    }
    for (size_t i = 0; i < input->pieces; i++)
        g_string_append_len(joined, input->body[i].data, (gssize)input->body[i].length);
    if (!is_binary(input, (Slice){joined->str, joined->len}))
        make_canonical(joined);
    Bytes all = {joined->str, joined->len};
    g_array_append_val(pieces, all);
}

/* ---- The new message ---- */

static bool compose_smime(const ProtectInput *input, const EncryptInput *inner, GString *out, size_t *body_at,
                          char **why) {
    g_string_append_printf(out,
                           "Content-Type: application/pkcs7-mime; smime-type=%s; name=\"smime.p7m\"\r\n"
                           "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n"
                           "Content-Transfer-Encoding: base64\r\n\r\n",
                           inner->authenticated ? "authEnveloped-data" : "enveloped-data");
    *body_at = out->len;
    return encrypt_smime(input->encrypter, inner, out, why);
}

typedef struct {
    CertKind kind;
    bool (*compose)(const ProtectInput *input, const EncryptInput *inner, GString *out, size_t *body_at, char **why);
} Kind;

static const Kind kinds[] = {
    [SEAL_SMIME] = {CERT_SMIME, compose_smime},
    [SEAL_OPENPGP] = {CERT_OPENPGP, protect_openpgp},
};

bool protect_kind(Seal seal, CertKind *kind) {
    if (seal == SEAL_NONE || (size_t)seal >= G_N_ELEMENTS(kinds) || kinds[seal].compose == NULL)
        return false;
    *kind = kinds[seal].kind;
    return true;
}

char *protect_hindrance(const GPtrArray *archive, Seal seal, Instant now) {
    CertKind kind;
    g_autoptr(GPtrArray) certs = g_ptr_array_new();
    return protect_kind(seal, &kind) ? add_archive(archive, kind, now, certs)
                                     : g_strdup("the gateway does not encrypt this way");
}

/* The layer's end, when there is one, as the last piece. */
static void end_layer(const char *layer, GString *end, GArray *pieces) {
    if (layer == NULL)
        return;
    g_string_append_printf(end, "\r\n--%s--\r\n", layer);
    Bytes piece = {end->str, end->len};
    g_array_append_val(pieces, piece);
}

/* With the empty line, and what the text begins with where the subject is shown there. */
static void write_inner_fields(const ProtectInput *input, const char *layer, GString *fields) {
    g_autoptr(GString) display = NULL;
    if (layer != NULL) {
        headers_write_layer(input->head, layer, fields);
    } else if (hides_header(input)) {
        display = headers_display(input->head);
        headers_write_inside(input->head, display != NULL, fields);
    } else {
        each_field(input->head, fields, add_inner);
        if (fields->len == 0)
            g_string_append(fields, "Content-Type: text/plain\r\n");
    }
    g_string_append(fields, "\r\n");
    if (display != NULL)
        g_string_append_len(fields, display->str, (gssize)display->len);
}

/* Did a signature of each of them say that their program reads AES-GCM? */
static bool all_read_gcm(const GPtrArray *certs) {
    for (guint i = 0; i < certs->len; i++)
        if ((((const Cert *)g_ptr_array_index(certs, i))->reads & CERT_READS_AES256_GCM) == 0)
            return false;
    return certs->len > 0;
}

static bool compose(const ProtectInput *input, const Kind *kind, const Readers *readers, GString *out,
                    Protection *protection, char **why) {
    g_autoptr(GString) fields = g_string_new(NULL);
    g_autoptr(GString) joined = g_string_new(NULL);
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Bytes));
    g_autoptr(GString) end = g_string_new(NULL);
    bool layered = hides_header(input) && headers_need_layer(input->head);
    g_autofree char *layer = layered ? protect_boundary() : NULL;
    size_t start = out->len;
    write_inner_fields(input, layer, fields);
    Bytes head = {fields->str, fields->len};
    g_array_append_val(pieces, head);
    add_body(input, pieces, joined);
    end_layer(layer, end, pieces);
    EncryptInput inner = {.pieces = (const Bytes *)(void *)pieces->data,
                          .count = pieces->len,
                          .certs = readers->certs,
                          .authenticated = all_read_gcm(readers->people),
                          .now = input->now};
    protect_outer_fields(input, out);
    if (!kind->compose(input, &inner, out, &protection->body_at, why)) {
        g_string_truncate(out, start);
        return false;
    }
    protection->body_at -= start;
    return true;
}

static GPtrArray *fingerprints_of(const GPtrArray *certs) {
    GPtrArray *fingerprints = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < certs->len; i++)
        g_ptr_array_add(fingerprints, g_strdup(((const Cert *)g_ptr_array_index(certs, i))->fingerprint));
    return fingerprints;
}

static void write_clear(const ProtectInput *input, GString *out, Protection *protection) {
    g_string_append_len(out, input->head.at, (gssize)input->head.length);
    protection->body_at = input->head.length;
    protection->fingerprints = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < input->pieces; i++)
        g_string_append_len(out, input->body[i].data, (gssize)input->body[i].length);
}

bool protect_message(const ProtectInput *input, Seal seal, const GPtrArray *recipients, GString *out,
                     Protection *protection, char **why) {
    g_autoptr(GPtrArray) certs = g_ptr_array_new();
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(free_cert);
    *protection = (Protection){0};
    if (seal == SEAL_NONE) {
        write_clear(input, out, protection);
        return true;
    }
    CertKind kind;
    if (!protect_kind(seal, &kind))
        return fail(why, "the gateway does not encrypt this way");
    Readers readers = {owned, certs};
    if (!is_sound(input->head, why) || !find_readers(input, kind, recipients, &readers, why) ||
        !compose(input, &kinds[seal], &readers, out, protection, why))
        return false;
    if (input->protect_headers && headers_have_secrets(input->head))
        protection->subject_outside = headers_hindrance(input->head);
    protection->own = fingerprints_of(owned);
    protection->fingerprints = fingerprints_of(certs);
    return true;
}
