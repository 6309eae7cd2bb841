/* SPDX-License-Identifier: Apache-2.0 */
/* One milter connection, and the message that is passing on it. A Session belongs to libmilter's context; libmilter
 * calls for one connection from one thread at a time. */
#pragma once
#include "front/shared.h"
#include "front/threadids.h"

enum { SESSION_MAGIC = 0x4c657867, OUR_HEADERS = 8, COPY_MARK_PLACE = 7 };

/* Headers that only we may write, counted as they come so that they can be taken away unread. */
extern const char *const session_our_headers[OUR_HEADERS];

typedef struct {
    unsigned magic;
    Front *front;
    char client[64];    /* IP, "" when unknown */
    char listener[64];  /* the MTA's name for what the client speaks to; "" when unknown */
    bool leading_space; /* header values carry their own space (SMFIP_HDR_LEADSPC) */
    bool can_hold;      /* the MTA offered quarantine */
    bool fixed_body;    /* the MTA did not offer that we change it */

    /* Of the message; cleared by session_clear(). */
    Rulebook *book;
    Envelope *envelope;
    JudgeClass class;
    bool trusted; /* the full text of a refusal may be shown */
    MemFile *file;
    size_t expect;  /* SIZE= */
    size_t limit;   /* bytes that are kept */
    size_t body_at; /* where the body begins in the file */
    ThreadIds ids;
    char *from;   /* front/correspondents.h */
    char *notice; /* base/noticemark.h, as it came; NULL */
    char *copy_mark; /* base/copymark.h, the same */
    unsigned ours[OUR_HEADERS];
    bool in_body, too_large;
    bool spoiled; /* the file must not be used again */
    bool failed;  /* memory was out on the way: deferred at the end */
    bool crowded; /* more recipients than can be judged: never judged by a part of them */
} Session;

/* What smfi_register() needs: name, flags, call-backs. `front` is borrowed for the life of the process. */
struct smfiDesc session_description(Front *front);

void session_clear(Session *session);
