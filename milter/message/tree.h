/* SPDX-License-Identifier: Apache-2.0 */
/* GMime's view of a message or MIME entity, as parts whose bytes lie in the message: nothing is copied before it is
 * decoded. */
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
    Encoding encoding;
    GPtrArray *children;             /* Part, owned; a message has one */
    Slice raw;                       /* of a leaf: as it stands in the message */
    Slice subject;                   /* of an enclosed message's header, raw */
    const char *prologue, *epilogue; /* of a multipart, borrowed from GMime, NULL when none */
    /* After part_decode(): */
    Slice data;
    bool decoded, clean;
    char *owned;
    char *digest;        /* of the decoded bytes, hexadecimal, when somebody asked for it */
    ContentProof *proof; /* of a leaf that says it is S/MIME, else NULL; signed data has what it carries as its child */
    bool container_known;
    ContentVerdict container; /* when known; see part_container() */
    unsigned containers;      /* of the top: how many costly ones were looked at */
};

typedef struct Tree Tree;

/* Runs the pre-scan, then GMime, then the same on what opaque S/MIME signatures carry. NULL when it is over a limit or
 * GMime gives up; differences between the two readings are anomalies. `entity` must outlive the tree. */
Tree *tree_parse(Facts *facts, Slice entity);
void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)

Part *tree_top(const Tree *tree);

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

/* Shown in place by mail programs: text without a file name or an attachment's disposition. */
bool part_is_body(const Part *part);
