/* SPDX-License-Identifier: Apache-2.0 */
/* A message taken apart and put together again around its encrypted self.
 *
 * Inside, to be read by recipients alone, stands the inner entity: the Content-* fields and the body, byte for byte as
 * they go on, so that a signature in it stays good. Outside stands what is left: the other fields, in their order, and
 * an encrypted part for a body. All line ends are CRLF. */
#pragma once
#include "crypto/encrypt.h"
#include "facts/facts.h"
#include "message/slice.h"

typedef struct {
    Slice head;        /* fields as they go on (a policy's changes made), with the empty line that ends them */
    const Bytes *body; /* as it goes on, in pieces */
    size_t pieces;
    const CertStore *certs;
    const GPtrArray *archive; /* Cert, encrypt_load_archive(); may be empty */
    Encrypter *encrypter;
    Instant now;
    bool protect_headers; /* RFC 9788: what people read of the header stands inside, the subject alone there */
} ProtectInput;

/* What was made. */
typedef struct {
    size_t body_at;          /* where the body begins, from where the message does in `out` */
    GPtrArray *own;          /* char *: the one of each recipient, in their order */
    GPtrArray *fingerprints; /* char *: of the certificates and keys it is encrypted to, the archive's last */
    const char *subject_outside; /* why the subject stays readable although it should not: headers_hindrance(); NULL */
} Protection;

void protection_clear(Protection *protection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Protection, protection_clear)

/* What kind of certificate or key a seal needs; false: this gateway does not make it. */
bool protect_kind(Seal seal, CertKind *kind);

/* Why nothing can be encrypted so at all, whomever for: the archive's certificate. NULL: it can. Caller owns. */
char *protect_hindrance(const GPtrArray *archive, Seal seal, Instant now);

/* Appends one whole message to `out`: encrypted to `recipients` (char *) and the archive the way that `seal` says, or
 * for SEAL_NONE as it goes on. False with why, for people (caller owns), and nothing appended. */
bool protect_message(const ProtectInput *input, Seal seal, const GPtrArray *recipients, GString *out,
                     Protection *protection, char **why);

/* For who composes an encrypted message: the fields that stay outside, each with its CRLF, MIME-Version among them and
 * no Content-*. */
void protect_outer_fields(const ProtectInput *input, GString *out);

/* A boundary that nobody can have known. Caller owns. */
char *protect_boundary(void);

/* PGP/MIME (RFC 3156) around `inner`: the fields of the encrypted message's own type, an empty line, its body. */
bool protect_openpgp(const ProtectInput *input, const EncryptInput *inner, GString *out, size_t *body_at, char **why);
