/* SPDX-License-Identifier: Apache-2.0 */
/* The table of conditions, and what every condition shares: being freed, and matching a pattern within limits. */
#include "policy/condition.h"
#include "base/fold.h"
#include "facts/language.h"
#include <pthread.h>
#include <string.h>

/* A pattern is the firm's own, the text is a stranger's: bound what their meeting may cost. */
#define PATTERN_STEPS 500000
#define PATTERN_DEPTH 20000
#define PATTERN_HEAP_KB 20480

static const char *const directions[] = {"incoming", "outgoing", "internal", "relayed", NULL};
static const char *const asks[] = {"yes", "no", "unknown", NULL};
static const char *const encryptions[] = {"none", "smime", "openpgp", "container", "broken", "unknown", NULL};
static const char *const persons[] = {"staff", "client", "party", "prospect", "other", NULL};
static const char *const identities[] = {"none", "login", "relay", NULL};
static const char *const proofs[] = {"none", "smime", "openpgp", "container", "unknown", NULL};
static const char *const key_states[] = {"usable",    "stale",       "not-yet", "expired", "waits",
                                         "untrusted", "wrong-usage", "revoked", "none",    NULL};
static const char *const levels[] = {"public", "normal", "confidential", "strict", NULL};
static const char *const statuses[] = {"open", "closed", NULL};
static const char *const roles[] = {
    "lawyer", "assistant",        "supervisor", "manager", "auditor", "administrator", "opposing",
    "court",  "opposing-counsel", "co-counsel", "expert",  "insurer", "interpreter",   NULL};

static const char *const from_differs[] = {"several",         "sender",   "sender-domain",   "reply-to",
                                           "reply-to-domain", "envelope", "envelope-domain", NULL};

/* What may be asked of a person, whichever group names the person. */
#define PERSON(GROUP)                                                                                                  \
    {TEST_PERSON_IS, GROUP, "is", VALUE_WORDS, persons, "What the person is to the firm."},                            \
        {TEST_PERSON_ADDRESS, GROUP, "address", VALUE_TEXTS, NULL, "The person's address."},                           \
        {TEST_PERSON_DOMAIN, GROUP, "domain", VALUE_TEXTS, NULL, "The part of the address after the @."},              \
        {TEST_PERSON_WALLED_OFF,                                                                                       \
         GROUP,                                                                                                        \
         "walled_off",                                                                                                 \
         VALUE_FLAG,                                                                                                   \
         NULL,                                                                                                         \
         "The person is staff walled off from the matter of the message."},                                            \
        {TEST_PERSON_ROLE, GROUP, "role",                                                                              \
         VALUE_WORDS,      roles, "The role in the staff register, or that of a party in the matter."},                \
        {TEST_PERSON_TEAM, GROUP, "team", VALUE_TEXTS, NULL, "The team in the staff register."}, {                     \
        TEST_PERSON_OUTSIDE, GROUP, "outside", VALUE_FLAG, NULL, "The address is in none of the firm's domains."       \
    }

static const char *const likenesses[] = {"staff-name", "client-domain", "firm-domain", NULL};

#define PERSON_MORE(GROUP)                                                                                             \
    {TEST_PERSON_FIRST_TIME, GROUP, "first_time", VALUE_FLAG, NULL, "The firm exchanged no mail with them before."},   \
        {TEST_PERSON_NEW_TO_STAFF, GROUP, "new_to_staff", VALUE_FLAG, NULL, "Nor did those of the message inside."},   \
        {TEST_PERSON_LOOKALIKE, GROUP,      "lookalike",                                                               \
         VALUE_WORDS,           likenesses, "A stranger who looks like somebody known."},                              \
        {TEST_PERSON_WEBMAIL, GROUP, "webmail", VALUE_FLAG, NULL, "The address is one of personal webmail."}, {        \
        TEST_PERSON_CHANNEL, GROUP, "channel", VALUE_TEXTS, NULL, "The channel that the client prefers."               \
    }

