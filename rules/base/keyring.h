/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that personal values are sealed with: one for each client, each wrapped by the master key.
 *
 * A client's key is a file DIR/clients/xx/CLIENT of a few dozen bytes, made at first use (link(2), so two processes agree on
 * one). Destroying the file and its cached copy is erasing the client: nothing sealed with it opens again.
 * Only the front, lexgate-escalated and the command hold a Keyring. Safe for threads. */
#pragma once
#include "base/seal.h"

typedef struct Keyring Keyring;

/* The client name under which values of nobody's client are sealed. */
#define KEYRING_FIRM "_firm"

/* DIR/master.key (wraps client keys), DIR/mac.key (MACs of headers and tokens), DIR/index.key (hashes of Message-IDs and
 * addresses). Missing files are made when `create`, else an error that names the file. */
Keyring *keyring_open(const char *dir, bool create, GError **error);
void keyring_free(Keyring *ring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keyring, keyring_free)

/* Seals under the client's key, as base64 text (caller owns); NULL with error when the key cannot be read or made. */
char *keyring_seal(Keyring *ring, const char *client, const char *plain, GError **error);

/* The same in two steps, for several values at once: the key (made when missing; wipe it), and each value. */
bool keyring_key(Keyring *ring, const char *client, SealKey *key, GError **error);
char *keyring_seal_with(const SealKey *key, const char *client, const char *plain);

/* Opens what keyring_seal() gave; NULL with error when the key was destroyed or a byte changed. Never makes a key. */
char *keyring_open_value(Keyring *ring, const char *client, const char *sealed, GError **error);

/* Destroys the client's key. True when it existed. */
bool keyring_destroy(Keyring *ring, const char *client, GError **error);

/* 24 base32 characters of HMAC(mac key, pieces): the MAC of X-Lexgate-Track. Caller owns. */
char *keyring_mac(Keyring *ring, const char *purpose, const char *value);

/* 24 base32 characters of HMAC(index key, kind ‖ value): "thread" for a Message-ID or Thread-Index GUID, "address" for an
 * address. Equal inputs give equal outputs, and nothing leads back without the key. Caller owns. */
char *keyring_index(Keyring *ring, const char *kind, const char *value);

/* What gateways of one firm tell one another, under a key made from the index key: whoever shares the hashes can read it, and
 * nothing else need be shared. Caller owns; NULL with error when it does not open. */
char *keyring_seal_for_peers(Keyring *ring, const char *plain);
char *keyring_open_from_peer(Keyring *ring, const char *sealed, GError **error);
