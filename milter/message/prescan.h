/* SPDX-License-Identifier: Apache-2.0 */
/* Looks through the bytes of a message, or of a MIME entity inside one, before GMime does: counts, limits, and what
 * different mail programs would read in different ways. Linear time, no copies, a stack of at most message_limits.depth
 * boundaries. */
#pragma once
#include "facts/facts.h"
#include "message/decode.h"
#include "message/fields.h"
#include "message/slice.h"

/* What all entities of one message have used up together. */
typedef struct {
    unsigned entities, headers, header_bytes;
    unsigned depth; /* of what lies around the entity that is read now */
} PrescanBudget;

typedef struct {
    unsigned leaves, multiparts, messages; /* as our reader counts them; GMime's tree must agree */
    bool over;                             /* over a limit: not to be parsed */
    bool doubt;                            /* some mail program may find other parts: readings_of() says which */
    bool letter; /* one text and nothing else, in which no reader can see anything else: GMime need not be asked */
    Field *type; /* of a letter, owned; NULL when it does not say */
    Encoding encoding;
    Slice body;
} Prescan;

/* Anomalies and `unreadable` go to facts. */
Prescan prescan(Facts *facts, Slice entity, PrescanBudget *budget);

/* Is this line "--boundary", or "--boundary--" (*closing)? White space may follow. */
bool prescan_is_boundary(Slice line, Slice boundary, bool *closing);

/* Is this type, lower case, an enclosed message's? */
bool prescan_is_message(const char *type);

/* The line ends of a file wholly in LF are not odd. */
typedef struct {
    bool nul, bare_cr, bare_lf;
} OddBytes;

/* Anomalies of bytes anywhere: "nul", "bare-cr", "bare-lf", "long-line" (over 998 octets, RFC 5322, section 2.1.1). */
OddBytes prescan_bytes(Facts *facts, Slice message);
