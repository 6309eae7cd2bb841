/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge that was taken over may call encrypted: only what a rule of the policy wants, in the form it has. */
#include "front/sealed.h"
#include "front/body.h"
#include "rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { BODY_AT = 14, LENGTH = 100 };

static int setup(void **state) {
    return rules_load("{ id = \"s\"; encrypt: { accept = [\"smime\"]; }; }, "
                      "{ id = \"e\"; encrypt: { accept = [\"end-to-end\", \"openpgp\"]; }; }, "
                      "{ id = \"no\"; do = \"hold\"; }");
}

#define APPLIES(id) "{\"id\":\"" id "\",\"applies\":true,\"observed\":false}"
#define OBSERVED(id) "{\"id\":\"" id "\",\"applies\":true,\"observed\":true}"
#define NOT(id) "{\"id\":\"" id "\",\"applies\":false,\"observed\":false}"
#define KEY "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define SEALED(way, keys) ",\"sealed\":{\"way\":\"" way "\",\"keys\":[" keys "]}"
#define OUTSIDE(why) ",\"sealed\":{\"way\":\"smime\",\"keys\":[" KEY "],\"subject_outside\":" why "}"
#define EDIT(at, removed, added) ",\"body\":[{\"at\":" #at ",\"removed\":" #removed ",\"added\":" #added "}]"

static const struct {
    const char *rules, *members;
    bool fixed, good;
} cases[] = {
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 86, 5000), false, true},
    {APPLIES("e"), SEALED("openpgp", KEY "," KEY) EDIT(14, 86, 5000), false, true},
    {APPLIES("s"), SEALED("", KEY), false, true}, /* of copies */
    {APPLIES("s"), "", false, true},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 86, 196808), false, true},
    {APPLIES("s"), OUTSIDE("\"signed\"") EDIT(14, 86, 5000), false, true},
    {APPLIES("s"), OUTSIDE("\"\"") EDIT(14, 86, 5000), false, true},
    /* Not so. */
    {APPLIES("s"), OUTSIDE("\"Two million\"") EDIT(14, 86, 5000), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 86, 196809), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 86, 9223372036854775807), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 86, 0), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 85, 5000), false, false}, /* the end would stay in clear */
    {APPLIES("s"), SEALED("smime", KEY) EDIT(15, 85, 5000), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 87, 5000), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(13, 87, 5000), false, false},
    {APPLIES("s"), SEALED("smime", KEY), false, false},
    {APPLIES("s"), SEALED("smime", KEY) EDIT(14, 86, 5000), true, false},
    {APPLIES("s"), SEALED("openpgp", KEY) EDIT(14, 86, 5000), false, false},
    {APPLIES("e"), SEALED("smime", KEY) EDIT(14, 86, 5000), false, false},
    {APPLIES("no"), SEALED("smime", KEY) EDIT(14, 86, 5000), false, false},
    {NOT("s"), SEALED("smime", KEY) EDIT(14, 86, 5000), false, false},
    {OBSERVED("s"), SEALED("smime", KEY) EDIT(14, 86, 5000), false, false},
    {"", SEALED("smime", KEY) EDIT(14, 86, 5000), false, false},
    {APPLIES("s"), SEALED("clear", KEY) EDIT(14, 86, 5000), false, false},
    {APPLIES("s"), SEALED("smime", "") EDIT(14, 86, 5000), false, false},
    {APPLIES("s"), SEALED("smime", "\"zz\"") EDIT(14, 86, 5000), false, false},
    {APPLIES("s"), SEALED("smime", "7") EDIT(14, 86, 5000), false, false},
    {APPLIES("s"), SEALED("", "\"nora@harbour.test\""), false, false},
    {APPLIES("s"), EDIT(14, 86, 5000), false, false}, /* nobody says why */
};

static void only_what_a_rule_wants_gives_way_to_an_encrypted_body(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *json = g_strdup_printf("{\"rules\":[%s]%s}", cases[i].rules, cases[i].members);
        JsonDocument *document = jsonview_parse(json, strlen(json), NULL);
        assert_non_null(document);
        const JsonView *decision = jsonview_root(document), *rules = view_list(decision, "rules");
        g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
        BodyExtent extent = {.at = BODY_AT, .length = LENGTH, .recipients = 2, .fixed = cases[i].fixed};
        Seal seal = SEAL_NONE;
        size_t added;
        bool good = sealed_check(decision, rules, policy, &seal) &&
                    body_check(decision, rules, policy, &extent, seal, changes, &added);
        if (good != cases[i].good)
            fail_msg("%s", json);
        jsonview_free(document);
    }
}

