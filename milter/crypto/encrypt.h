/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypting to people: bytes become an object that their programs open.
 *
 * Whom it is for was found out, and validated, before anything is done (encrypt_find()); what is written here is read
 * again by the proof (crypto/proof.h) before it leaves. Runs confined: opens no file once an Encrypter is there. */
#pragma once
#include "base/seal.h"
#include "crypto/certs.h"

/* What is kept from one message to the next: certificates that were parsed, algorithms that were set up. Belongs to
 * one thread; made before the process is confined. Never NULL. */
typedef struct Encrypter Encrypter;
Encrypter *encrypter_new(void);
void encrypter_free(Encrypter *encrypter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Encrypter, encrypter_free)

/* What of this kind an address is encrypted to at `now`: the newest valid one. NULL: there is none. Caller owns. */
Cert *encrypt_find(const CertStore *certs, const char *address, CertKind kind, Instant now);

/* The firm's archive certificates and keys, from their files (char *, policy's encryption.archive). NULL with error,
 * which names the file, when one of them cannot be read or is none that can be encrypted to. Cert, caller owns; whether
 * one is valid at the time of a message is asked then. */
GPtrArray *encrypt_load_archive(const GPtrArray *files, GError **error);

typedef struct {
    const Bytes *pieces; /* what is encrypted, in order */
    size_t count;
    const GPtrArray *certs; /* Cert, all of the one kind, no repeats: recipients and archive */
    bool authenticated;     /* S/MIME: AES-256-GCM, only where every recipient's program is known to read it */
    Instant now;            /* OpenPGP: of each key the part that is valid then */
} EncryptInput;

/* Append the object to `out`: S/MIME as base64 (RFC 2045), OpenPGP in armor (RFC 9580), in lines that end in CRLF.
 * False with why, for people (caller owns), and nothing appended. */
bool encrypt_smime(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why);
bool encrypt_openpgp(Encrypter *encrypter, const EncryptInput *input, GString *out, char **why);
