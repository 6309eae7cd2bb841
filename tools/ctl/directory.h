/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates from a directory (LDAP): userCertificate and userSMIMECertificate of all entries that a filter finds.
 *
 * Bounded: entries come in pages, values over a megabyte are passed over, and time is limited. Nothing is sent in clear
 * to another host. */
#pragma once
#include "crypto/certread.h"
#include "policy/policy.h"

typedef struct {
    unsigned entries;
    bool whole; /* false: there were more than are taken */
} DirectoryCounts;

/* Adds what is found to `reads`. False with error: what was read until then is incomplete. */
bool directory_read(const Settings *settings, CertReads *reads, DirectoryCounts *counts, GError **error);