const ConditionType condition_types[] = {
    {TEST_DIRECTION, COND_ALL, "direction", VALUE_WORDS, directions, "Which way the message goes."},
    {TEST_AUTHENTICATED, COND_ALL, "authenticated", VALUE_FLAG, NULL, "The session logged in (SMTP AUTH)."},
    {TEST_AUTOMATIC, COND_ALL, "automatic", VALUE_FLAG, NULL,
     "A program wrote it: auto-reply, bulk, bounce, receipt or calendar reply."},
    {TEST_ASKS, COND_ALL, "asks", VALUE_WORDS, asks, "Whether the message wants an answer."},
    {TEST_PUTS_OFF, COND_ALL, "puts_off", VALUE_FLAG, NULL,
     "Its writer's own text puts the reader off: \"I will come back to you on Friday\"."},
    {TEST_MARKED_URGENT, COND_ALL, "marked_urgent", VALUE_FLAG, NULL,
     "Its sender marked it as urgent (Importance, X-Priority, Priority)."},
    {TEST_ANOMALY, COND_ALL, "anomaly", VALUE_TEXTS, NULL,
     "The name of an oddity, such as \"matter-mismatch\" or \"limit:*\"."},
    {TEST_ENCRYPTION, COND_ALL, "encryption", VALUE_WORDS, encryptions, "How the content is encrypted."},
    {TEST_SUBJECT, COND_ALL, "subject", VALUE_PATTERN, NULL,
     "A pattern found in the decoded subject, as written, as the eye reads it, or split."},
    {TEST_TEXT, COND_ALL, "text", VALUE_PATTERN, NULL,
     "A pattern found in the readable text or that of an attachment, read in the same ways."},
    {TEST_OWN_TEXT, COND_ALL, "own_text", VALUE_PATTERN, NULL,
     "A pattern found in what the writer wrote himself: not in quoted mail, nor in text.footer."},
    {TEST_UNREADABLE, COND_ALL, "unreadable", VALUE_FLAG, NULL, "A part could not be read or was over a limit."},
    {TEST_SIZE_OVER, COND_ALL, "size_over", VALUE_NUMBER, NULL,
     "The message is larger than so many bytes (K, M, G allowed)."},
    {TEST_FROM_DIFFERS, COND_ALL, "from_differs", VALUE_WORDS, from_differs,
     "Who From does not agree with: Sender, Reply-To, the envelope, or several are in it."},
    PERSON(COND_SENDER),
    PERSON_MORE(COND_SENDER),
    {TEST_PERSON_BY, COND_SENDER, "by", VALUE_WORDS, identities, "What proves that the sender is staff."},
    PERSON(COND_RECIPIENT),
    PERSON_MORE(COND_RECIPIENT),
    {TEST_RECIPIENT_PROOF, COND_RECIPIENT, "proof", VALUE_WORDS, proofs,
     "How the content is proved encrypted to the recipient."},
    {TEST_RECIPIENT_CERTIFICATE, COND_RECIPIENT, "certificate", VALUE_WORDS, key_states,
     "What is known of the recipient's certificates and keys."},
    {TEST_MATTER_LEVEL, COND_MATTER, "level", VALUE_WORDS, levels, "The level of confidentiality."},
    {TEST_MATTER_CLIENT, COND_MATTER, "client", VALUE_TEXTS, NULL, "The client's id."},
    {TEST_MATTER_STATUS, COND_MATTER, "status", VALUE_WORDS, statuses, "Whether the matter is open."},
    {TEST_MATTER_ID, COND_MATTER, "id", VALUE_TEXTS, NULL, "The matter's id."},
    {TEST_MATTER_PRIVILEGED, COND_MATTER, "privileged", VALUE_FLAG, NULL, "The matter carries the flag of privilege."},
    {TEST_MATTER_KNOWN, COND_MATTER, "known", VALUE_FLAG, NULL, "The message belongs to a matter of the register."},
    {TEST_MATTER_TEAM, COND_MATTER, "team", VALUE_TEXTS, NULL, "The matter's team."},
    {TEST_MATTER_PRESERVED, COND_MATTER, "preserved", VALUE_FLAG, NULL,
     "Nothing of the matter may be erased yet (preserve_until)."},
    {TEST_ATTACHMENT_PRESENT, COND_ATTACHMENT, "present", VALUE_FLAG, NULL, "There is an attachment."},
    {TEST_ATTACHMENT_NAME, COND_ATTACHMENT, "name", VALUE_TEXTS, NULL, "One of the file's names, such as \"*.docm\"."},
    {TEST_ATTACHMENT_TYPE, COND_ATTACHMENT, "type", VALUE_TEXTS, NULL, "The declared type, such as \"application/*\"."},
    {TEST_ATTACHMENT_READABLE, COND_ATTACHMENT, "readable", VALUE_FLAG, NULL, "Its content could be read."},
    {TEST_ATTACHMENT_KIND, COND_ATTACHMENT, "kind", VALUE_TEXTS, NULL, "What its bytes are, such as \"image/*\"."},
    {TEST_ATTACHMENT_ENCRYPTED, COND_ATTACHMENT, "encrypted", VALUE_FLAG, NULL, "It, or a file in it, is encrypted."},
    {TEST_ATTACHMENT_TRACKED_CHANGES, COND_ATTACHMENT, "tracked_changes", VALUE_FLAG, NULL,
     "Changes are tracked in the document."},
    {TEST_ATTACHMENT_COMMENTS, COND_ATTACHMENT, "comments", VALUE_FLAG, NULL, "There are comments in the document."},
    {TEST_ATTACHMENT_HIDDEN, COND_ATTACHMENT, "hidden", VALUE_FLAG, NULL,
     "Text, rows, columns, sheets or slides of the document are hidden."},
    {TEST_ATTACHMENT_MACROS, COND_ATTACHMENT, "macros", VALUE_FLAG, NULL,
     "There are macros or scripts in the document."},
    {TEST_ATTACHMENT_SIZE_OVER, COND_ATTACHMENT, "size_over", VALUE_NUMBER, NULL,
     "It is larger than so many bytes (K, M, G allowed)."},
    {TEST_ATTACHMENT_AUTHOR, COND_ATTACHMENT, "author", VALUE_TEXTS, NULL,
     "Who wrote, changed or commented the document, or the company, as it says."},
    {TEST_ATTACHMENT_ENTRY, COND_ATTACHMENT, "entry", VALUE_TEXTS, NULL,
     "The name of a file inside, such as \"*.exe\"."},
    {TEST_HEADER_NAME, COND_HEADER, "name", VALUE_TEXTS, NULL, "Which header; always given."},
    {TEST_HEADER_PRESENT, COND_HEADER, "present", VALUE_FLAG, NULL, "Such a header is there."},
    {TEST_HEADER_MATCH, COND_HEADER, "match", VALUE_PATTERN, NULL, "A pattern found in its decoded value."},

    {TEST_RECIPIENTS_OVER, COND_ALL, "recipients_over", VALUE_NUMBER, NULL, "More than so many recipients get it."},
    {TEST_OUT_OF_HOURS, COND_ALL, "out_of_hours", VALUE_FLAG, NULL, "It came outside the firm's working hours."},
    {TEST_BLIND_COPY, COND_RECIPIENT, "blind_copy", VALUE_FLAG, NULL, "The address is in neither To nor Cc."},
    {TEST_BEYOND_THREAD, COND_RECIPIENT, "beyond_thread", VALUE_FLAG, NULL,
     "Neither the client nor a party of the matter that the thread so far was about."},
    {TEST_PERSON_LANGUAGE, COND_SENDER, "language", VALUE_TEXTS, NULL, "The language in the register."},
    {TEST_PERSON_LANGUAGE, COND_RECIPIENT, "language", VALUE_TEXTS, NULL, "The language in the register."},
    {TEST_LANGUAGE, COND_ALL, "language", VALUE_WORDS, language_words,
     "The language of what the writer wrote himself."},
    {TEST_LANGUAGE_DIFFERS, COND_RECIPIENT, "language_differs", VALUE_FLAG, NULL,
     "The text is in another language than the one in the register."},
    {TEST_DETECTION_KIND, COND_DETECTION, "kind", VALUE_TEXTS, NULL, "Which detector found it; always given."},
    {TEST_DETECTION_AT_LEAST, COND_DETECTION, "at_least", VALUE_NUMBER, NULL, "So many different ones in one place."},
    {TEST_DETECTION_WHERE, COND_DETECTION, "where", VALUE_TEXTS, NULL,
     "The place: \"subject\", \"text\", or \"attachment:*\" with its name."},
    {TEST_ACCOUNT_KNOWN, COND_ALL, "account_known", VALUE_FLAG, NULL,
     "Whether each bank account in the message is one of the matter's; false: one is none of them."},
    {TEST_SIGNATURE, COND_ALL, "signature", VALUE_WORDS, signature_words, "What is known of the message's signature."},
    {TEST_SENDER_USED_ENCRYPTION, COND_ALL, "sender_used_encryption", VALUE_FLAG, NULL,
     "The other side encrypted this mail, or the one in the thread that this replies to."},
};
const size_t condition_type_count = G_N_ELEMENTS(condition_types);

