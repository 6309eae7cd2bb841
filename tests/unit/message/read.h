/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a message written in a test, with LF where lines end. */
#pragma once
#include "message/message.h"

Facts *read_text(const char *message);              /* from client to staff, no certificates */
Facts *read_bytes(const char *data, size_t length); /* as they are */
Facts *read_outgoing(const char *message, size_t length, const CertStore *certs,
                     const char *recipients); /* CRLF made; spaces between */
bool has_anomaly(const Facts *facts, const char *anomaly);
