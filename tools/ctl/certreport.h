/* SPDX-License-Identifier: Apache-2.0 */
/* What administrators should do about certificates: a file in paths.state that lexgate-escalated makes its letters
 * from. */
#pragma once
#include "crypto/certs.h"

/* Writes certs-report.json into the folder `state`: what waits for approval, what in use expires within 28 days or has
 * expired, each without anything newer for its address. At most 200 of each are named, the others counted. False with
 * error. */
bool cert_report_write(const CertStore *store, Instant now, const char *state, GError **error);
