/* SPDX-License-Identifier: Apache-2.0 */
/* A report by mail that a mail of ours did not arrive. It counts where our own mark, with its MAC, came back in it;
 * what else it says nobody can know. */
#pragma once
#include "front/answer.h"
#include "front/session.h"

/* Of a judge's answer: texts that may be ours. */
bool bounces_check(const JsonView *json);

/* Payload of `undelivered` for journal_append_members() (the caller's); NULL where there is no report, or its mark is
 * not ours. False: it cannot be sealed. */
bool bounces_record(Front *front, const Answer *answer, const Registry *registry, char **payload, GError **error);
