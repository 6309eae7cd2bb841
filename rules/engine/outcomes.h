/* SPDX-License-Identifier: Apache-2.0 */
/* What rules do to a message beside letting it on or not: marks in its header, other recipients, notices. */
#pragma once
#include "engine/resolve.h"

/* The header fields of subject tags, banners, disclaimers and priority, after edit_headers() took away what stood
 * there. */
void outcomes_headers(const EngineInput *in, Decision *decision);

/* Before encoded words make it longer. */
enum { HEADER_TEXT_MAX = 450 };

/* A rule's text with its placeholders filled for everybody who gets the message, at most `most` bytes; caller owns. */
char *outcomes_fill(const EngineInput *in, const Decision *decision, const RuleResult *result, const char *pattern,
                    size_t most);

/* The decision's rule of that number if it has an effect, else NULL. */
const RuleResult *outcomes_effective(const Decision *decision, guint i);

/* Must this header go because a rule that applies puts another in its place? */
bool outcomes_replace_header(const Decision *decision, const char *name);

/* Is there anybody to whom the rule may redirect? Without, the message must be held: its own recipients must not have
 * it either. */
bool outcomes_can_redirect(const EngineInput *in, const Decision *decision, RuleResult *result);

/* Puts the addresses of redirecting rules in the place of all recipients. */
void outcomes_redirect(const EngineInput *in, Decision *decision);

/* Whom a notice is to reach, without those whom a wall keeps out. */
void outcomes_notify(const EngineInput *in, Decision *decision);
