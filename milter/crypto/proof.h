/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of encryption: is this content readable by nobody but its recipients? From decoded bytes, never from labels.
 *
 * DESIGN section 5, reference rules in RFC 8551 (S/MIME) and RFC 9580 (OpenPGP). Parses what strangers sent: call it
 * confined. Depth and size are capped; nothing is decrypted. Pure. */
#pragma once
#include "crypto/certs.h"

typedef enum { CONTENT_ENCRYPTED, CONTENT_CLEAR, CONTENT_BROKEN } ContentVerdict;

/* What one CMS or OpenPGP object says of itself. */
typedef struct ContentProof ContentProof;
void content_proof_free(ContentProof *proof);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContentProof, content_proof_free)

/* `data` is the decoded body of the part. CLEAR: a genuine object that encrypts nothing (signed-data, compressed, key
 * block); BROKEN: claims to be encrypted and is not. */
ContentProof *proof_cms(const unsigned char *data, size_t length);
ContentProof *proof_openpgp(const unsigned char *data, size_t length); /* binary or armored */

ContentVerdict content_proof_verdict(const ContentProof *proof);

/* What a CLEAR object is. */
typedef enum {
    KIND_OTHER,
    KIND_ENCRYPTED,
    KIND_SIGNED,    /* CMS signed-data, or an OpenPGP message that is signed and not encrypted */
    KIND_SIGNATURE, /* a signature and nothing else: CMS without content, OpenPGP signature packets */
    KIND_COMPRESSED,
    KIND_KEYS,
} ContentKind;
ContentKind content_proof_kind(const ContentProof *proof);

/* The content that CMS signed-data or compressed-data carries, borrowed; NULL when there is none that can be read. It
 * is to be judged again. */
const unsigned char *content_proof_inner(const ContentProof *proof, size_t *length);

const char *content_proof_why(const ContentProof *proof); /* one plain sentence, borrowed */

/* Of an ENCRYPTED object: does its content or a key in it rest on triple DES? It may count where a policy says so. */
bool content_proof_is_weak(const ContentProof *proof);

/* Of an ENCRYPTED object: is it in the OCB form of GnuPG 2.3 and later, which no standard has and few programs read? */
bool content_proof_is_legacy(const ContentProof *proof);

typedef enum { FOR_YES, FOR_NO, FOR_UNKNOWN } ForRecipient;

/* Is it for this address, by any certificate or key valid at `now`? UNKNOWN: none known for the address, or an
 * anonymous recipient. *why (caller owns) says so without the address: "it is encrypted to a certificate of theirs". */
ForRecipient content_proof_for(const ContentProof *proof, const CertStore *certs, const char *address, Instant now,
                               char **why);

/* Does this text, but for white space, consist of one armored OpenPGP block of any kind ("-----BEGIN PGP …")? */
bool openpgp_is_armored(const unsigned char *data, size_t length);

/* The container kinds, for an attachment's bytes: is the whole file encrypted with AES? */
ContentVerdict proof_container(const unsigned char *data, size_t length, const char *name);
