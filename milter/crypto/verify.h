/* SPDX-License-Identifier: Apache-2.0 */
/* Has the owner of an address signed these bytes? S/MIME signatures (RFC 5652, 8551) and OpenPGP ones (RFC 9580).
 *
 * Parses what strangers sent: call it confined. Sizes, depth, and the number of signers, certificates and digests are
 * capped. A store belongs to one thread. */
#pragma once
#include "crypto/certs.h"

enum { SIGNATURE_MAX = 256 << 10, SIGNATURE_KEPT_MAX = 48 << 10 };

/* The better comes first. */
typedef enum {
    SIGNATURE_VALID,
    SIGNATURE_WRONG_ADDRESS,  /* of somebody else */
    SIGNATURE_UNKNOWN_SIGNER, /* sound, and nobody vouches for whose it is */
    SIGNATURE_EXPIRED,        /* the certificate or key, today or when it was signed */
    SIGNATURE_REVOKED,
    SIGNATURE_WEAK,    /* a digest or key that can be forged */
    SIGNATURE_UNKNOWN, /* cannot be checked */
    SIGNATURE_INVALID, /* the bytes are not those that were signed */
    SIGNATURE_NONE,
} SignatureState;

/* As JSON and rules call it ("valid-unknown-signer"), static. */
const char *signature_state_name(SignatureState state);

typedef struct {
    const unsigned char *signature; /* CMS in DER or BER, or OpenPGP packets or armor */
    size_t length;
    const void *content; /* that is signed, as it came; NULL: the signature carries it */
    size_t content_length;
    bool attributes_only; /* of a CMS: the content is not at hand, whatever it was (see `kept`) */
    const CertStore *certs;
    const char *from; /* the address that the message says it comes from; NULL: whose signature it is does not matter */
    const char *signer; /* of a CMS: the fingerprint of the certificate whose signature is asked for; NULL: any */
    Instant now;
} VerifyInput;

typedef struct {
    SignatureState state;
    char *by;          /* an address of the certificate or key, that of From where it has it; "" when there is none */
    char *why;         /* one sentence */
    Instant signed_at; /* 0: it does not say */
    unsigned reads;    /* CertReadsWhat: what the signer's program can read */
    Cert *signer;      /* of S/MIME, NULL otherwise; trust and chain are not set */
    GBytes *kept;      /* of a valid S/MIME signature: it without the content, at most SIGNATURE_KEPT_MAX, for
                        * verify_cms() with `attributes_only`; NULL otherwise */
} Verified;

Verified *verify_cms(const VerifyInput *input);
Verified *verify_openpgp(const VerifyInput *input); /* always detached */

Verified *verified_new(void); /* SIGNATURE_NONE */
void verified_free(Verified *verified);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verified, verified_free)

/* Sets state and sentence, and gives it back. */
Verified *verified_say(Verified *verified, SignatureState state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Once per process, before it is confined: what verifying OpenPGP signatures needs of the system. */
void verify_prepare(void);

/* Of the certificates in a CMS those of the authorities above `signer`, as far as they came along and are no roots:
 * GBytes of DER, caller owns. */
GPtrArray *verify_cms_issuers(GBytes *cms, const Cert *signer);
