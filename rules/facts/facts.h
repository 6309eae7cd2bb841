/* SPDX-License-Identifier: Apache-2.0 */
/* All that a rule may ask of one message, before registry and policy are consulted.
 *
 * Facts are made by milter/message from bytes and envelope, read by rules/engine, and never changed after. What could
 * not be read says so: an enum value or `unreadable`, never an empty value. All pointers are owned by the Facts. Texts
 * are valid UTF-8 without NUL. */
#pragma once
#include "base/instant.h"
#include "facts/detection.h"
#include "facts/signature.h"
#include <glib.h>
#include <stdbool.h>

typedef enum { MATCH_NO, MATCH_YES, MATCH_UNKNOWN } Match;

typedef enum { AUTO_NONE, AUTO_REPLY, AUTO_BULK, AUTO_BOUNCE, AUTO_RECEIPT, AUTO_CALENDAR, AUTO_OWN } Automatic;
typedef enum { ASKS_UNKNOWN, ASKS_YES, ASKS_NO } Asks;
typedef enum { ENC_NONE, ENC_SMIME, ENC_OPENPGP, ENC_CONTAINER, ENC_BROKEN, ENC_UNKNOWN } EncryptionState;

/* Is the content encrypted to this one recipient? (DESIGN section 5) */
typedef enum { PROOF_NONE, PROOF_SMIME, PROOF_OPENPGP, PROOF_CONTAINER, PROOF_UNKNOWN } Proof;

typedef struct {
    char *name;   /* as written */
    char *raw;    /* unfolded, otherwise as written, made printable */
    char *text;   /* encoded words decoded */
    char *others; /* what other programs read, a reading on a line; NULL: the same */
} HeaderFact;

typedef struct {
    char *name;       /* "" when it has none */
    GPtrArray *names; /* char *: all that some program may call it, `name` among them */
    char *type;       /* declared, lower case, "application/pdf" */
    uint64_t size;
    char *sha256;  /* hexadecimal; "" when unreadable */
    bool readable; /* everything in it was read; pictures, sound and films count as read */

    /* From its bytes: */
    char *kind; /* media type, "" when not looked at */
    char *why;  /* "encrypted", "format", "embedded", "limit", "depth", "damaged", "encoding", "no-text",
                 * "no-pdftotext"; "" when readable */
    char *text; /* "" when none; 2 MiB for all attachments of a message */
    bool tracked_changes, comments, hidden; /* of documents; hidden: text, rows, sheets or slides */
    bool macros;        /* programs in it that run when it is opened: Visual Basic, Basic, JavaScript */
    GPtrArray *authors; /* char *: creator, last editor, company, who changed or commented */
    GPtrArray *entries; /* char *: names of the files inside */
} AttachmentFact;

/* What the gateway itself puts around a message for somebody. */
typedef enum { SEAL_NONE, SEAL_SMIME, SEAL_OPENPGP, SEALS } Seal;

/* Whether the gateway has something valid to encrypt to, by Seal; stale: it may have been revoked; harvested: it was
 * taken from a signature, and nobody of the firm approved it. */
typedef struct {
    bool there[SEALS], stale[SEALS], harvested[SEALS];
} RecipientKeys;

/* The connection and the envelope (RFC 5321, 5598), as the MTA gave them. */
typedef struct {
    char *sender;          /* "" is the null return path */
    GPtrArray *recipients; /* char *, as given, at least one unless explained without */
    char *login;           /* SASL login, NULL without */
    char *client_address;  /* IP, "127.0.0.1", NULL when unknown */
    char *queue_id;        /* NULL when unknown */
    Instant received;
} Envelope;

typedef struct {
    Envelope *envelope; /* owned */
    bool judged; /* false: the content was never seen (a judge died on it); all that comes from content is unknown */
    GPtrArray *headers; /* HeaderFact, top to bottom */
    GPtrArray *from;    /* char *: addresses of all From headers, normalised */
    GPtrArray *to, *cc; /* char *, normalised */
    GPtrArray
        *from_names; /* char *: what stands beside the addresses of From, names and comments, decoded; at most 16 */
    GPtrArray *sender, *reply_to; /* char *: addresses of Sender and Reply-To, normalised */
    char *subject;                /* decoded, "" when absent */
    char *message_id;             /* without <>, "" when absent */
    char *date;                   /* raw, "" when absent */
    GPtrArray *thread; /* char *: ids of References, without <>, oldest first; those that In-Reply-To alone names are the
                        * oldest. No repeats, not its own; of more than 100 the first and the newest */
    guint thread_weak; /* so many at the beginning stand in In-Reply-To beside References that do not name them: they
                        * count where none of the others leads anywhere (RFC 5256) */
    char *thread_index;         /* Outlook conversation GUID in hexadecimal, or "" */
    bool conversation_answered; /* by its Thread-Index it is an answer */
    Automatic automatic;
    char *automatic_why;
    Asks asks;
    EncryptionState encryption;
    char *encryption_why;
    GArray *proofs;        /* Proof, one for each envelope recipient, same order */
    GPtrArray *proof_whys; /* char *, the same */
    GPtrArray *key_states; /* char *, the same: what is known of their certificates and keys, "usable", "stale",
                            * "expired", …, "none" (crypto/cert.h); none at all when nobody looked */
    GPtrArray *key_whys;   /* char *, the same: a sentence, and what to ask them for */
    SignatureFact signature;
    GArray *keys;           /* RecipientKeys, the same */
    GPtrArray *attachments; /* AttachmentFact */
    char *text;             /* readable text for matching, at most 1 MiB; "" when none */
    char *aside; /* text that is there and not shown as such: attributes and hidden parts of HTML; "" when none */
    GPtrArray *detections; /* Detection, of the kinds that the policy asks for */
    GPtrArray *accounts;   /* char *: bank accounts found, upper case letters and digits, no repeats; for no output */
    const char
        *language; /* of what the writer wrote himself, in language_words; static; NULL: unknown, or no rule asks */
    unsigned language_confidence; /* per cent: see message/language.h */
    bool unreadable;              /* something in it could not be read or was over a limit */
    char *bounce_track;           /* of a report on delivery: our mark in the mail that it returns, as it stands; NULL */
    GPtrArray *bounce_failed;     /* char *: who has not got it, normalised */
    GPtrArray *anomalies;         /* char *: "duplicate-header:content-type", "limit:headers", … no repeats */
    char *body_digest;            /* hexadecimal SHA-256 of the body's bytes */
    uint64_t size;                /* bytes, headers and body */
} Facts;

Envelope *envelope_new(void);
Envelope *envelope_copy(const Envelope *envelope);
void envelope_free(Envelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Envelope, envelope_free)

/* Empty facts that own `envelope`, with judged = true. */
Facts *facts_new(Envelope *envelope);
void facts_free(Facts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Facts, facts_free)

HeaderFact *header_fact_new(const char *name, const char *raw, const char *text);
HeaderFact *header_fact_take(char *name, char *raw, char *text); /* without copies: takes them over */
AttachmentFact *attachment_fact_new(void);
void facts_add_anomaly(Facts *facts, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool facts_has_anomaly(const Facts *facts, const char *prefix); /* one that begins so */

/* First header of that name (case ignored), or NULL. */
const HeaderFact *facts_header(const Facts *facts, const char *name);

/* The words of the JSON answer. */
const char *automatic_name(Automatic automatic);
const char *asks_name(Asks asks);
const char *encryption_name(EncryptionState state);
const char *proof_name(Proof proof);
