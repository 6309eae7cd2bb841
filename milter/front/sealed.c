/* SPDX-License-Identifier: Apache-2.0 */
/* The judge encrypted it and proved it; here it is held to the form that such messages have. */
#include "front/sealed.h"
#include "base/fields.h"
#include "base/text.h"
#include <string.h>

enum { KEYS_MAX = 2000, DIGITS_LEAST = 32, DIGITS_MOST = 64, ROOM = 65536, BOUNDARY_MAX = 70 };

bool sealed_is_key(const char *text) {
    size_t length = text ? strlen(text) : 0;
    return length >= DIGITS_LEAST && length <= DIGITS_MOST && strspn(text, "0123456789abcdef") == length;
}

static bool accepts(const Rule *rule, Way way) {
    for (guint i = 0; rule->encrypts && i < rule->accept->len; i++)
        if (g_array_index(rule->accept, Way, i) == way)
            return true;
    return false;
}

static bool some_rule_wants(const JsonView *rules, const Policy *policy, Way way) {
    for (const JsonView *item = view_first(rules); item; item = view_next(rules, item)) {
        const char *id = view_text(item, "id");
        const Rule *rule = id ? policy_rule(policy, id) : NULL;
        if (rule && accepts(rule, way) && view_flag(item, "applies", false) && !view_flag(item, "observed", true))
            return true;
    }
    return false;
}

const char *sealed_way(Seal seal) {
    static const char *const ways[SEALS] = {"clear", "smime", "openpgp"};
    return ways[seal];
}

bool sealed_parse(const char *way, Seal *seal) {
    for (*seal = SEAL_NONE; *seal < SEALS; (*seal)++)
        if (text_equal(way, sealed_way(*seal)))
            return true;
    return false;
}

bool sealed_wanted(const JsonView *rules, const Policy *policy, Seal seal) {
    return some_rule_wants(rules, policy, seal == SEAL_SMIME ? WAY_SMIME : WAY_OPENPGP);
}

bool sealed_check(const JsonView *decision, const JsonView *rules, const Policy *policy, Seal *seal) {
    const JsonView *sealed = view_member(decision, "sealed"), *keys = view_list(sealed, "keys");
    const char *way = view_text_or(sealed, "way", ""), *outside = view_text_or(sealed, "subject_outside", "");
    *seal = text_equal(way, "smime") ? SEAL_SMIME : text_equal(way, "openpgp") ? SEAL_OPENPGP : SEAL_NONE;
    if (view_count(keys) > KEYS_MAX || (*seal == SEAL_NONE && *way) ||
        (*outside && !text_equal(outside, "signed") && !text_equal(outside, "ambiguous")))
        return false;
    for (const JsonView *item = view_first(keys); item; item = view_next(keys, item))
        if (!sealed_is_key(view_string(item)))
            return false;
    return *seal == SEAL_NONE || (view_count(keys) > 0 && sealed_wanted(rules, policy, *seal));
}

/* Two or more of a kind are alternatives. */
static const struct {
    Seal seal;
    const char *name, *value;
} fields[] = {
    {SEAL_SMIME, "Content-Type", "application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\""},
    {SEAL_SMIME, "Content-Type", "application/pkcs7-mime; smime-type=authEnveloped-data; name=\"smime.p7m\""},
    {SEAL_SMIME, "Content-Disposition", "attachment; filename=\"smime.p7m\""},
    {SEAL_SMIME, "Content-Transfer-Encoding", "base64"},
    {SEAL_OPENPGP, "Content-Transfer-Encoding", "7bit"},
};

static bool is_pgp_mime(const char *value) {
    static const char start[] = "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"";
    if (!g_str_has_prefix(value, start))
        return false;
    const char *boundary = value + strlen(start);
    size_t length = strspn(boundary, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_=.");
    return length > 0 && length <= BOUNDARY_MAX && text_equal(boundary + length, "\"");
}

static bool hides_header(const HeaderChange *change) {
    if (change->op == '=')
        return text_equal_nocase(change->name, "Subject") && change->index == 1 && text_equal(change->value, "[...]");
    return change->op == '-' && field_is_confidential(change->name, strlen(change->name));
}

bool sealed_allows_header(Seal seal, bool hides, const HeaderChange *change) {
    if (seal == SEAL_NONE)
        return false;
    if (hides && hides_header(change))
        return true;
    if (change->op == '-')
        return g_ascii_strncasecmp(change->name, "Content-", strlen("Content-")) == 0;
    if (change->op != '+')
        return false;
    if (text_equal_nocase(change->name, "MIME-Version"))
        return text_equal(change->value, "1.0");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].seal == seal && text_equal_nocase(fields[i].name, change->name) &&
            text_equal(fields[i].value, change->value))
            return true;
    return seal == SEAL_OPENPGP && text_equal_nocase(change->name, "Content-Type") && is_pgp_mime(change->value);
}

size_t sealed_most(size_t length, size_t recipients) {
    return 2 * length + ROOM * (recipients + 1);
}
