/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands `lexgate cert …` share: the firm's certificates, how one is named, found and told of. */
#pragma once
#include "base/json.h"
#include "crypto/certfiles.h"
#include "ctl/command.h"
#include "policy/policy.h"

typedef struct {
    Policy *policy;
    CertPlaces places; /* borrowed from the policy */
    Instant now;
    GPtrArray *problems; /* char *: what of the files cannot be used */
    CertStore *store;
} CertDesk;

/* Reads the folder. False after an error was said, also when registry.certificates is not set. */
bool certdesk_open(const CommandLine *line, CertDesk *desk);
void certdesk_clear(CertDesk *desk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CertDesk, certdesk_clear)

/* Names on standard error what of the files cannot be used. */
void certdesk_say_problems(const CertDesk *desk);

/* Those that a word names: the beginning of a fingerprint, or an address. Cert, caller owns; NULL after it was said
 * that there is none. */
GPtrArray *certdesk_named(const CertDesk *desk, const char *word);

/* The one that a word names; NULL after it was said that there is none, or more than one. */
Cert *certdesk_one(const CertDesk *desk, const char *word);

/* Does a copy in the folder, or a list, say that it was revoked? An older copy must not take its place. */
bool certdesk_knows_revoked(const CertDesk *desk, const Cert *cert);

/* After files were changed: makes the snapshot that daemons open, and the numbers for Prometheus. False after an error
 * was said; where nothing is installed (no paths.state) there is nothing to do. */
bool certdesk_renew(const CertDesk *desk);

/* The same, and says how daemons take it. */
void certdesk_changed(const CertDesk *desk);

json_t *cert_to_json(const Cert *cert, Instant now); /* new reference */

/* "2027-03-01", or "-" for never. Caller owns. */
char *cert_day(Instant t);
char *cert_addresses(const Cert *cert); /* with spaces between; caller owns */

/* A table of them (Cert), or a JSON array. */
void print_certs(const GPtrArray *certs, Instant now, bool json);
