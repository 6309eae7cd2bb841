/* SPDX-License-Identifier: Apache-2.0 */
/* One small function a test. A fact that is itself unknown gives unknown, unless the rule names "unknown" among its
 * words. */
#include "engine/holding.h"
#include "engine/tests.h"
#include "base/text.h"
#include "engine/attachment_tests.h"
#include "engine/detected.h"
#include "engine/language_tests.h"
#include "engine/matter_tests.h"
#include "engine/people_tests.h"
#include "engine/protection.h"
#include "engine/tests_envelope.h"
#include "engine/text_tests.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { WHY_BYTES = 300 };

void say(GPtrArray *why, const char *format, ...) {
    char text[4 * WHY_BYTES + 1]; /* a character has four bytes at most: what is cut here is cut below anyway */
    if (!why)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    g_ptr_array_add(why, text_printable(text, strlen(text), WHY_BYTES));
}

/* Do they differ before the first letter that is not plain? Most do, and to fold them costs more. */
static bool begin_otherwise(const char *pattern, const char *text) {
    for (; (unsigned char)*pattern < 128 && *pattern != '*' && *pattern != '?'; pattern++, text++) {
        if ((unsigned char)*text >= 128)
            return false;
        if (g_ascii_tolower(*pattern) != g_ascii_tolower(*text))
            return true;
        if (!*text)
            return false;
    }
    return false;
}

/* '*' and '?' are wild, case does not matter in any alphabet. */
static bool text_matches(const char *pattern, const char *text) {
    if (begin_otherwise(pattern, text))
        return false;
    g_autofree char *a = g_utf8_casefold(pattern, -1), *b = g_utf8_casefold(text, -1);
    return g_pattern_match_simple(a, b);
}

Match value_matches(const Condition *condition, const char *text) {
    Match result = MATCH_NO;
    for (guint i = 0; condition->patterns && i < condition->patterns->len; i++) {
        Match one = pattern_match(g_ptr_array_index(condition->patterns, i), text);
        if (one == MATCH_YES)
            return MATCH_YES;
        result = one == MATCH_UNKNOWN ? one : result;
    }
    bool words = condition->type->value == VALUE_WORDS;
    for (guint i = 0; condition->texts && !condition->patterns && i < condition->texts->len; i++) {
        const char *wanted = g_ptr_array_index(condition->texts, i);
        if (words ? text_equal_nocase(wanted, text) : text_matches(wanted, text))
            return MATCH_YES;
    }
    return result;
}

/* A fact that can be unknown: "unknown" is matched by that word, and is else an unknown answer. */
static Match word_matches(const Condition *condition, const char *word) {
    Match found = value_matches(condition, word);
    return found == MATCH_NO && text_equal(word, "unknown") ? MATCH_UNKNOWN : found;
}

Match unless_hidden(Match found, bool may_hide) {
    return found == MATCH_NO && may_hide ? MATCH_UNKNOWN : found;
}

bool headers_are_unknown(const Facts *facts) {
    return (!facts->judged && !facts->headers->len) || facts_has_anomaly(facts, "limit:header");
}

static Match test_direction(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const char *direction = direction_name(scope->decision->direction);
    say(why, "the message is %s", direction);
    return value_matches(condition, direction);
}

static Match test_authenticated(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const char *login = scope->in->facts->envelope->login;
    bool authenticated = login && *login;
    say(why, authenticated ? "the sender logged in" : "nobody logged in to send it");
    return yes_or_no(authenticated == condition->flag);
}

static Match test_automatic(const Condition *condition, const Scope *scope, GPtrArray *why) {
    if (scope->decision->automatic == AUTO_NONE && headers_are_unknown(scope->in->facts)) {
        say(why, "whether a program wrote it is unknown");
        return MATCH_UNKNOWN;
    }
    bool automatic = scope->decision->automatic != AUTO_NONE;
    if (automatic)
        say(why, "a program wrote it (%s): %s", automatic_name(scope->decision->automatic),
            scope->decision->automatic_why);
    else
        say(why, "no program wrote it");
    return yes_or_no(automatic == condition->flag);
}

static Match test_asks(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Asks asks = scope->in->facts->judged ? scope->in->facts->asks : ASKS_UNKNOWN;
    say(why, "it wants an answer: %s", asks_name(asks));
    return word_matches(condition, asks_name(asks));
}

