/* SPDX-License-Identifier: Apache-2.0 */
/* How staff, clients and matters lie in the snapshot: keys, and records of length-prefixed texts.
 *
 * A record begins with the line of the CSV file it came from. Reading checks every length: a damaged snapshot gives
 * NULL. */
#pragma once
#include "base/snapshot.h"
#include "registry/registry.h"
#include <stddef.h>
#include <stdint.h>

/* Raised when records change: an older snapshot is then made anew. */
#define RECORD_FORMAT "lexgate-registry-5"

/* Prefixes of keys. */
#define KEY_STAFF "s:"          /* address → record */
#define KEY_STAFF_ADDRESS "a:"  /* address or alias → address of the record */
#define KEY_LOGIN "l:"          /* login → address */
#define KEY_CLIENT "c:"         /* id → record */
#define KEY_CLIENT_ADDRESS "d:" /* address or @domain → id */
#define KEY_MATTER "m:"         /* id → record */
#define KEY_MATTER_CLIENT "x:"  /* client, separator, matter */
#define KEY_MATTER_PARTY "p:"   /* address or @domain, separator, matter */
#define KEY_CLIENT_OPEN "e:"    /* client → large group of matters: registry/groups.h */
#define KEY_CLIENT_CLOSED "f:"
#define KEY_PARTY_OPEN "g:" /* address or @domain → the same */
#define KEY_PARTY_CLOSED "h:"
#define KEY_TEAM "t:"           /* team in lower case, separator, address */
#define KEY_ROLE "r:"           /* role, separator, address */
#define KEY_TLS "n:"            /* domain → client, separator, what its column tls says: registry/tls.h */
#define KEY_CONSENT "k:"        /* client that has given a consent → nothing */
#define KEY_LOOKALIKE "y:"      /* the values of each kind: registry/lookalikes.h */
#define KEY_META "!"            /* format, digest, context, counts, problems */

/* Between the two parts of an index key: no text of a registry may hold it. */
#define KEY_SEPARATOR "\x1f"

/* Behind every key with the separator in this place. */
#define KEY_BEYOND "\x20"

#define KEY_MAX SNAPSHOT_KEY_MAX

GByteArray *staff_pack(const Staff *staff, unsigned line);
GByteArray *client_pack(const Client *client, unsigned line);
GByteArray *matter_pack(const Matter *matter, unsigned line);

Staff *staff_unpack(const void *data, size_t length);
Client *client_unpack(const void *data, size_t length);
Matter *matter_unpack(const void *data, size_t length);

/* The line a record came from; 0 when damaged. */
unsigned record_line(const void *data, size_t length);

Staff *staff_new(void);
Client *client_new(void);
Matter *matter_new(void);
Party *party_new(const char *role, const char *address);

/* A text stored under KEY_META ("context", "warnings"), or NULL; caller owns. */
char *registry_meta(const Registry *registry, const char *name);
