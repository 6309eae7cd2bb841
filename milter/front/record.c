/* SPDX-License-Identifier: Apache-2.0 */
/* Writes journal payloads from a checked answer. Clear members are ours; `p` and each operation's `p` are sealed. */
#include "front/record.h"
#include "base/jsontext.h"
#include "base/text.h"
#include "front/clearing.h"
#include "front/consents.h"
#include "front/fatebook.h"
#include "front/inclear.h"
#include "front/recordlist.h"
#include "front/ways.h"
#include <string.h>

enum { OP_SUBJECT_MAX = 120, ADDRESS_MAX = 320, ADDRESSED_MAX = 100, WHY_MAX = 400, WHYS_MAX = 200 };

static void set_text(GString *out, const char *key, const char *text) {
    if (text && *text)
        jsontext_text(out, key, text);
}

static void set_printable(GString *out, const char *key, const char *text, size_t most) {
    g_autofree char *clean = text ? text_printable(text, strlen(text), most) : NULL;
    set_text(out, key, clean);
}

/* The key in use: what one message gives to seal is nearly always one client's. */
typedef struct {
    Keyring *ring;
    const char *client; /* borrowed; NULL: none yet */
    SealKey key;
} Sealer;

static void sealer_clear(Sealer *sealer) {
    seal_wipe(&sealer->key, sizeof sealer->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sealer, sealer_clear)

/* Seals `plain` (taken over) into `out`; an empty client is the firm's own key. */
static bool seal_into(GString *out, Sealer *sealer, const char *client, GString *plain, GError **error) {
    client = *client ? client : KEYRING_FIRM;
    bool good = text_equal(sealer->client, client) || keyring_key(sealer->ring, client, &sealer->key, error);
    sealer->client = good ? client : NULL;
    g_autofree char *sealed = good ? keyring_seal_with(&sealer->key, client, plain->str) : NULL;
    g_string_free(plain, TRUE);
    if (good)
        jsontext_text(out, "p", sealed);
    return good;
}

/* What a stranger may have had a word in: printable and cut. */
static void add_printable(GString *out, const JsonView *texts) {
    for (const JsonView *text = view_first(texts); text; text = view_next(texts, text)) {
        g_autofree char *clean = text_printable(view_string(text), view_length(text), WHY_MAX);
        jsontext_text(out, NULL, clean);
    }
}

static void set_whys(GString *out, const JsonView *answer) {
    const JsonView *rules = view_list(answer, "rules");
    size_t count = 0;
    jsontext_open(out, "why", '[');
    for (const JsonView *rule = view_first(rules); rule && count < WHYS_MAX; rule = view_next(rules, rule)) {
        if (text_equal(view_text(rule, "match"), "no"))
            continue;
        add_printable(out, view_list(rule, "why"));
        count += view_count(view_list(rule, "why"));
    }
    jsontext_close(out, ']');
}

/* In the order of the remarks. */
static void set_remark_whys(GString *out, const JsonView *answer) {
    const JsonView *list = view_list(view_member(answer, "decision"), "remarks");
    if (!view_count(list))
        return;
    jsontext_open(out, "remarks", '[');
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        jsontext_text(out, NULL, view_text_or(item, "why", ""));
    jsontext_close(out, ']');
}

/* Whose certificates and keys the gateway encrypted it to, by their fingerprints. */
static void set_keys(GString *out, const JsonView *answer) {
    g_autoptr(GPtrArray) keys = view_texts(view_list(view_member(view_member(answer, "decision"), "sealed"), "keys"));
    if (keys->len)
        jsontext_texts(out, "keys", keys);
}

static void set_failure(GString *out, const SplitFailure *failure) {
    jsontext_texts(out, "reached", failure->reached);
    if (failure->unsent)
        jsontext_texts(out, "unsent", failure->unsent);
    set_printable(out, "failure", failure->why, WHY_MAX);
}

/* Of a message that comes again and does not go on as copies this time some are out all the same. */
static void set_reached(GString *out, const RecordInput *input, const Answer *answer) {
    if (input->before && !input->original)
        jsontext_texts(out, "reached", input->before);
    ways_record_who(out, answer);
}

/* The caller owns what it gets. `answer` is NULL for a message that nobody judged; of that, `in_clear` says to whom it
 * would leave unencrypted. */
static GString *personal(const RecordInput *input, const Answer *answer, const GPtrArray *in_clear) {
    const Session *session = input->session;
    GString *plain = g_string_sized_new(1024);
    jsontext_open(plain, NULL, '{');
    jsontext_text(plain, "from", session->envelope->sender);
    jsontext_texts(plain, "rcpt", session->envelope->recipients);
    if (answer) {
        set_text(plain, "subject", view_text(answer->json, "subject"));
        set_text(plain, "message_id", view_text(answer->json, "message_id"));
        set_text(plain, "signed_by", view_text(view_member(answer->json, "signature"), "by"));
        set_whys(plain, answer->json);
        set_remark_whys(plain, answer->json);
        if (!input->failure)
            consents_record_who(plain, answer->json);
        g_autoptr(GPtrArray) text = view_texts(view_list(view_member(answer->json, "decision"), "text"));
        jsontext_texts(plain, "text", text);
        set_text(plain, "body_before", input->body_before);
        set_text(plain, "body_after", input->body_after);
        set_keys(plain, answer->json);
        inclear_record_to(plain, answer->json);
        if (input->failure)
            set_failure(plain, input->failure);
        else
            set_reached(plain, input, answer);
    } else if (session->ids.own->len) {
        set_text(plain, "message_id", g_ptr_array_index(session->ids.own, 0));
    }
    if (in_clear && in_clear->len)
        jsontext_texts(plain, "in_clear", in_clear);
    jsontext_close(plain, '}');
    return plain;
}

/* One operation on a deadline. */

static bool seal_op(GString *out, const JsonView *item, Sealer *sealer, const Answer *answer, GError **error) {
    GString *plain = g_string_sized_new(512);
    jsontext_open(plain, NULL, '{');
    set_printable(plain, "subject", view_text(answer->json, "subject"), OP_SUBJECT_MAX);
    const char *party = view_text_or(item, "party", "");
    set_printable(plain, "from", *party ? party : view_text(view_member(answer->json, "sender"), "address"),
                  ADDRESS_MAX);
    set_text(plain, "message_id", view_text(answer->json, "message_id"));
    set_text(plain, "unclear", view_text(item, "unclear"));
    jsontext_close(plain, '}');
    return seal_into(out, sealer, view_text_or(item, "client", ""), plain, error);
}

static void set_steps(GString *out, const JsonView *item) {
    const JsonView *steps = view_list(item, "steps");
    jsontext_open(out, "steps", '[');
    for (const JsonView *step = view_first(steps); step; step = view_next(steps, step)) {
        g_autoptr(GPtrArray) tell = view_texts(view_list(step, "tell"));
        jsontext_open(out, NULL, '{');
        set_text(out, "at", view_text(step, "at"));
        jsontext_texts(out, "tell", tell);
        jsontext_close(out, '}');
    }
    jsontext_close(out, ']');
}

/* What most have not is left out. */
static void set_owed(GString *out, const JsonView *item) {
    static const char *const flags[] = {"urgent", "marked_urgent", "puts_off", "fresh"};
    const char *kind = view_text_or(item, "kind", "question");
    int64_t cap = view_number(item, "cap", 0);
    if (!text_equal(kind, "question"))
        jsontext_text(out, "kind", kind);
    set_text(out, "soft_why", view_text(item, "soft_why"));
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if (view_flag(item, flags[i], false))
            jsontext_flag(out, flags[i], true);
    if (cap)
        jsontext_number(out, "cap", cap);
}

static bool write_op(GString *out, const JsonView *item, const Session *session, const Answer *answer, Sealer *sealer,
                     GError **error) {
    static const char *const same[] = {"op", "id", "client", "matter", "owner"};
    char start[INSTANT_TEXT];
    jsontext_open(out, NULL, '{');
    for (size_t i = 0; i < G_N_ELEMENTS(same); i++)
        set_text(out, same[i], view_text(item, same[i]));
    jsontext_flag(out, "soft", view_flag(item, "soft", false));
    set_text(out, "due", view_text(item, "due"));
    set_steps(out, item);
    set_owed(out, item);
    set_text(out, "sl", view_text(item, "service_level"));
    jsontext_text(out, "start", instant_format(session->envelope->received, start));
    clearing_record(out, item, view_text_or(view_member(answer->json, "sender"), "staff", ""), session->book);
    if (!seal_op(out, item, sealer, answer, error))
        return false;
    jsontext_close(out, '}');
    return true;
}

/* Whose mail came is all that it says. */
static void set_receives(GString *out, const Answer *answer) {
    const JsonView *list = view_list(answer->json, "receives");
    for (const JsonView *item = view_first(list); item; item = view_next(list, item)) {
        jsontext_open(out, NULL, '{');
        jsontext_text(out, "op", "receive");
        set_text(out, "client", view_text(item, "client"));
        jsontext_close(out, '}');
    }
}

static bool set_ops(GString *out, const Session *session, const Answer *answer, Sealer *sealer, GError **error) {
    const JsonView *const lists[] = {view_list(answer->json, "deadlines"), view_list(answer->json, "suggests")};
    jsontext_open(out, "ops", '[');
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (const JsonView *item = view_first(lists[i]); item; item = view_next(lists[i], item))
            if (!write_op(out, item, session, answer, sealer, error))
                return false;
    set_receives(out, answer);
    jsontext_close(out, ']');
    return true;
}

GPtrArray *record_rules(const Answer *answer) {
    GPtrArray *ids = g_ptr_array_new();
    const JsonView *rules = view_list(answer->json, "rules");
    for (const JsonView *rule = view_first(rules); rule; rule = view_next(rules, rule))
        if (view_flag(rule, "applies", false) && !view_flag(rule, "observed", false))
            g_ptr_array_add(ids, (char *)view_text(rule, "id"));
    return ids;
}

static bool is_held(const Answer *answer) {
    return answer->action == ACTION_HOLD || answer->action == ACTION_CONFIRM;
}

void record_held_copy(GString *out, const Answer *answer) {
    const JsonView *matter = view_member(answer->json, "matter");
    g_autoptr(GPtrArray) rules = record_rules(answer);
    if (!is_held(answer))
        return;
    set_text(out, "held", action_name(answer->action));
    set_text(out, "staff", view_text(view_member(answer->json, "sender"), "staff"));
    set_text(out, "client", view_text(matter, "client"));
    set_text(out, "matter", view_text(matter, "id"));
    jsontext_texts(out, "rules", rules);
    inclear_record(out, answer);
}

static GString *head(const RecordInput *input, const char *track, Action action, int code) {
    GString *out = g_string_sized_new(3072);
    set_text(out, "qid", input->session->envelope->queue_id);
    set_text(out, "track", track);
    set_text(out, "action", action_name(action));
    jsontext_number(out, "code", code);
    jsontext_number(out, "ms", input->ms);
    jsontext_texts(out, "threads", input->threads);
    jsontext_texts(out, "people", input->people);
    return out;
}

/* What the attempts at a message that cannot go on are not: told to people each time, and a way for everybody. */
static void set_effects(GString *out, const RecordInput *input, const Answer *answer) {
    if (input->failure)
        return;
    if (answer->notify->len)
        jsontext_texts(out, "notify", answer->notify);
    consents_record(out, answer->json);
    ways_record(out, answer);
}

static void set_judged(GString *out, const Answer *checked) {
    const JsonView *answer = checked->json;
    const JsonView *sender = view_member(answer, "sender"), *matter = view_member(answer, "matter");
    g_autoptr(GPtrArray) rules = record_rules(checked);
    set_text(out, "direction", view_text(answer, "direction"));
    set_text(out, "is", view_text(sender, "is"));
    set_text(out, "by", view_text(sender, "by"));
    set_text(out, "staff", view_text(sender, "staff"));
    set_text(out, "client", view_text(matter, "client"));
    set_text(out, "matter", view_text(matter, "id"));
    set_text(out, "level", view_text(matter, "level"));
    jsontext_texts(out, "rules", rules);
    set_text(out, "policy", view_text(view_member(answer, "policy"), "version"));
    set_text(out, "digest", view_text(view_member(answer, "policy"), "digest"));
    set_text(out, "registry", view_text(view_member(answer, "registry"), "digest"));
    set_text(out, "enc", view_text(view_member(answer, "encryption"), "state"));
    const char *signature = view_text(view_member(answer, "signature"), "state");
    set_text(out, "sig", text_equal(signature, "none") ? NULL : signature);
    set_text(out, "sealed", view_text(view_member(view_member(answer, "decision"), "sealed"), "way"));
    set_text(out, "subject_outside",
             view_text(view_member(view_member(answer, "decision"), "sealed"), "subject_outside"));
    set_text(out, "auto", view_text(view_member(answer, "automatic"), "kind"));
    if (view_count(view_list(answer, "anomalies"))) {
        jsontext_open(out, "anomalies", '[');
        add_printable(out, view_list(answer, "anomalies"));
        jsontext_close(out, ']');
    }
}

/* Kinds and counts. Where they stood may name a file, and what they are is nobody's business. */
static void set_detections(GString *out, const JsonView *answer) {
    const JsonView *list = view_list(answer, "detections");
    if (!view_count(list))
        return;
    jsontext_open(out, "detections", '[');
    for (const JsonView *item = view_first(list); item; item = view_next(list, item)) {
        jsontext_open(out, NULL, '{');
        set_text(out, "detector", view_text(item, "detector"));
        jsontext_number(out, "count", view_number(item, "count", 0));
        jsontext_close(out, '}');
    }
    jsontext_close(out, ']');
}

/* Banners and disclaimers that were to stand in the text: whose, and what became of them. */
static void set_remarks(GString *out, const JsonView *answer) {
    static const char *const same[] = {"rule", "kind", "form", NULL};
    recordlist_texts(out, "remarks", view_list(view_member(answer, "decision"), "remarks"), same);
}

/* To whom an answer goes: a report by mail that it did not arrive is believed of them alone. */
static void set_addressed(GString *out, const Session *session, const Answer *answer) {
    if (!text_equal(view_text(answer->json, "direction"), "outgoing") ||
        !view_count(view_list(answer->json, "deadlines")))
        return;
    jsontext_open(out, "to", '[');
    for (guint i = 0; i < session->envelope->recipients->len && i < ADDRESSED_MAX; i++) {
        g_autofree char *hash =
            fatebook_hash(session->front->keyring, g_ptr_array_index(session->envelope->recipients, i));
        jsontext_text(out, NULL, hash);
    }
    jsontext_close(out, ']');
}

char *record_decision(const RecordInput *input, const Answer *answer, GError **error) {
    const Session *session = input->session;
    g_auto(Sealer) sealer = {.ring = session->front->keyring};
    const char *client = view_text_or(view_member(answer->json, "matter"), "client", "");
    g_autoptr(GString) out = head(input, answer->track, input->failure ? input->failure->action : answer->action,
                                  input->failure ? input->failure->code : answer->code);
    if (answer->observe)
        jsontext_flag(out, "observe", true);
    set_judged(out, answer);
    set_detections(out, answer->json);
    set_remarks(out, answer->json);
    set_effects(out, input, answer);
    inclear_record(out, answer);
    if (input->failure && is_held(answer))
        set_text(out, "held", action_name(answer->action));
    if (input->original) {
        set_text(out, "original", input->original);
        jsontext_texts(out, "copies", input->copies);
    }
    set_addressed(out, session, answer);
    if (!set_ops(out, session, answer, &sealer, error))
        return NULL;
    jsontext_text(out, "k", *client ? client : KEYRING_FIRM);
    if (!seal_into(out, &sealer, client, personal(input, answer, NULL), error))
        return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *client_of(const Registry *registry, const char *address) {
    g_autoptr(Client) client = NULL;
    if (*address && registry_client_of(registry, address, &client) == LOOKUP_FOUND)
        return g_strdup(client->id);
    return g_strdup("");
}

/* Nobody read the message: whose it is follows from the envelope alone. */
char *record_unjudged(const RecordInput *input, const char *track, Action action, GError **error) {
    const Session *session = input->session;
    g_auto(Sealer) sealer = {.ring = session->front->keyring};
    g_autofree char *client = client_of(session->book->registry, session->envelope->sender);
    g_autoptr(GString) out = head(input, track, action, 250);
    set_text(out, "direction", action == ACTION_HOLD ? "outgoing" : "incoming");
    set_text(out, "is", *client ? "client" : "other");
    set_text(out, "client", client);
    set_text(out, "policy", policy_settings(session->book->policy)->policy_version);
    set_text(out, "digest", policy_digest(session->book->policy));
    set_text(out, "registry", registry_digest(session->book->registry));
    g_autoptr(GPtrArray) in_clear =
        action == ACTION_HOLD ? inclear_unjudged(session->book->policy, session->envelope) : NULL;
    if (in_clear)
        set_text(out, "in_clear", in_clear->len ? "unknown" : "no");
    jsontext_texts(out, "ops", NULL);
    jsontext_text(out, "k", *client ? client : KEYRING_FIRM);
    if (!seal_into(out, &sealer, client, personal(input, NULL, in_clear), error))
        return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}
