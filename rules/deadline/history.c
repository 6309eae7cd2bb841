/* SPDX-License-Identifier: Apache-2.0 */
/* Events and their words. An event without words of its own is told by its name, so that none is ever left out. */
#include "deadline/history.h"
#include "base/text.h"
#include <string.h>

#define TEXT_MAX 500

/* {who} and {detail} are the event's; of two phrases the second is for an event that nobody is named for. */
static const struct {
    const char *event, *words, *without_who;
} phrases[] = {
    {"opened", "opened", NULL},
    {"asked-again", "the client asked again", NULL},
    {"promised", "promised by our own reply", NULL},
    {"expects", "an answer of the client is expected", NULL},
    {"never-asked", "our own mail was not delivered, so it expects nothing", NULL},
    {"urgent", "urgent by a rule", NULL},
    {"marked-urgent", "marked as urgent by the client", NULL},
    {"on-hold", "the message is on hold: {detail}", NULL},
    {"let-go", "the message was released", NULL},
    {"held-refused", "a held question was refused by {who}", "a held question was refused"},
    {"held-gone", "the held message is gone, and nobody knows why", NULL},
    {"puts-off", "the reply seems to put the client off, but no rule makes it a holding reply", NULL},
    {"reply", "reply by {who}", "reply"},
    {"perhaps", "perhaps answered by {who}", "perhaps answered"},
    {"asked-owner", "{who} asked whether that was the answer", "somebody asked whether that was the answer"},
    {"kept", "kept open: that was not the answer, says {who}", "kept open"},
    {"answered", "answered, says {who}", "answered"},
    {"closed", "closed by {who}", "closed"},
    {"closed-as", "closed by {who}: {detail}", "closed: {detail}"},
    {"merged", "closed by {who}: merged into {detail}", "merged into {detail}"},
    {"merged-in", "{who} merged {detail} into this one", "{detail} was merged into this one"},
    {"priority", "priority {detail}, says {who}", "priority {detail}"},
    {"snoozed", "snoozed until {detail} by {who}", "snoozed until {detail}"},
    {"handed-over", "handed to {detail} by {who}", "handed to {detail}"},
    {"recomputed", "recomputed by {who}: due {detail}", "recomputed: due {detail}"},
    {"told", "told {who} ({detail})", "told {detail}"},
    {"sent", "the reply was sent", NULL},
    {"final", "the reply counts as sent: nothing bad was heard of it", NULL},
    {"reopened", "opened again by {who}", "opened again: the reply was not delivered"},
    {"mended", "its places in Redis were wrong and were mended: {detail}", NULL},
    {"omitted", "events left out here: {detail}", NULL},
};

static char *clean(const char *text) {
    return text_printable(text, strlen(text), TEXT_MAX);
}

HistoryEvent *history_event_new(Instant at, const char *event, const char *who, const char *detail, const char *why,
                                const char *message) {
    HistoryEvent *made = g_new0(HistoryEvent, 1);
    const char *slash = strchr(why, '/');
    g_autofree char *rules = slash ? g_strndup(why, (gsize)(slash - why)) : g_strdup(why);
    made->at = at;
    made->event = clean(event);
    made->who = clean(who);
    made->detail = clean(detail);
    made->rules = clean(rules);
    made->policy = clean(slash ? slash + 1 : "");
    made->message = clean(message);
    return made;
}

void history_event_free(HistoryEvent *event) {
    if (!event)
        return;
    char *const texts[] = {event->event, event->who, event->detail, event->rules, event->policy, event->message};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(event);
}

/* Words with commas between; caller owns. */
static char *listed(const char *words) {
    g_autoptr(GPtrArray) list = text_words(words);
    g_ptr_array_add(list, NULL);
    return g_strjoinv(", ", (char **)list->pdata);
}

static char *look_up(const char *name, void *state) {
    const HistoryEvent *event = state;
    if (strcmp(name, "who") == 0)
        return listed(event->who);
    return strcmp(name, "detail") == 0 ? g_strdup(event->detail) : NULL;
}

/* Caller owns. */
static char *what_happened(HistoryEvent *event) {
    const char *words = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(phrases) && !words; i++)
        if (text_equal(phrases[i].event, event->event))
            words = !*event->who && phrases[i].without_who ? phrases[i].without_who : phrases[i].words;
    if (words)
        return text_fill(words, look_up, event);
    g_autofree char *who = listed(event->who);
    return g_strconcat(event->event, *event->detail ? " " : "", event->detail, *who ? " by " : "", who, NULL);
}

char *history_event_say(HistoryEvent *event) {
    g_autofree char *what = what_happened(event), *rules = listed(event->rules);
    GString *out = g_string_new(what);
    if (*rules)
        g_string_append_printf(out, "; rule%s %s", strchr(rules, ',') ? "s" : "", rules);
    if (*rules && *event->policy)
        g_string_append_printf(out, " of policy %s", event->policy);
    if (*event->message)
        g_string_append_printf(out, "; message %s", event->message);
    return g_string_free(out, FALSE);
}
