/* SPDX-License-Identifier: Apache-2.0 */
/* Where every service level lets anyone answer, as most do, nothing is added. */
#include "front/clearing.h"
#include "base/jsontext.h"
#include "base/text.h"
#include "policy/clearing.h"

static void record_answer(GString *out, const char *staff, const Rulebook *book) {
    if (*staff)
        jsontext_text(out, "by", staff);
    if (*staff && clearing_is_restricted(book->policy)) {
        g_autoptr(GPtrArray) names = clearing_names(book->registry, staff);
        jsontext_texts(out, "as", names);
    }
    if (clearing_joins(book->policy))
        jsontext_flag(out, "joint", true);
}

static void record_question(GString *out, const JsonView *item, const Rulebook *book) {
    const ServiceLevel *level = policy_service_level(book->policy, view_text_or(item, "service_level", ""));
    if (!level)
        return;
    g_autofree char *words = clearing_words(level, book->registry, view_text_or(item, "owner", ""));
    if (*words)
        jsontext_text(out, "clears", words);
    if (level->joint)
        jsontext_flag(out, "joint", true);
}

void clearing_record(GString *out, const JsonView *item, const char *staff, const Rulebook *book) {
    const char *op = view_text_or(item, "op", "");
    if (text_equal(op, "clear") || text_equal(op, "suggest"))
        record_answer(out, staff, book);
    else if (!text_equal(view_text(item, "kind"), "expected"))
        record_question(out, item, book);
}
