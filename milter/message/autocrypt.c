/* SPDX-License-Identifier: Apache-2.0 */
/* "addr=a@b.test; prefer-encrypt=mutual; keydata=BASE64": an attribute that is not known makes it void, unless its name
 * begins with "_". */
#include "message/autocrypt.h"
#include "base/text.h"
#include <string.h>

enum { VALUE_MAX = AUTOCRYPT_KEY_MAX * 3 / 2, ATTRIBUTES_MAX = 16 };

typedef struct {
    char *address, *key; /* NULL: not there */
    bool bad;
} Attributes;

static void attributes_clear(Attributes *attributes) {
    g_free(attributes->address);
    g_free(attributes->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attributes, attributes_clear)

static void take(char **into, const char *value, Attributes *attributes) {
    attributes->bad |= *into != NULL;
    g_free(*into);
    *into = g_strdup(value);
}

static void take_attribute(const char *text, Attributes *attributes) {
    g_auto(GStrv) sides = g_strsplit(text, "=", 2);
    const char *name = sides[0] == NULL ? "" : g_strstrip(sides[0]);
    if (*name == '\0' || sides[1] == NULL)
        attributes->bad |= *name != '\0' || sides[1] != NULL;
    else if (strcmp(name, "addr") == 0)
        take(&attributes->address, g_strstrip(sides[1]), attributes);
    else if (strcmp(name, "keydata") == 0)
        take(&attributes->key, sides[1], attributes);
    else
        attributes->bad |= strcmp(name, "prefer-encrypt") != 0 && *name != '_';
}

static void parse(const char *value, Attributes *attributes) {
    g_auto(GStrv) pieces = g_strsplit(value, ";", ATTRIBUTES_MAX);
    for (char **piece = pieces; *piece != NULL; piece++)
        take_attribute(*piece, attributes);
}

static GBytes *decode(const char *keydata) {
    GString *text = g_string_new(NULL);
    for (const char *at = keydata; *at != '\0'; at++)
        if (!g_ascii_isspace(*at))
            g_string_append_c(text, *at);
    size_t length = 0;
    unsigned char *key = base64_decode(text->str, &length);
    g_string_free(text, TRUE);
    if (key != NULL && length > 0 && length <= AUTOCRYPT_KEY_MAX)
        return g_bytes_new_take(key, length);
    g_free(key);
    return NULL;
}

static GBytes *key_in(const HeaderFact *header, const char *from) {
    g_auto(Attributes) attributes = {0};
    if (strlen(header->raw) > VALUE_MAX)
        return NULL;
    parse(header->raw, &attributes);
    g_autofree char *address = attributes.address == NULL ? NULL : address_normalise(attributes.address);
    bool good = !attributes.bad && attributes.key != NULL && text_equal(address, from);
    return good ? decode(attributes.key) : NULL;
}

GBytes *autocrypt_key(const Facts *facts) {
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < facts->headers->len && facts->from->len == 1 && keys->len < 2; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        bool named = text_equal_nocase(header->name, "Autocrypt");
        GBytes *key = named ? key_in(header, g_ptr_array_index(facts->from, 0)) : NULL;
        if (key != NULL)
            g_ptr_array_add(keys, key);
    }
    return keys->len == 1 ? g_ptr_array_steal_index(keys, 0) : NULL;
}
