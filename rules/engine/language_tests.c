/* SPDX-License-Identifier: Apache-2.0 */
/* A language that is not certain is unknown; so is whether a text is in a language that is not among those compared. */
#include "engine/language_tests.h"
#include "base/text.h"
#include "facts/language.h"

static void say_unknown(GPtrArray *why) {
    say(why, "the language of the text is unknown: it is too short, mixed, or cannot be read");
}

Match test_language(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const char *language = scope->in->facts->language;
    if (language)
        say(why, "the text is in language %s", language);
    else
        say_unknown(why);
    Match found = value_matches(condition, language ? language : "unknown");
    return found == MATCH_NO && !language ? MATCH_UNKNOWN : found;
}

/* Of somebody without a language in the register nothing differs. */
Match test_language_differs(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Person *person = scope->person;
    const char *language = scope->in->facts->language;
    const char *wanted = person->client ? person->client->language : person->staff ? person->staff->language : "";
    if (person->unknown) {
        say(why, "%s could not be looked up", person->address);
        return MATCH_UNKNOWN;
    }
    if (!*wanted) {
        say(why, "the language of %s is not known", person->address);
        return condition->flag ? MATCH_NO : MATCH_YES;
    }
    if (!language) {
        say_unknown(why);
        return MATCH_UNKNOWN;
    }
    const char *preferred = language_of_tag(wanted);
    say(why, "the text is in language %s, and %s reads %s%s", language, person->address, wanted,
        preferred ? "" : ", which it is not compared with");
    if (!preferred)
        return MATCH_UNKNOWN;
    return text_equal(preferred, language) != condition->flag ? MATCH_YES : MATCH_NO;
}
