/* SPDX-License-Identifier: Apache-2.0 */
/* Builds journal payloads from a checked answer. Clear members are ours; `p` and each operation's `p` are sealed. */
#include "front/record.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

enum { OP_SUBJECT_MAX = 120, ADDRESS_MAX = 320, WHY_MAX = 400, WHYS_MAX = 200 };

static void set_text(json_t *object, const char *key, const char *text) {
    if (text && *text)
        json_object_set_new(object, key, json_string(text));
}

/* Borrowed members are shared, not copied: an answer is never changed after its check. */
static void set_same(json_t *object, const char *key, json_t *value) {
    if (value && !(json_is_string(value) && !*json_string_value(value)))
        json_object_set(object, key, value);
}

static void set_printable(json_t *object, const char *key, const char *text) {
    g_autofree char *clean = text ? text_printable(text, strlen(text), ADDRESS_MAX) : NULL;
    set_text(object, key, clean);
}

/* Seals `plain` (taken over) into `object`; an empty client is the firm's own key. */
static bool seal_into(json_t *object, Keyring *ring, const char *client, json_t *plain, GError **error) {
    char *text = json_compact(plain);
    json_decref(plain);
    g_autofree char *sealed = text ? keyring_seal(ring, *client ? client : KEYRING_FIRM, text, error) : NULL;
    free(text);
    if (!sealed)
        return false;
    json_object_set_new(object, "p", json_string(sealed));
    return true;
}

/* What a stranger may have had a word in: printable and cut. */
static void add_printable(json_t *array, const json_t *texts) {
    for (size_t i = 0; i < json_array_size(texts); i++) {
        const json_t *text = json_array_get(texts, i);
        g_autofree char *clean = text_printable(json_string_value(text), json_string_length(text), WHY_MAX);
        json_array_append_new(array, json_string(clean));
    }
}

static json_t *all_whys(const json_t *answer) {
    json_t *whys = json_array();
    const json_t *rules = json_list(answer, "rules");
    for (size_t i = 0; i < json_array_size(rules) && json_array_size(whys) < WHYS_MAX; i++) {
        const json_t *rule = json_array_get(rules, i);
        if (!text_equal(json_text(rule, "match"), "no"))
            add_printable(whys, json_list(rule, "why"));
    }
    return whys;
}

static json_t *personal(const Session *session, const Answer *answer) {
    json_t *plain = json_object();
    json_object_set_new(plain, "from", json_string(session->envelope->sender));
    json_object_set_new(plain, "rcpt", json_from_texts(session->envelope->recipients));
    if (!answer) {
        if (session->ids.own->len)
            set_text(plain, "message_id", g_ptr_array_index(session->ids.own, 0));
        return plain;
    }
    set_same(plain, "subject", json_object_get(answer->json, "subject"));
    set_same(plain, "message_id", json_object_get(answer->json, "message_id"));
    json_object_set_new(plain, "why", all_whys(answer->json));
    json_object_set(plain, "text", json_object_get(json_member(answer->json, "decision"), "text"));
    return plain;
}

/* One operation on a deadline. */

static bool seal_op(json_t *op, const Session *session, const Answer *answer, GError **error) {
    const char *subject = json_text_or(answer->json, "subject", "");
    json_t *plain = json_object();
    g_autofree char *cut = text_printable(subject, strlen(subject), OP_SUBJECT_MAX);
    set_text(plain, "subject", cut);
    set_printable(plain, "from", json_text(json_member(answer->json, "sender"), "address"));
    set_same(plain, "message_id", json_object_get(answer->json, "message_id"));
    return seal_into(op, session->front->keyring, json_text_or(op, "client", ""), plain, error);
}

static json_t *op_from(const json_t *item, const Session *session, const Answer *answer, GError **error) {
    static const char *const same[] = {"op", "id", "client", "matter", "owner", "soft", "due", "steps"};
    char start[INSTANT_TEXT];
    g_autoptr(json_t) op = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(same); i++)
        set_same(op, same[i], json_object_get(item, same[i]));
    set_same(op, "sl", json_object_get(item, "service_level"));
    json_object_set_new(op, "start", json_string(instant_format(session->envelope->received, start)));
    if (strcmp(json_text(item, "op"), "clear") == 0)
        set_same(op, "by", json_object_get(json_member(answer->json, "sender"), "staff"));
    if (!seal_op(op, session, answer, error))
        return NULL;
    return g_steal_pointer(&op);
}

