/* SPDX-License-Identifier: Apache-2.0 */
/* A message made from a short description of one, for policy cases. */
#pragma once
#include "base/instant.h"
#include "base/json.h"

/* `description` is the object "message" of a case (lexgate-cases(5)); relative names of files are taken from the folder
 * of `case_path`. `at` dates the message where the description does not, `id` becomes its Message-ID. The same
 * description always gives the same bytes. Caller owns; NULL with what is wrong. */
GString *sketch_message(const json_t *description, const char *case_path, const char *id, Instant at, GError **error);
