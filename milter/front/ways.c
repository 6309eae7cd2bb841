/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients of one way stand together: a mailing to a thousand is one line of an auditor's. */
#include "front/ways.h"
#include "base/text.h"
#include "front/copies.h"
#include "front/sealed.h"
#include "registry/tls.h"
#include <string.h>

typedef struct {
    const char *way, *by;
    Seal seal; /* of the gateway's */
} Kind;

static const Kind kinds[] = {
    {"smime", "gateway", SEAL_SMIME}, {"openpgp", "gateway", SEAL_OPENPGP}, {"smime", "sender", SEAL_NONE},
    {"openpgp", "sender", SEAL_NONE}, {"container", "sender", SEAL_NONE},   {"verified-tls", "mta", SEAL_NONE},
    {"consent", "", SEAL_NONE},
};

void answer_way_free(AnswerWay *way) {
    g_ptr_array_unref(way->recipients);
    g_ptr_array_unref(way->keys);
    g_free(way->demand);
    g_free(way);
}

/* ---- Who is to be reached ---- */

/* Address as compared → the encryption of ours that it gets. */
typedef GHashTable Outside;

static char *address_key(const char *given) {
    g_autofree char *address = address_normalise(given);
    return g_utf8_make_valid(address, -1);
}

static void expect(Outside *outside, const AnswerContext *context, const GPtrArray *addresses, Seal seal) {
    for (guint i = 0; i < addresses->len; i++)
        if (!policy_is_ours(context->policy, addresses->pdata[i]) || strpbrk(addresses->pdata[i], "%!:"))
            g_hash_table_insert(outside, address_key(addresses->pdata[i]), GINT_TO_POINTER(seal));
}

static Outside *outside_of(const AnswerContext *context, const Answer *answer) {
    Outside *outside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    expect(outside, context, context->envelope->recipients, answer->sealed);
    expect(outside, context, answer->add_recipients, SEAL_NONE);
    for (guint i = 0; i < answer->copies->len; i++) {
        const AnswerCopy *copy = g_ptr_array_index(answer->copies, i);
        expect(outside, context, copy->recipients, copy->seal);
    }
    return outside;
}

/* ---- What bears it out ---- */

static const Kind *kind_of(const JsonView *item) {
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (text_equal(view_text(item, "way"), kinds[i].way) && text_equal(view_text(item, "by"), kinds[i].by))
            return &kinds[i];
    return NULL;
}

/* In Postfix's words; NULL: the registry has no verified TLS for it. Caller owns. */
static char *demand_for(const Registry *registry, const char *address) {
    g_autoptr(TlsDemand) demand = NULL;
    if (registry_tls(registry, address, &demand) != LOOKUP_FOUND)
        return NULL;
    if (text_equal(demand->tls, "dane-only") || text_equal(demand->tls, "mta-sts"))
        return g_strdup(demand->tls);
    return g_strconcat("secure match=", g_strdelimit(demand->tls, " ", ':'), NULL);
}

static bool has_consent(const Registry *registry, const char *address) {
    g_autoptr(Client) client = NULL;
    return registry_client_of(registry, address, &client) == LOOKUP_FOUND && *client->consent;
}

/* *demand is the caller's. */
static bool is_borne_out(const AnswerContext *context, const JsonView *json, const Kind *kind, const char *address,
                         char **demand) {
    if (text_equal(kind->by, "sender"))
        return text_equal(view_text(view_member(json, "encryption"), "state"), kind->way);
    if (text_equal(kind->by, "mta"))
        return (*demand = demand_for(context->registry, address)) != NULL;
    return kind->seal != SEAL_NONE || has_consent(context->registry, address);
}

/* ---- Together ---- */

static AnswerWay *way_for(Answer *answer, const Kind *kind, const char *demand) {
    for (guint i = 0; i < answer->ways->len; i++) {
        AnswerWay *way = g_ptr_array_index(answer->ways, i);
        if (way->way == kind->way && way->by == kind->by && text_equal(way->demand, demand))
            return way;
    }
    AnswerWay *way = g_new(AnswerWay, 1);
    *way = (AnswerWay){kind->way, kind->by, g_strdup(demand), g_ptr_array_new(), g_ptr_array_new()};
    g_ptr_array_add(answer->ways, way);
    return way;
}

static bool take(Outside *outside, const JsonView *json, const JsonView *item, const AnswerContext *context,
                 Answer *answer) {
    const char *address = view_text(item, "recipient"), *key = view_text_or(item, "key", "");
    const Kind *kind = kind_of(item);
    g_autofree char *demand = NULL;
    gpointer seal;
    if (!kind || !address || !g_hash_table_lookup_extended(outside, address, NULL, &seal) ||
        GPOINTER_TO_INT(seal) != (int)kind->seal || (kind->seal != SEAL_NONE ? !sealed_is_key(key) : *key != '\0') ||
        !is_borne_out(context, json, kind, address, &demand))
        return false;
    AnswerWay *way = way_for(answer, kind, demand ? demand : "");
    g_ptr_array_add(way->recipients, (char *)address);
    if (kind->seal != SEAL_NONE)
        g_ptr_array_add(way->keys, (char *)key);
    g_hash_table_remove(outside, address);
    return true;
}

bool ways_check(const JsonView *json, const AnswerContext *context, Answer *answer) {
    const JsonView *list = view_list(view_member(json, "decision"), "ways");
    bool goes = answer->action == ACTION_ACCEPT || answer->action == ACTION_HOLD || answer->action == ACTION_CONFIRM;
    answer->ways = g_ptr_array_new_with_free_func((GDestroyNotify)answer_way_free);
    if (!view_count(list))
        return true;
    if (!context->envelope || !goes || answer->observe)
        return false;
    g_autoptr(GHashTable) outside = outside_of(context, answer);
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!take(outside, json, item, context, answer))
            return false;
    return true;
}

/* ---- The record ---- */

void ways_record(GString *out, const Answer *answer) {
    if (!answer->ways->len)
        return;
    jsontext_open(out, "ways", '[');
    for (guint i = 0; i < answer->ways->len; i++) {
        const AnswerWay *way = g_ptr_array_index(answer->ways, i);
        jsontext_open(out, NULL, '{');
        jsontext_text(out, "way", way->way);
        if (*way->by)
            jsontext_text(out, "by", way->by);
        jsontext_number(out, "n", way->recipients->len);
        jsontext_close(out, '}');
    }
    jsontext_close(out, ']');
}

void ways_record_who(GString *out, const Answer *answer) {
    if (!answer->ways->len)
        return;
    jsontext_open(out, "ways", '[');
    for (guint i = 0; i < answer->ways->len; i++) {
        const AnswerWay *way = g_ptr_array_index(answer->ways, i);
        jsontext_open(out, NULL, '{');
        jsontext_texts(out, "rcpt", way->recipients);
        if (way->keys->len)
            jsontext_texts(out, "keys", way->keys);
        if (*way->demand)
            jsontext_text(out, "demand", way->demand);
        jsontext_close(out, '}');
    }
    jsontext_close(out, ']');
}