static Match test_anomaly(const Condition *condition, const Scope *scope, GPtrArray *why) {
    for (guint i = 0; i < scope->decision->anomalies->len; i++) {
        const char *anomaly = g_ptr_array_index(scope->decision->anomalies, i);
        if (value_matches(condition, anomaly) != MATCH_YES)
            continue;
        say(why, "an oddity: %s%s", anomaly,
            text_equal(anomaly, "matter-mismatch")
                ? " (the mail or its thread names a matter that not all its people have)"
                : "");
        return MATCH_YES;
    }
    bool seen = scope->in->facts->judged;
    say(why, seen ? "none of these oddities" : "the content was not seen, so its oddities are unknown");
    return unless_hidden(MATCH_NO, !seen);
}

static Match test_encryption(const Condition *condition, const Scope *scope, GPtrArray *why) {
    EncryptionState state = scope->in->facts->judged ? scope->in->facts->encryption : ENC_UNKNOWN;
    say(why, state == ENC_NONE ? "the mail is not encrypted" : "the mail's encryption is: %s", encryption_name(state));
    return word_matches(condition, encryption_name(state));
}

static Match test_unreadable(const Condition *condition, const Scope *scope, GPtrArray *why) {
    bool unreadable = scope->in->facts->unreadable || !scope->in->facts->judged;
    say(why, unreadable ? "a part could not be read" : "everything could be read");
    return yes_or_no(unreadable == condition->flag);
}

static Match test_size_over(const Condition *condition, const Scope *scope, GPtrArray *why) {
    g_autofree char *size = g_format_size(scope->in->facts->size);
    say(why, "the message is %s large (%" PRIu64 " bytes)", size, scope->in->facts->size);
    return yes_or_no(scope->in->facts->size > (uint64_t)MAX(condition->number, 0));
}

const char *whom(const Scope *scope, const GPtrArray *why, char buffer[400]) {
    if (!why)
        return "";
    bool sender = scope->person == scope->decision->sender;
    g_snprintf(buffer, 400, sender ? "the sender %s" : "recipient %s", scope->person->address);
    return buffer;
}

static Match test_person_is(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    const Person *person = scope->person;
    if (person->unknown) {
        say(why, "%s could not be looked up", whom(scope, why, name));
        return MATCH_UNKNOWN;
    }
    static const char *const words[] = {[PERSON_STAFF] = "one of the firm's staff",
                                        [PERSON_CLIENT] = "client",
                                        [PERSON_PARTY] = "a party to a matter",
                                        [PERSON_PROSPECT] = "a prospective client",
                                        [PERSON_OTHER] = "nobody the firm knows"};
    say(why, "%s is %s%s%s", whom(scope, why, name), words[person->is], person->client ? " " : "",
        person->client ? person->client->id : "");
    return value_matches(condition, person_kind_name(person->is));
}

/* We compare international domains in ASCII; a rule may be written as people write them. */
static Match address_matches(const Condition *condition, const char *address) {
    Match found = value_matches(condition, address);
    const char *at = strrchr(address, '@'), *domain = at ? at + 1 : address;
    g_autofree char *readable = found == MATCH_NO && strstr(domain, "xn--") ? g_hostname_to_unicode(domain) : NULL;
    if (!readable)
        return found;
    g_autofree char *whole = g_strdup_printf("%.*s%s", (int)(domain - address), address, readable);
    return value_matches(condition, whole);
}

static Match test_person_address(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    Match found = address_matches(condition, scope->person->address);
    say(why, "%s is %s the rule names", whom(scope, why, name), found == MATCH_YES ? "one whom" : "none whom");
    return found;
}

static Match test_person_domain(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const char *domain = address_domain(scope->person->mailbox);
    say(why, "the domain is %s", domain);
    return address_matches(condition, domain);
}

static Match test_person_walled_off(const Condition *condition, const Scope *scope, GPtrArray *why) {
    static const char *const words[] = {"is not walled off from the matter", "is walled off from the matter",
                                        "may be walled off: a look-up failed"};
    char name[400];
    Match walled = scope->person->walled_off;
    say(why, "%s %s", whom(scope, why, name), words[walled]);
    if (walled == MATCH_UNKNOWN)
        return MATCH_UNKNOWN;
    return yes_or_no((walled == MATCH_YES) == condition->flag);
}