void condition_free(struct Condition *condition) {
    if (!condition)
        return;
    g_clear_pointer(&condition->children, g_ptr_array_unref);
    g_clear_pointer(&condition->texts, g_ptr_array_unref);
    g_clear_pointer(&condition->patterns, g_ptr_array_unref);
    g_clear_pointer(&condition->bare_patterns, g_ptr_array_unref);
    g_clear_pointer(&condition->needs, g_ptr_array_unref);
    g_clear_pointer(&condition->bare_needs, g_ptr_array_unref);
    g_free(condition);
}

/* What a search needs besides; made once, since most searches are short. */
typedef struct {
    pcre2_match_context *limits;
    pcre2_match_data *data;
} Matcher;

static pthread_key_t matcher_key;
static pthread_once_t matcher_once = PTHREAD_ONCE_INIT;

static void free_matcher(void *data) {
    Matcher *matcher = data;
    pcre2_match_context_free(matcher->limits);
    pcre2_match_data_free(matcher->data);
    g_free(matcher);
}

static void make_key(void) {
    pthread_key_create(&matcher_key, free_matcher);
}

/* This thread's. */
static Matcher *get_matcher(void) {
    pthread_once(&matcher_once, make_key);
    Matcher *matcher = pthread_getspecific(matcher_key);
    if (matcher)
        return matcher;
    matcher = g_new0(Matcher, 1);
    matcher->limits = pcre2_match_context_create(NULL);
    matcher->data = pcre2_match_data_create(1, NULL);
    if (matcher->limits) {
        pcre2_set_match_limit(matcher->limits, PATTERN_STEPS);
        pcre2_set_depth_limit(matcher->limits, PATTERN_DEPTH);
        pcre2_set_heap_limit(matcher->limits, PATTERN_HEAP_KB);
    }
    pthread_setspecific(matcher_key, matcher);
    return matcher;
}

