/* SPDX-License-Identifier: Apache-2.0 */
/* A message without matter has no level either; one whose look-up failed has an unknown one. */
#include "engine/matter_tests.h"
#include "base/text.h"

static const char *matter_words(const ResolvedMatter *matter) {
    return matter && *matter->id ? matter->id : "(none)";
}

bool matter_is_certain(const Scope *scope, GPtrArray *why, Match *answer) {
    if (scope->matter && !scope->matter->unknown)
        return true;
    say(why, scope->matter ? "the matter could not be looked up" : "the message is about no matter");
    *answer = scope->matter ? MATCH_UNKNOWN : MATCH_NO;
    return false;
}

Match test_matter_level(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    const char *level = level_name(scope->matter->level);
    if (*scope->matter->id)
        say(why, "matter %s is %s", scope->matter->id, level);
    else
        say(why, "without a matter the level is %s", level);
    return value_matches(condition, level);
}

/* Of several candidates any may be the one, so any that matches does. */
static Match any_matter(const Condition *condition, const ResolvedMatter *matter, MatterColumn column) {
    return yes_or_no(matterset_any(matter->about, MATTERS_ALL, column, value_holds, (void *)condition));
}

Match test_matter_client(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    say(why, "the client of matter %s is %s", matter_words(scope->matter), scope->matter->client);
    if (value_matches(condition, scope->matter->client) == MATCH_YES)
        return MATCH_YES;
    return any_matter(condition, scope->matter, COLUMN_CLIENT);
}

Match test_matter_status(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    say(why, "matter %s is %s", matter_words(scope->matter), scope->matter->closed ? "closed" : "not closed");
    const MatterSet *about = scope->matter->about;
    return yes_or_no((matterset_has_status(about, MATTER_OPEN) && value_holds("open", (void *)condition)) ||
                     (matterset_has_status(about, MATTER_CLOSED) && value_holds("closed", (void *)condition)));
}

Match test_matter_id(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    const ResolvedMatter *matter = scope->matter;
    say(why, "the matter is %s%s", matter_words(matter), matter->candidates->len ? " or another candidate" : "");
    Match found = *matter->id ? value_matches(condition, matter->id) : MATCH_NO;
    bool others = found != MATCH_YES && matter->candidates->len;
    if (others && matterset_any(matter->about, MATTERS_LEFT, COLUMN_ID, value_holds, (void *)condition))
        return MATCH_YES;
    return found;
}

Match test_matter_privileged(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    say(why, "matter %s is %s", matter_words(scope->matter),
        scope->matter->privileged ? "privileged" : "not privileged");
    return yes_or_no(scope->matter->privileged == condition->flag);
}

Match test_matter_known(const Condition *condition, const Scope *scope, GPtrArray *why) {
    if (scope->matter && scope->matter->unknown) {
        say(why, "the matter could not be looked up");
        return MATCH_UNKNOWN;
    }
    bool known = scope->matter && *scope->matter->id;
    say(why, "the matter is %s", known ? scope->matter->id : "not known");
    return yes_or_no(known == condition->flag);
}

Match test_matter_team(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match answer;
    if (!matter_is_certain(scope, why, &answer))
        return answer;
    Match found = any_matter(condition, scope->matter, COLUMN_TEAM);
    say(why, "matter %s is %s of that team", matter_words(scope->matter), found == MATCH_YES ? "one" : "none");
    return found;
}