bool value_holds(const char *value, void *condition) {
    return value_matches(condition, value) == MATCH_YES;
}

static Match test_person_role(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    const Person *person = scope->person;
    const char *role = person->staff ? person->staff->role : NULL;
    Match found = role ? value_matches(condition, role) : MATCH_NO;
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    const MatterSet *about = person->matter ? person->matter->about : NULL;
    const char *party = about && found == MATCH_NO ? matterset_role(about, base, value_holds, (void *)condition) : NULL;
    found = party ? MATCH_YES : found;
    if (!party && about && !role)
        party = matterset_role(about, base, NULL, NULL);
    role = party ? party : role;
    bool unknown = person->unknown || (person->matter && person->matter->unknown);
    say(why, "the role of %s is %s", whom(scope, why, name), role && *role ? role : unknown ? "unknown" : "none");
    return unless_hidden(found, unknown);
}

static Match test_person_team(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    const Person *person = scope->person;
    const char *team = person->staff ? person->staff->team : "";
    say(why, "the team of %s is %s", whom(scope, why, name), *team ? team : person->unknown ? "unknown" : "none");
    return unless_hidden(*team ? value_matches(condition, team) : MATCH_NO, person->unknown);
}

static Match test_person_outside(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    say(why, "%s is %s the firm's domains", whom(scope, why, name), scope->person->outside ? "outside" : "in");
    return yes_or_no(scope->person->outside == condition->flag);
}

static Match test_person_by(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const char *by = identity_by_name(scope->decision->by);
    say(why, text_equal(by, "none") ? "nothing proves who the sender is" : "the sender is proven by: %s", by);
    return unless_hidden(value_matches(condition, by), scope->person->unknown);
}

/* Only what leaves the firm needs proof; a colleague's copy is neither encrypted nor in clear. */
static Match test_recipient_proof(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    if (!scope->person->outside) {
        say(why, "%s is not outside", whom(scope, why, name));
        return MATCH_NO;
    }
    say(why, "encrypted for %s: %s", whom(scope, why, name), proof_name(scope->person->proof));
    return word_matches(condition, proof_name(scope->person->proof));
}

static Match test_recipient_certificate(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    const Person *person = scope->person;
    if (!person->outside) {
        say(why, "%s is not outside", whom(scope, why, name));
        return MATCH_NO;
    }
    if (!person->key) {
        say(why, "no certificates could be looked up");
        return MATCH_UNKNOWN;
    }
    say(why, "%s", person->key_why);
    return word_matches(condition, person->key);
}

/* Whether it is absent is asked of the whole group, in match.c. */
static Match test_present(const Condition *condition, const Scope *scope, GPtrArray *why) {
    say(why, "there is %s", scope->header ? "such a header" : "an attachment");
    return MATCH_YES;
}

static Match test_attachment_type(const Condition *condition, const Scope *scope, GPtrArray *why) {
    say(why, "attachment %s is %s", scope->attachment->name, scope->attachment->type);
    return value_matches(condition, scope->attachment->type);
}

static Match test_attachment_readable(const Condition *condition, const Scope *scope, GPtrArray *why) {
    bool readable = scope->attachment->readable;
    say(why, "attachment %s is %s", scope->attachment->name, readable ? "readable" : "not readable");
    return yes_or_no(readable == condition->flag);
}

static Match test_header_name(const Condition *condition, const Scope *scope, GPtrArray *why) {
    say(why, "there is a header %s", scope->header->name);
    return value_matches(condition, scope->header->name);
}

typedef Match (*TestFunction)(const Condition *condition, const Scope *scope, GPtrArray *why);

