/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a message: where its bytes lie, what its headers say, what was found inside it. Nothing is copied before it
 * is decoded. */
#pragma once
#include "crypto/proof.h"
#include "facts/facts.h"
#include "message/decode.h"
#include "message/fields.h"
#include "message/slice.h"

/* From here on a part is worth some care about copies. */
enum { LARGE_PART = 64 * 1024 };

typedef enum { PART_LEAF, PART_MULTIPART, PART_MESSAGE } PartKind;

typedef struct Part Part;
struct Part {
    Part *parent; /* NULL at the top */
    PartKind kind;
    char *type;          /* lower case; "text/plain" when the part does not say */
    Field *content_type; /* NULL when absent */
    Field *disposition;  /* NULL when absent */
    GPtrArray *further;  /* Field: of repeated headers those that are not above; NULL when none are */
    Encoding encoding;
    Slice encoding_value; /* as written */
    char *given_name;     /* by what it was found in (uuencode, TNEF), NULL else */
    GPtrArray *children;  /* Part, owned: a message has one, a leaf those found inside it */
    Slice raw;            /* of a leaf: as it stands in the message */
    GArray *said;         /* Slice: subject, people and comments of an enclosed message, raw; or NULL */
    GArray *noted; /* Slice: what else its header says that is not for programs alone, or that of a part; or NULL */
    const char *prologue, *epilogue; /* of a multipart, borrowed from GMime, NULL when none */
    /* After part_decode(): */
    Slice data;
    bool decoded, clean;
    bool looked_into; /* for parts inside it */
    bool opaque;      /* inside is something that we cannot read */
    char *owned;
    char *digest;        /* of the decoded bytes, hexadecimal, when somebody asked for it */
    ContentProof *proof; /* of a leaf that says it is S/MIME, else NULL; signed data has what it carries as its child */
    bool container_known;
    ContentVerdict container; /* when known; see part_container() */
    unsigned containers;      /* of the top: how many costly ones were looked at */
};

Part *part_new(Part *parent);
void part_free(void *part);

/* A child that was found in a leaf; takes name (may be NULL) and data over. `type` as a header would say it. */
Part *part_add_found(Part *parent, char *name, const char *type, char *data, size_t length);

/* Where it stands, "2.1" (RFC 3501, section 6.4.5), as far as that goes; caller owns. */
char *part_place(const Part *part);

/* Frees what was decoded, where part_decode() can decode it again and nothing lies in it. */
void part_forget(Part *part);

/* Decodes a leaf once; part->clean says whether everybody would decode it so. */
Slice part_decode(Part *part);

/* SHA-256 of the decoded bytes, hexadecimal, borrowed from the part. */
const char *part_digest(Part *part);

/* Is a leaf an encrypted document or archive? Looked at once; of the costly kinds only the first few of a message
 * count. */
ContentVerdict part_container(Part *part);

/* Calls for every part, parents first. */
void part_each(Part *part, void (*visit)(Part *part, void *state), void *state);

bool part_is(const Part *part, const char *type);

/* The names it goes by: of disposition and type, without directions of writing; may be none. Caller owns. */
GPtrArray *part_names(const Part *part);

/* Do mail programs call it by different names? */
bool part_has_two_names(const Part *part);

/* Do its headers hold more than programs write into those of an encrypted part? Of the top only type and disposition
 * are looked at: the others are the message's. */
bool part_has_words(const Part *part);

/* Shown in place by mail programs: text without a file name or an attachment's disposition. */
bool part_is_body(const Part *part);
