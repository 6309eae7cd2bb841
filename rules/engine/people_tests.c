/* SPDX-License-Identifier: Apache-2.0 */
/* A person who could not be looked up may be anybody: such a test answers unknown. */
#include "engine/people_tests.h"
#include "base/text.h"
#include "engine/lookalike.h"
#include "engine/matter_tests.h"
#include <string.h>

Match test_from_differs(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Decision *decision = scope->decision;
    bool unknown = headers_are_unknown(scope->in->facts);
    for (guint i = 0; i < decision->differs->len; i++) {
        if (value_matches(condition, g_ptr_array_index(decision->differs, i)) != MATCH_YES)
            continue;
        for (guint w = 0; w < decision->differs_why->len; w++)
            say(why, "From is not the same as %s", (const char *)g_ptr_array_index(decision->differs_why, w));
        return MATCH_YES;
    }
    say(why, unknown ? "whether From differs is unknown" : "From does not differ so");
    return unless_hidden(MATCH_NO, unknown);
}

Match test_person_webmail(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    bool webmail = scope->person->webmail;
    say(why, "%s is %s of personal webmail", whom(scope, why, name), webmail ? "an address" : "no address");
    return yes_or_no(webmail == condition->flag);
}

Match test_person_lookalike(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    const Person *person = scope->person;
    for (int kind = 0; kind < LIKENESS_KINDS; kind++) {
        const char *word = likeness_kind_name((LikenessKind)kind);
        if (!person->alike[kind] || value_matches(condition, word) != MATCH_YES)
            continue;
        say(why, "%s looks like %s (%s)", whom(scope, why, name), person->alike[kind], word);
        return MATCH_YES;
    }
    bool unknown = person->unknown || person->alike_unknown;
    say(why, unknown ? "whom %s looks like is unknown" : "%s looks like nobody of those", whom(scope, why, name));
    return unless_hidden(MATCH_NO, unknown);
}

static Match test_before(const Condition *condition, const Scope *scope, GPtrArray *why, Match never, const char *who) {
    static const char *const words[] = {"has exchanged mail with", "has not exchanged mail before with",
                                        "may have exchanged mail with"};
    char name[400];
    say(why, "%s %s %s", who, words[never], whom(scope, why, name));
    return never == MATCH_UNKNOWN ? never : yes_or_no((never == MATCH_YES) == condition->flag);
}

Match test_person_first_time(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return test_before(condition, scope, why, scope->person->first_time, "the firm");
}

Match test_person_new_to_staff(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return test_before(condition, scope, why, scope->person->new_to_staff, "staff of this message");
}

Match test_person_channel(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char name[400];
    const Client *client = scope->person->client;
    const char *channel = client ? client->channel : "";
    say(why, "the channel that %s prefers is %s", whom(scope, why, name),
        *channel                 ? channel
        : scope->person->unknown ? "unknown"
                                 : "not known");
    return unless_hidden(*channel ? value_matches(condition, channel) : MATCH_NO, scope->person->unknown);
}

/* Of several candidates any may be the one. */
Match test_matter_preserved(const Condition *condition, const Scope *scope, GPtrArray *why) {
    char today[INSTANT_TEXT];
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    instant_format(scope->in->now, today);
    g_autofree char *preserved = matterset_preserved(scope->matter->about);
    char *id = preserved ? strchr(preserved, ' ') : NULL;
    if (id)
        *id++ = '\0';
    /* The day itself still counts: "2031-01-31T09:00:00Z" begins with it. */
    bool still = id && strncmp(today, preserved, strlen(preserved)) <= 0;
    if (still)
        say(why, "matter %s is preserved until %s", id, preserved);
    else
        say(why, "the matter need not be preserved");
    return yes_or_no(still == condition->flag);
}
