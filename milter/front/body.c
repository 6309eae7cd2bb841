/* SPDX-License-Identifier: Apache-2.0 */
/* The new body in pieces: of the message as it came, and of what the judge made. Nothing is joined in memory. */
#include "front/body.h"
#include "base/text.h"
#include "front/sealed.h"
#include <string.h>

enum { CHANGES_MAX = 64, REMARKS_MAX = 1000, TEXT_MAX = 4000, WHY_MAX = 1200, GROWTH = 10, ROOM = 65536 };

/* ---- Checks ---- */

static bool is_clean(const char *text, size_t max) {
    size_t length = text ? strlen(text) : max + 1;
    if (length > max)
        return false;
    g_autofree char *printable = text_printable(text, length, max);
    return text_equal(printable, text);
}

static bool rule_applies(const JsonView *rules, const char *id) {
    for (const JsonView *rule = view_first(rules); rule; rule = view_next(rules, rule))
        if (text_equal(view_text(rule, "id"), id))
            return view_flag(rule, "applies", false) && !view_flag(rule, "observed", true);
    return false;
}

/* `met` holds those of the remarks before: a rule has one banner and one disclaimer. */
static bool check_remark(const JsonView *remark, const Policy *policy, const JsonView *rules, GHashTable *met,
                         unsigned *written) {
    const char *kind = view_text(remark, "kind"), *id = view_text(remark, "rule"), *form = view_text(remark, "form");
    const Rule *rule = id ? policy_rule(policy, id) : NULL;
    bool banner = text_equal(kind, "banner");
    if (!rule || !(banner || text_equal(kind, "disclaimer")) ||
        !(banner ? rule->banner.in_body : rule->disclaimer.in_body) || !rule_applies(rules, id) ||
        !g_hash_table_add(met, banner ? (void *)&rule->banner : (void *)&rule->disclaimer) ||
        !is_clean(view_text(remark, "text"), TEXT_MAX) || !is_clean(view_text(remark, "why"), WHY_MAX))
        return false;
    *written += text_equal(form, "text");
    return text_equal(form, "text") || text_equal(form, "header") || text_equal(form, "there");
}

static bool check_change(const JsonView *item, const BodyExtent *extent, GArray *changes) {
    int64_t at = view_number(item, "at", -1), removed = view_number(item, "removed", -1),
            added = view_number(item, "added", -1);
    const ByteEdit *last = changes->len ? &g_array_index(changes, ByteEdit, changes->len - 1) : NULL;
    size_t from = last ? last->at + last->removed : extent->at;
    if (at < 0 || removed < 0 || added < 0 || (size_t)at < from || (size_t)at > extent->length ||
        (size_t)removed > extent->length - (size_t)at ||
        (size_t)added > GROWTH * extent->length + CHANGES_MAX * (size_t)ROOM)
        return false;
    ByteEdit change = {(size_t)at, (size_t)removed, (size_t)added};
    g_array_append_val(changes, change);
    return true;
}

/* Base64 grows by a third, quoted-printable three times, and each sentence has its room. */
static bool add_up(const GArray *changes, unsigned written, size_t *added) {
    size_t removed = 0;
    *added = 0;
    for (guint i = 0; i < changes->len; i++) {
        const ByteEdit *change = &g_array_index(changes, ByteEdit, i);
        removed += change->removed;
        *added += change->added;
    }
    return *added > 0 && *added <= GROWTH * removed + written * (size_t)ROOM;
}

/* In place of all of it. */
static bool check_sealed(const JsonView *list, const BodyExtent *extent, GArray *changes, size_t *added) {
    const JsonView *item = view_first(list);
    if (view_count(list) != 1 || extent->fixed)
        return false;
    ByteEdit change = {(size_t)view_number(item, "at", -1), (size_t)view_number(item, "removed", -1),
                       (size_t)view_number(item, "added", -1)};
    if (change.at != extent->at || change.removed != extent->length - extent->at || change.added == 0 ||
        change.added > sealed_most(extent->length, extent->recipients))
        return false;
    g_array_append_val(changes, change);
    *added = change.added;
    return true;
}

bool body_check(const JsonView *decision, const JsonView *rules, const Policy *policy, const BodyExtent *extent,
                Seal sealed, GArray *changes, size_t *added) {
    g_autoptr(GHashTable) met = g_hash_table_new(NULL, NULL);
    const JsonView *remarks = view_list(decision, "remarks"), *list = view_list(decision, "body");
    unsigned written = 0;
    *added = 0;
    if (view_count(remarks) > REMARKS_MAX || view_count(list) > CHANGES_MAX)
        return false;
    for (const JsonView *remark = view_first(remarks); remark; remark = view_next(remarks, remark))
        if (!check_remark(remark, policy, rules, met, &written))
            return false;
    if (sealed != SEAL_NONE)
        return check_sealed(list, extent, changes, added);
    if (!view_count(list))
        return written == 0;
    if (extent->fixed || !written)
        return false;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!check_change(item, extent, changes))
            return false;
    return add_up(changes, written, added);
}

bool body_allows_header(const HeaderChange *change) {
    if (change->op == '-' || (change->op == '=' && change->index != 1))
        return false;
    if (text_equal_nocase(change->name, "Content-Type"))
        return g_ascii_strncasecmp(change->value, "text/plain;", 11) == 0;
    if (text_equal_nocase(change->name, "Content-Transfer-Encoding"))
        return text_equal(change->value, "quoted-printable");
    return change->op == '+' && text_equal_nocase(change->name, "MIME-Version") && text_equal(change->value, "1.0");
}

/* ---- The new body ---- */

static bool gather(void *state, const char *data, size_t length) {
    Bytes piece = {data, length};
    g_array_append_val((GArray *)state, piece);
    return true;
}

char *body_digest(const BodyExtent *extent, const GArray *changes, const char *added) {
    static const GArray none = {.len = 0};
    unsigned char digest[SHA256_SIZE];
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Bytes));
    byteedits_each(extent->data, extent->at, extent->length, changes ? changes : &none, added, gather, pieces);
    sha256_of((const Bytes *)(void *)pieces->data, pieces->len, digest);
    return hex_encode(digest, sizeof digest);
}

/* Postfix takes the pieces as one body only if nothing else is asked for between them. */
static bool send_piece(void *state, const char *data, size_t length) {
    for (size_t at = 0; at < length; at += INT_MAX)
        if (smfi_replacebody(state, (unsigned char *)(uintptr_t)(data + at), (int)MIN(length - at, INT_MAX)) !=
            MI_SUCCESS)
            return false;
    return true;
}

bool body_replace(SMFICTX *ctx, const BodyExtent *extent, const GArray *changes, const char *added) {
    return byteedits_each(extent->data, extent->at, extent->length, changes, added, send_piece, ctx);
}
