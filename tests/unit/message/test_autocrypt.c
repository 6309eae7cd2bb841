/* SPDX-License-Identifier: Apache-2.0 */
/* One header of the one sender counts; what the specification calls void is. */
#include "message/autocrypt.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define HEAD "From: Claire <Claire@client.test>\nTo: bob@firm.test\nSubject: x\n"
#define GOOD "Autocrypt: addr=claire@client.test; prefer-encrypt=mutual; keydata=bWFk\n ZSB1cA==\n"

static const struct {
    const char *header, *key; /* NULL: none */
} cases[] = {
    {GOOD, "made up"},
    {"autocrypt: _later=1; addr=claire@client.test; keydata=bWFkZSB1cA==\n", "made up"},
    {GOOD "Autocrypt: addr=other@client.test; keydata=bWFkZSB1cA==\n", "made up"},
    {GOOD "X-Other: 1\n", "made up"},
    {GOOD GOOD, NULL},
    {"", NULL},
    {"Autocrypt: addr=other@client.test; keydata=bWFkZSB1cA==\n", NULL},
    {"Autocrypt: addr=claire@client.test; critical=1; keydata=bWFkZSB1cA==\n", NULL},
    {"Autocrypt: addr=claire@client.test; keydata=bWFk; keydata=bWFk\n", NULL},
    {"Autocrypt: addr=claire@client.test; keydata=\n", NULL},
    {"Autocrypt: addr=claire@client.test; keydata=b*W\n", NULL},
    {"Autocrypt: addr=claire@client.test\n", NULL},
    {"Autocrypt: keydata=bWFkZSB1cA==\n", NULL},
    {"Autocrypt: ;;;=;=\n", NULL},
    {GOOD "From: other@client.test\n", NULL},
};

static void one_header_of_the_sender_counts(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strconcat(HEAD, cases[i].header, "\nHello\n", NULL);
        g_autoptr(Facts) facts = read_text(message);
        g_autoptr(GBytes) key = autocrypt_key(facts);
        g_autofree char *text = key == NULL ? NULL : g_strndup(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
        if (g_strcmp0(text, cases[i].key) != 0)
            fail_msg("%s: %s", cases[i].header, text != NULL ? text : "none");
    }
}

static void a_key_that_is_too_large_is_none(void **state) {
    GString *message = g_string_new(HEAD "Autocrypt: addr=claire@client.test; keydata=");
    for (int i = 0; i < AUTOCRYPT_KEY_MAX / 48 + 2; i++)
        g_string_append(message, "\n AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    g_string_append(message, "\n\nHello\n");
    g_autoptr(Facts) facts = read_text(message->str);
    g_string_free(message, TRUE);
    assert_null(autocrypt_key(facts));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_header_of_the_sender_counts),
        cmocka_unit_test(a_key_that_is_too_large_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
