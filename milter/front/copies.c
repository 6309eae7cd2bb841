/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients are taken from the envelope and the policy as they stand there; an answer only points at them. */
#include "front/copies.h"
#include "base/text.h"
#include "front/sealed.h"
#include "registry/tls.h"
#include "registry/tls.h"
#include <string.h>

enum { ALL_MAX = 512 << 20 };

void answer_copy_free(AnswerCopy *copy) {
    g_ptr_array_unref(copy->recipients);
    g_free(copy);
}

/* ---- Recipients ---- */

/* Address as compared → those of the envelope and of the policy (char *, borrowed) that are it. */
typedef GHashTable Unplaced;

static void list_destroy(void *list) {
    g_ptr_array_unref(list);
}

static void expect(Unplaced *unplaced, const GPtrArray *addresses) {
    for (guint i = 0; i < addresses->len; i++) {
        char *given = g_ptr_array_index(addresses, i), *address = address_normalise(given);
        GPtrArray *same = g_hash_table_lookup(unplaced, address);
        if (same)
            g_free(address);
        else
            g_hash_table_insert(unplaced, address, same = g_ptr_array_new());
        g_ptr_array_add(same, given);
    }
}

static bool place(Unplaced *unplaced, const JsonView *item, AnswerCopy *copy) {
    const JsonView *list = view_list(item, "recipients");
    for (const JsonView *one = view_first(list); one; one = view_next(list, one)) {
        const char *address = view_string(one);
        GPtrArray *given = address ? g_hash_table_lookup(unplaced, address) : NULL;
        if (!given)
            return false;
        for (guint i = 0; i < given->len; i++)
            g_ptr_array_add(copy->recipients, g_ptr_array_index(given, i));
        g_hash_table_remove(unplaced, address);
    }
    return copy->recipients->len > 0;
}

/* An address through a relay ("x%else.test@firm.test") leads elsewhere. */
static bool is_colleague(const Policy *policy, const char *address) {
    return policy_is_ours(policy, address) && !strpbrk(address, "%!:");
}

/* Somebody outside to whom clear text may go: by a way that the register knows, or as the sender encrypted it. */
static bool may_read(const AnswerContext *context, const JsonView *json, const char *address) {
    static const char *const sealed[] = {"smime", "openpgp", "container"};
    const char *state = view_text_or(view_member(json, "encryption"), "state", "");
    for (size_t i = 0; i < G_N_ELEMENTS(sealed); i++)
        if (text_equal(state, sealed[i]))
            return true;
    g_autoptr(Client) client = NULL;
    g_autoptr(TlsDemand) demand = NULL;
    g_autofree char *normal = address_normalise(address);
    return registry_tls(context->registry, normal, &demand) == LOOKUP_FOUND ||
           (registry_client_of(context->registry, normal, &client) == LOOKUP_FOUND && *client->consent);
}

static bool all_may_read(const AnswerContext *context, const JsonView *json, const AnswerCopy *copy) {
    for (guint i = 0; i < copy->recipients->len; i++) {
        const char *address = g_ptr_array_index(copy->recipients, i);
        if (!is_colleague(context->policy, address) && !may_read(context, json, address))
            return false;
    }
    return true;
}

/* ---- Bytes ---- */

/* Behind one another in what the judge made, each not much more than the message. */
static bool check_place(const JsonView *item, const AnswerContext *context, Answer *answer, AnswerCopy *copy) {
    int64_t offset = view_number(item, "offset", -1), size = view_number(item, "size", -1);
    size_t most = sealed_most(context->body.length + answer->body_added, copy->recipients->len);
    if (copy->seal == SEAL_NONE)
        return offset == 0 && size == 0;
    if (offset < 0 || size <= 0 || (size_t)offset != answer->body_added + answer->copies_size || (size_t)size > most)
        return false;
    copy->offset = (size_t)offset;
    copy->size = (size_t)size;
    answer->copies_size += copy->size;
    return answer->copies_size <= ALL_MAX;
}

static bool check_copy(const JsonView *json, const JsonView *item, const AnswerContext *context, Answer *answer,
                       Unplaced *unplaced) {
    AnswerCopy *copy = g_new0(AnswerCopy, 1);
    copy->recipients = g_ptr_array_new();
    g_ptr_array_add(answer->copies, copy);
    if (!sealed_parse(view_text_or(item, "way", ""), &copy->seal) || !place(unplaced, item, copy) ||
        !check_place(item, context, answer, copy))
        return false;
    return copy->seal == SEAL_NONE ? all_may_read(context, json, copy)
                                   : sealed_wanted(view_list(json, "rules"), context->policy, copy->seal);
}

static bool lets_on(Action action) {
    return action == ACTION_ACCEPT || action == ACTION_HOLD || action == ACTION_CONFIRM;
}

bool copies_check(const JsonView *json, const AnswerContext *context, Answer *answer) {
    const JsonView *list = view_list(view_member(json, "decision"), "copies");
    if (!view_count(list))
        return true;
    if (!context->envelope || answer->observe || !lets_on(answer->action) || answer->remove_recipients->len ||
        context->body.fixed || view_count(list) < 2)
        return false;
    g_autoptr(GHashTable) unplaced = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_destroy);
    expect(unplaced, context->envelope->recipients);
    expect(unplaced, answer->add_recipients);
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!check_copy(json, item, context, answer, unplaced))
            return false;
    return g_hash_table_size(unplaced) == 0 && answer->copies_size > 0;
}
