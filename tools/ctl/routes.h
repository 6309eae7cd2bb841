/* SPDX-License-Identifier: Apache-2.0 */
/* Where Postfix takes mail for a domain, and what its TLS policy says of that place: relayhost, transport maps and
 * services with settings of their own are followed as far as the recipient's domain decides. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Postfix as it is configured; borrowed. */
typedef struct {
    const char *folder; /* its configuration directory, or NULL */
    GHashTable *main;   /* name → value */
    GHashTable *master; /* "service/type/name" → value */
} PostfixConfig;

const char *postfix_setting(const PostfixConfig *config, const char *name); /* "" when there is none */

typedef struct {
    char *domain;
    char *service; /* of master.cf: "smtp" */
    char *place;   /* the key of smtp_tls_policy_maps: the domain, or "[10.0.0.1]:25" */
    char *by;      /* the setting that took it elsewhere than to its own MX; "" : none */
    char *answer;  /* of the TLS policy maps that this service asks; "" : they do not know the place */
} Route;

/* Route for each of the domains (char *), in their order. Every table is asked once for all. Tables that cannot be read
 * are named in `faults` (char *). */
GPtrArray *routes_find(const PostfixConfig *config, const GPtrArray *domains, GPtrArray *faults);

/* What the tables of a setting ("hash:/x, texthash:/y") answer to these keys (char *): key → first answer. */
GHashTable *tables_ask(const char *folder, const char *tables, const GPtrArray *keys, GPtrArray *faults);
