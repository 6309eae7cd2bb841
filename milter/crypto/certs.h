/* SPDX-License-Identifier: Apache-2.0 */
/* Whose certificate or key is it? The firm's certificates and keys of correspondents, by address.
 *
 * The folder of files is what an administrator sees and what everything is made from: what lies in it is trusted by
 * hand; what lies in its folders harvested, ldap and autocrypt needs a chain to a root; what lies in waiting needs
 * somebody's approval; issuers holds certificates of authorities. A CertStore is a read-only LMDB snapshot made from
 * it: look-ups cost microseconds whatever its size and need no file once it is open. A store belongs to one thread. */
#pragma once
#include "crypto/cert.h"
#include "crypto/trust.h"

typedef struct CertStore CertStore;

/* Paths, each may be NULL: the folder, a file or folder of roots, a file or folder of lists of revocations. */
typedef struct {
    const char *folder, *roots, *crls;
} CertPlaces;

/* Roots, lists of revocations, and the authorities in the folder issuers. Caller owns. */
Trust *certs_load_trust(const CertPlaces *places);

/* The folders in the folder. */
#define CERTS_HARVESTED "harvested"
#define CERTS_LDAP "ldap"
#define CERTS_AUTOCRYPT "autocrypt"
#define CERTS_WAITING "waiting"
#define CERTS_ISSUERS "issuers"

/* Reads all files (*.pem, *.crt, *.cer, *.der, *.asc, *.gpg, *.pgp) into a snapshot that is gone when it is closed; or
 * opens the one in the folder `state` (NULL: none) where it can be read and is up to date, which costs a look at each
 * file from outside. A file that cannot be used is passed over with a line in `problems` (char *; may be NULL). NULL
 * with error when no snapshot can be made. */
CertStore *certs_read(const CertPlaces *places, const char *state, Instant now, GPtrArray *problems, GError **error);

/* The same of a folder alone, without roots; never NULL: without room for a snapshot an empty store. */
CertStore *certs_load(const char *folder, GPtrArray *problems);

/* The snapshot in the folder `state`, made anew, by a process of its own, when a file has changed or a day has passed
 * since. NULL with error. */
CertStore *certs_open(const CertPlaces *places, const char *state, Instant now, GError **error);

void certs_free(CertStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CertStore, certs_free)

unsigned certs_count(const CertStore *store);

/* All that is known for an address (Cert, caller owns, empty when none), the best first: usable before others, the
 * address as it is written before one in other case, the newest before older ones. */
GPtrArray *certs_find(const CertStore *store, const char *address, Instant now);

/* The state of the best one: what can be said of the address. *words (caller owns, may be NULL) is a sentence for the
 * sender of a message: what is wrong, and what to ask the recipient for. */
CertState certs_state(const CertStore *store, const char *address, Instant now, char **words);

/* Those whose fingerprint begins so (Cert, caller owns). */
GPtrArray *certs_by_fingerprint(const CertStore *store, const char *beginning);

/* Calls `visit` with each until it returns false; the Cert is freed afterwards. */
typedef bool (*CertVisit)(const Cert *cert, void *state);
void certs_each(const CertStore *store, CertVisit visit, void *state);

/* An X.509 certificate as envelopes name it, DER of issuer and serial, and the subject key id (may be empty). */
typedef struct {
    GBytes *issuer, *serial, *key_id;
    Instant not_before, not_after;
} CertName;

/* What an envelope for this address may name: certificates (CertName, NULL when none) and OpenPGP key ids (uint64_t, of
 * the parts that can encrypt) that are trusted and not revoked, be they valid now or not. Borrowed until another
 * address is looked up. */
const GPtrArray *certs_of(const CertStore *store, const char *address);
const GArray *certs_keys_of(const CertStore *store, const char *address);

/* Is this key of certs_keys_of() valid at `now`? */
bool certs_key_is_valid(const CertStore *store, const char *address, uint64_t key_id, Instant now);