static const TestFunction tests[TEST_COUNT] = {
    [TEST_DIRECTION] = test_direction,
    [TEST_AUTHENTICATED] = test_authenticated,
    [TEST_AUTOMATIC] = test_automatic,
    [TEST_ASKS] = test_asks,
    [TEST_ANOMALY] = test_anomaly,
    [TEST_ENCRYPTION] = test_encryption,
    [TEST_SUBJECT] = test_subject,
    [TEST_TEXT] = test_text,
    [TEST_OWN_TEXT] = test_own_text,
    [TEST_UNREADABLE] = test_unreadable,
    [TEST_SIZE_OVER] = test_size_over,
    [TEST_PERSON_IS] = test_person_is,
    [TEST_PERSON_ADDRESS] = test_person_address,
    [TEST_PERSON_DOMAIN] = test_person_domain,
    [TEST_PERSON_WALLED_OFF] = test_person_walled_off,
    [TEST_PERSON_ROLE] = test_person_role,
    [TEST_PERSON_TEAM] = test_person_team,
    [TEST_PERSON_OUTSIDE] = test_person_outside,
    [TEST_PERSON_BY] = test_person_by,
    [TEST_RECIPIENT_PROOF] = test_recipient_proof,
    [TEST_RECIPIENT_CERTIFICATE] = test_recipient_certificate,
    [TEST_MATTER_LEVEL] = test_matter_level,
    [TEST_MATTER_CLIENT] = test_matter_client,
    [TEST_MATTER_STATUS] = test_matter_status,
    [TEST_MATTER_ID] = test_matter_id,
    [TEST_MATTER_PRIVILEGED] = test_matter_privileged,
    [TEST_MATTER_KNOWN] = test_matter_known,
    [TEST_MATTER_TEAM] = test_matter_team,
    [TEST_ATTACHMENT_PRESENT] = test_present,
    [TEST_ATTACHMENT_NAME] = test_attachment_name,
    [TEST_ATTACHMENT_TYPE] = test_attachment_type,
    [TEST_ATTACHMENT_READABLE] = test_attachment_readable,
    [TEST_ATTACHMENT_KIND] = test_attachment_kind,
    [TEST_ATTACHMENT_ENCRYPTED] = test_attachment_encrypted,
    [TEST_ATTACHMENT_TRACKED_CHANGES] = test_attachment_tracked_changes,
    [TEST_ATTACHMENT_COMMENTS] = test_attachment_comments,
    [TEST_ATTACHMENT_HIDDEN] = test_attachment_hidden,
    [TEST_ATTACHMENT_MACROS] = test_attachment_macros,
    [TEST_ATTACHMENT_SIZE_OVER] = test_attachment_size_over,
    [TEST_ATTACHMENT_AUTHOR] = test_attachment_author,
    [TEST_ATTACHMENT_ENTRY] = test_attachment_entry,
    [TEST_HEADER_NAME] = test_header_name,
    [TEST_HEADER_PRESENT] = test_present,
    [TEST_HEADER_MATCH] = test_header_match,

    [TEST_RECIPIENTS_OVER] = test_recipients_over,
    [TEST_OUT_OF_HOURS] = test_out_of_hours,
    [TEST_BLIND_COPY] = test_blind_copy,
    [TEST_BEYOND_THREAD] = test_beyond_thread,
    [TEST_PERSON_LANGUAGE] = test_person_language,
    [TEST_LANGUAGE] = test_language,
    [TEST_LANGUAGE_DIFFERS] = test_language_differs,
    [TEST_FROM_DIFFERS] = test_from_differs,
    [TEST_PERSON_WEBMAIL] = test_person_webmail,
    [TEST_PERSON_LOOKALIKE] = test_person_lookalike,
    [TEST_PERSON_FIRST_TIME] = test_person_first_time,
    [TEST_PERSON_NEW_TO_STAFF] = test_person_new_to_staff,
    [TEST_PERSON_CHANNEL] = test_person_channel,
    [TEST_MATTER_PRESERVED] = test_matter_preserved,
    [TEST_DETECTION_KIND] = test_detection_kind,
    [TEST_DETECTION_AT_LEAST] = test_detection_at_least,
    [TEST_DETECTION_WHERE] = test_detection_where,
    [TEST_ACCOUNT_KNOWN] = test_account_known,
    [TEST_SIGNATURE] = test_signature,
    [TEST_SENDER_USED_ENCRYPTION] = test_sender_used_encryption,
    [TEST_PUTS_OFF] = test_puts_off,
    [TEST_MARKED_URGENT] = test_marked_urgent,
};

/* A test without a function is our own mistake; judged, it is unknown rather than a crash on every message. */
Match test_one(const Condition *condition, const Scope *scope, GPtrArray *why) {
    TestFunction test = tests[condition->type->test];
    return test ? test(condition, scope, why) : MATCH_UNKNOWN;
}
