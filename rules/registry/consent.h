/* SPDX-License-Identifier: Apache-2.0 */
/* A client's consent to mail in clear: the column consent, "who=NAME;when=DAY;scope=all|MATTER…;until=DAY". */
#pragma once
#include "registry/registry.h"

typedef struct {
    char *who, *when, *scope, *until; /* all given; the days as YYYY-MM-DD, both of them within the consent */
} Consent;

/* NULL when the cell holds none that is whole. Caller owns. */
Consent *consent_read(const char *cell);
void consent_free(Consent *consent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Consent, consent_free)

/* "Chris Hale, from 2026-02-01 until 2026-12-31, for all matters". Caller owns. */
char *consent_say(const Consent *consent);

/* One that the register has. */
typedef struct {
    char *client;
    unsigned line; /* of the file of the clients */
    Consent *consent;
} GivenConsent;

void given_consent_free(GivenConsent *given);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GivenConsent, given_consent_free)

/* GivenConsent, in the order of clients. Only clients with a consent are looked at. */
Lookup registry_consents(const Registry *registry, GPtrArray **given);