Subject subject_of(const char *text, size_t length) {
    return (Subject){text, length, 0, PCRE2_UNSET, fold_is_ascii(text, length)};
}

Match pattern_find(const pcre2_code *pattern, const Subject *subject, size_t *from, size_t *to) {
    const Matcher *matcher = get_matcher();
    PCRE2_SPTR text = (PCRE2_SPTR)subject->text;
    uint32_t checked = subject->sound ? PCRE2_NO_UTF_CHECK : 0;
    if (!matcher->limits || !matcher->data)
        return MATCH_UNKNOWN;
    pcre2_set_offset_limit(matcher->limits, subject->last);
    int found = pcre2_match(pattern, text, subject->length, subject->start, checked, matcher->data, matcher->limits);
    /* The JIT's stack is 32 kB; the interpreter has a heap, and the same limits. */
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(pattern, text, subject->length, subject->start, PCRE2_NO_JIT | checked, matcher->data,
                            matcher->limits);
    const PCRE2_SIZE *place = pcre2_get_ovector_pointer(matcher->data);
    if (found >= 0) {
        *to = place[1];
        *from = MIN(place[0], place[1]); /* \K can set the beginning behind the end */
        return MATCH_YES;
    }
    return found == PCRE2_ERROR_NOMATCH ? MATCH_NO : MATCH_UNKNOWN;
}

Match pattern_match(const pcre2_code *pattern, const char *text) {
    size_t from, to;
    Subject subject = subject_of(text, strlen(text));
    return pattern_find(pattern, &subject, &from, &to);
}

bool looks_at_walls(const struct Condition *condition) {
    if (!condition)
        return false;
    if (condition->kind == COND_TEST)
        return condition->type->test == TEST_PERSON_WALLED_OFF;
    for (guint i = 0; condition->children && i < condition->children->len; i++) {
        if (looks_at_walls(g_ptr_array_index(condition->children, i)))
            return true;
    }
    return false;
}
