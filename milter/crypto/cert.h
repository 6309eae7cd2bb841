/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate or OpenPGP key of a correspondent: what it is, who trusts it, and whether it may be encrypted to.
 *
 * A Cert is a plain value that owns its parts. What depends on the time is asked with `now`: the same Cert is usable
 * today and expired tomorrow. Pure; any thread. */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { CERT_SMIME, CERT_OPENPGP } CertKind;

/* Where it came from: which folder it lies in. */
typedef enum { CERT_IMPORTED, CERT_HARVESTED, CERT_LDAP, CERT_AUTOCRYPT, CERT_SOURCES } CertSource;

/* By hand: somebody of the firm put it there. By chain: a root of trust.roots vouches for it. */
typedef enum { TRUST_BY_HAND, TRUST_BY_CHAIN, TRUST_WAITING, TRUST_NONE } CertTrust;

/* The better comes first: the order in which certificates of one address are preferred. */
typedef enum {
    CERT_USABLE,
    CERT_STALE, /* usable, but a list of revocations is out of date or missing */
    CERT_NOT_YET,
    CERT_EXPIRED,
    CERT_WAITS,       /* for somebody's approval */
    CERT_UNTRUSTED,   /* nobody vouches for it */
    CERT_WRONG_USAGE, /* for signing only, not for mail, or of a kind that cannot be encrypted to */
    CERT_REVOKED,
    CERT_NONE, /* none is known */
} CertState;

/* What the owner's program can read, by the SMIMECapabilities of a signature of theirs that was verified (RFC 8551
 * section 2.5.2): a set of these. */
typedef enum {
    CERT_READS_AES128_GCM = 1 << 0,
    CERT_READS_AES256_GCM = 1 << 1,
    CERT_READS_AES128_CBC = 1 << 2,
    CERT_READS_AES256_CBC = 1 << 3,
    CERT_READS_OAEP = 1 << 4,
    CERT_READS_ALL = (1 << 5) - 1,
} CertReadsWhat;

/* A part of an OpenPGP key that can encrypt. */
typedef struct {
    uint64_t id;
    Instant not_before, not_after;
} CertKey;

typedef struct {
    CertKind kind;
    CertSource source;
    CertTrust trust;
    char *fingerprint;             /* lower-case hexadecimal: SHA-256 of a certificate, the fingerprint of a key */
    char *file;                    /* where it lies, relative to the folder of certificates */
    GPtrArray *addresses;          /* char *, as written in it, at least one */
    char *subject;                 /* for people: the name, or the first user id */
    char *issuer_name;             /* for people; "" for OpenPGP */
    char *algorithm;               /* "RSA 2048", "EC P-256", "ECDH" */
    char *unusable;                /* why it can never be encrypted to ("its key usage …"); "" when it can */
    char *chain;                   /* why no root vouches for it; "" when one does or none was asked */
    Instant not_before, not_after; /* by chain: of all the chain */
    Instant revoked;               /* INSTANT_NEVER: not */
    Instant
        checked_until; /* until when the lists of revocations that were consulted hold; INSTANT_NEVER: none needed */
    Instant first_seen, last_seen;
    unsigned reads;    /* CertReadsWhat; 0: no verified signature has said */
    Instant signed_at; /* when the newest verified signature that is known was made; 0: none is */
    GBytes *data;      /* DER, or the binary public key: ready to encrypt with */
    GBytes *issuer, *serial,
        *key_id;  /* X.509: DER of the names that envelopes use, and the subject key id, may be empty */
    GArray *keys; /* CertKey; OpenPGP */
    GArray *gone; /* uint64_t: ids of parts that this copy says are revoked; not kept in a snapshot */
} Cert;

Cert *cert_new(CertKind kind); /* all texts "", all dates open */
void cert_free(Cert *cert);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cert, cert_free)

CertState cert_state(const Cert *cert, Instant now);
bool cert_state_encrypts(CertState state); /* usable, be it with a stale list */

/* The states, kinds, sources and kinds of trust as JSON names ("wrong-usage"), static. */
const char *cert_state_name(CertState state);
const char *cert_kind_name(CertKind kind); /* "S/MIME certificate", "OpenPGP key" */
const char *cert_source_name(CertSource source);
const char *cert_trust_name(CertTrust trust);

/* "aes256-gcm oaep"; "" for none. Caller owns. */
char *cert_reads_words(unsigned reads);

/* Why it is in this state, as the end of a sentence about it: "expired on 2026-03-01", "was revoked on …", "is for
 * signing only: …". Caller owns. */
char *cert_state_words(const Cert *cert, Instant now);

/* Of two for the same address: negative when `a` is to be preferred. The state, the address written exactly so, what was
 * put in by hand, then the newest. By hand, one that may have been revoked counts as usable. */
int cert_compare(const Cert *a, const Cert *b, const char *address, Instant now);

/* Into bytes and back; NULL when damaged. */
GByteArray *cert_pack(const Cert *cert);
Cert *cert_unpack(const void *data, size_t length);

/* Octets of what the RSA key of an S/MIME certificate encrypts to; 0: it is no RSA key. */
size_t cert_rsa_length(const Cert *cert);
