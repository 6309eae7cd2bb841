/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope is what happens, To and Cc are what people see; the thread is what earlier mail taught. */
#include "engine/tests_envelope.h"
#include "base/text.h"
#include "engine/clues.h"
#include <inttypes.h>

Match test_recipients_over(const Condition *condition, const Scope *scope, GPtrArray *why) {
    guint count = scope->decision->recipients->len;
    say(why, "the message has %u recipient%s", count, count == 1 ? "" : "s");
    return yes_or_no((int64_t)count > condition->number);
}

/* By the firm's own calendar. */
Match test_out_of_hours(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Calendar *calendar = policy_calendar(scope->in->policy, NULL);
    Instant received = scope->in->facts->envelope->received, open;
    bool out = !calendar || !calendar_next_open(calendar, received, &open) || instant_compare(open, received) != 0;
    g_autofree char *local = calendar ? calendar_say(calendar, received) : g_strdup("");
    say(why, "it came %s working hours (%s)", out ? "outside" : "in", local);
    return yes_or_no(out == condition->flag);
}

static bool has_address(const GPtrArray *addresses, const char *address) {
    return g_ptr_array_find_with_equal_func((GPtrArray *)addresses, address, g_str_equal, NULL);
}

Match test_blind_copy(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    const char *address = scope->person->address;
    if (headers_are_unknown(facts)) {
        say(why, "whether %s is in To or Cc is unknown", address);
        return MATCH_UNKNOWN;
    }
    bool blind = !has_address(facts->to, address) && !has_address(facts->cc, address);
    say(why, "%s is %s", address, blind ? "in neither To nor Cc: a blind copy" : "in To or Cc");
    return yes_or_no(blind == condition->flag);
}

/* Is this somebody whom the hint's client or matter explains? */
static Match belongs(const Scope *scope, const ThreadHint *hint) {
    const Person *person = scope->person;
    g_autoptr(Matter) matter = NULL;
    if (person->client && *hint->client && text_equal(person->client->id, hint->client))
        return MATCH_YES;
    Lookup found = *hint->matter ? registry_matter(scope->in->registry, hint->matter, &matter) : LOOKUP_ABSENT;
    if (found == LOOKUP_FOUND && (matter_party_role(matter, person->mailbox) ||
                                  (person->client && text_equal(person->client->id, matter->client))))
        return MATCH_YES;
    return found == LOOKUP_FAILED || person->unknown ? MATCH_UNKNOWN : MATCH_NO;
}

/* The hints of the thread, the conversation index last; borrowed. */
static GPtrArray *thread_of(const Scope *scope) {
    const Facts *facts = scope->in->facts;
    GPtrArray *hints = g_ptr_array_new();
    for (guint i = 0; i <= facts->thread->len; i++) {
        const char *id = i < facts->thread->len ? g_ptr_array_index(facts->thread, i) : facts->thread_index;
        const ThreadHint *hint = thread_hint_of(scope->in->hints, id);
        if (hint && (*hint->client || *hint->matter))
            g_ptr_array_add(hints, (void *)hint);
    }
    return hints;
}

static Match in_thread(const Scope *scope, const GPtrArray *hints) {
    Match found = MATCH_NO;
    for (guint i = 0; i < hints->len && found != MATCH_YES; i++) {
        Match one = belongs(scope, g_ptr_array_index(hints, i));
        found = one == MATCH_NO ? found : one;
    }
    return found;
}

/* A fresh message is beyond nothing, and neither are colleagues, whom walls look after. */
Match test_beyond_thread(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const char *address = scope->person->address;
    if (!facts_has_thread(scope->in->facts) || !scope->person->outside) {
        say(why, "%s", scope->person->outside ? "it continues no thread" : "a colleague is in every thread");
        return yes_or_no(!condition->flag);
    }
    g_autoptr(GPtrArray) hints = thread_of(scope);
    if (!hints->len) {
        say(why, "nothing is known of the thread that it continues");
        return scope->in->hints->missing ? MATCH_UNKNOWN : yes_or_no(!condition->flag);
    }
    Match found = in_thread(scope, hints);
    const ThreadHint *last = g_ptr_array_index(hints, hints->len - 1);
    const char *about = *last->matter ? last->matter : last->client;
    static const char *const words[] = {"has nothing to do with", "belongs to", "may belong to"};
    say(why, "%s %s the thread, which is about %s", address, words[found], about);
    if (found == MATCH_UNKNOWN)
        return MATCH_UNKNOWN;
    return yes_or_no((found == MATCH_NO) == condition->flag);
}

/* The one that the register gives a client or a colleague. */
Match test_person_language(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Person *person = scope->person;
    const char *language = person->client ? person->client->language : person->staff ? person->staff->language : "";
    if (person->unknown) {
        say(why, "%s could not be looked up", person->address);
        return MATCH_UNKNOWN;
    }
    say(why, "the language of %s is %s", person->address, *language ? language : "not known");
    for (guint i = 0; *language && i < condition->texts->len; i++)
        if (text_equal_nocase(g_ptr_array_index(condition->texts, i), language))
            return MATCH_YES;
    return MATCH_NO;
}