static void only_the_fields_of_an_encrypted_message_change(void **state) {
    static const char pgp[] = "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"abc=_9\"";
    static const struct {
        Seal seal;
        char op;
        const char *name, *value;
        bool good, hides;
        unsigned index;
    } changes[] = {
        {SEAL_SMIME, '-', "content-TYPE", "", true, true, 1},
        {SEAL_SMIME, '-', "Content-X", "", true, true, 1},
        {SEAL_SMIME, '+', "MIME-Version", "1.0", true, true, 1},
        {SEAL_SMIME, '+', "Content-Type", "application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"", true,
         true, 1},
        {SEAL_SMIME, '+', "Content-Disposition", "attachment; filename=\"smime.p7m\"", true, true, 1},
        {SEAL_SMIME, '+', "Content-Transfer-Encoding", "base64", true, true, 1},
        {SEAL_OPENPGP, '+', "Content-Type", pgp, true, true, 1},
        {SEAL_OPENPGP, '+', "Content-Transfer-Encoding", "7bit", true, true, 1},
        {SEAL_SMIME, '=', "Subject", "[...]", true, true, 1},
        {SEAL_OPENPGP, '-', "subject", "", true, true, 2},
        {SEAL_SMIME, '-', "Keywords", "", true, true, 1},
        {SEAL_SMIME, '-', "Thread-Topic", "", true, true, 1},
        {SEAL_SMIME, '-', "summary", "", true, true, 1},
        {SEAL_OPENPGP, '-', "Bcc", "", true, true, 1},
        /* Not so. */
        {SEAL_SMIME, '=', "Subject", "[...]", false, false, 1},
        {SEAL_SMIME, '-', "Subject", "", false, false, 1},
        {SEAL_SMIME, '-', "X-Subject", "", false, false, 1},
        {SEAL_SMIME, '=', "Summary", "[...]", false, true, 1},
        {SEAL_SMIME, '=', "Subject", "pay now", false, true, 1},
        {SEAL_SMIME, '=', "Subject", "[...]", false, true, 2},
        {SEAL_SMIME, '+', "Subject", "[...]", false, true, 1},
        {SEAL_SMIME, '-', "From", "", false, true, 1},
        {SEAL_NONE, '=', "Subject", "[...]", false, true, 1},
        {SEAL_NONE, '-', "Content-Type", "", false, true, 1},
        {SEAL_SMIME, '-', "Contents", "", false, true, 1},
        {SEAL_SMIME, '-', "MIME-Version", "", false, true, 1},
        {SEAL_SMIME, '=', "Content-Type", "application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"",
         false, true, 1},
        {SEAL_SMIME, '+', "Content-Type", "text/plain", false, true, 1},
        {SEAL_SMIME, '+', "Content-Type", pgp, false, true, 1},
        {SEAL_OPENPGP, '+', "Content-Type",
         "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"a b\"", false, true, 1},
        {SEAL_OPENPGP, '+', "Content-Type",
         "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"\"", false, true, 1},
        {SEAL_OPENPGP, '+', "Content-Transfer-Encoding", "base64", false, true, 1},
        {SEAL_SMIME, '+', "Bcc", "x@else.test", false, true, 1},
        {SEAL_SMIME, '+', "MIME-Version", "2.0", false, true, 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        HeaderChange change = {
            .op = changes[i].op, .name = changes[i].name, .value = changes[i].value, .index = changes[i].index};
        if (sealed_allows_header(changes[i].seal, changes[i].hides, &change) != changes[i].good)
            fail_msg("%c %s: %s", changes[i].op, changes[i].name, changes[i].value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_a_rule_wants_gives_way_to_an_encrypted_body),
        cmocka_unit_test(only_the_fields_of_an_encrypted_message_change),
    };
    return cmocka_run_group_tests(tests, setup, rules_drop);
}