static bool set_ops(json_t *payload, const Session *session, const Answer *answer, GError **error) {
    const json_t *list = json_list(answer->json, "deadlines");
    json_t *ops = json_array();
    json_object_set_new(payload, "ops", ops);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *op = op_from(json_array_get(list, i), session, answer, error);
        if (!op)
            return false;
        json_array_append_new(ops, op);
    }
    return true;
}

json_t *record_rules(const Answer *answer) {
    json_t *ids = json_array();
    const json_t *rules = json_list(answer->json, "rules");
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (json_flag(rule, "applies", false) && !json_flag(rule, "observed", false))
            json_array_append(ids, json_object_get(rule, "id"));
    }
    return ids;
}

static json_t *head(const RecordInput *input, const char *track, Action action, int code) {
    json_t *payload = json_object();
    set_text(payload, "qid", input->session->envelope->queue_id);
    set_text(payload, "track", track);
    set_text(payload, "action", action_name(action));
    json_object_set_new(payload, "code", json_integer(code));
    json_object_set_new(payload, "ms", json_integer(input->ms));
    json_object_set_new(payload, "threads", json_from_texts(input->threads));
    return payload;
}

static void set_judged(json_t *payload, const Answer *checked) {
    const json_t *answer = checked->json;
    const json_t *sender = json_member(answer, "sender"), *matter = json_member(answer, "matter");
    set_same(payload, "direction", json_object_get(answer, "direction"));
    set_same(payload, "is", json_object_get(sender, "is"));
    set_same(payload, "by", json_object_get(sender, "by"));
    set_same(payload, "staff", json_object_get(sender, "staff"));
    set_same(payload, "client", json_object_get(matter, "client"));
    set_same(payload, "matter", json_object_get(matter, "id"));
    set_same(payload, "level", json_object_get(matter, "level"));
    json_object_set_new(payload, "rules", record_rules(checked));
    set_same(payload, "policy", json_object_get(json_member(answer, "policy"), "version"));
    set_same(payload, "digest", json_object_get(json_member(answer, "policy"), "digest"));
    set_same(payload, "registry", json_object_get(json_member(answer, "registry"), "digest"));
    set_same(payload, "enc", json_object_get(json_member(answer, "encryption"), "state"));
    set_same(payload, "auto", json_object_get(json_member(answer, "automatic"), "kind"));
    if (json_array_size(json_list(answer, "anomalies"))) {
        json_object_set_new(payload, "anomalies", json_array());
        add_printable(json_object_get(payload, "anomalies"), json_list(answer, "anomalies"));
    }
}

json_t *record_decision(const RecordInput *input, const Answer *answer, GError **error) {
    const char *client = json_text_or(json_member(answer->json, "matter"), "client", "");
    g_autoptr(json_t) payload = head(input, answer->track, answer->action, answer->code);
    if (answer->observe)
        json_object_set_new(payload, "observe", json_true());
    set_judged(payload, answer);
    if (!set_ops(payload, input->session, answer, error))
        return NULL;
    json_object_set_new(payload, "k", json_string(*client ? client : KEYRING_FIRM));
    if (!seal_into(payload, input->session->front->keyring, client, personal(input->session, answer), error))
        return NULL;
    return g_steal_pointer(&payload);
}

static char *client_of(const Registry *registry, const char *address) {
    g_autoptr(Client) client = NULL;
    if (*address && registry_client_of(registry, address, &client) == LOOKUP_FOUND)
        return g_strdup(client->id);
    return g_strdup("");
}

/* Nobody read the message: whose it is follows from the envelope alone. */
json_t *record_unjudged(const RecordInput *input, const char *track, Action action, GError **error) {
    const Session *session = input->session;
    g_autofree char *client = client_of(session->book->registry, session->envelope->sender);
    g_autoptr(json_t) payload = head(input, track, action, 250);
    set_text(payload, "direction", action == ACTION_HOLD ? "outgoing" : "incoming");
    set_text(payload, "is", *client ? "client" : "other");
    set_text(payload, "client", client);
    set_text(payload, "policy", policy_settings(session->book->policy)->policy_version);
    set_text(payload, "digest", policy_digest(session->book->policy));
    set_text(payload, "registry", registry_digest(session->book->registry));
    json_object_set_new(payload, "ops", json_array());
    json_object_set_new(payload, "k", json_string(*client ? client : KEYRING_FIRM));
    if (!seal_into(payload, session->front->keyring, client, personal(session, NULL), error))
        return NULL;
    return g_steal_pointer(&payload);
}
