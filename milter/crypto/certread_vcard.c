/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys in a vCard: properties KEY and CERT of 2.1, 3.0 (RFC 2426: ENCODING=b) and 4.0 (RFC 6350: a
 * data URI, or text). What is only named by a web address is not fetched. */
#include "base/text.h"
#include "crypto/certs_private.h"
#include <string.h>

enum { PROPERTIES_MAX = 100 };

/* Lines that begin with white space continue the one before. */
static char *unfold(const char *data, size_t length) {
    GString *text = g_string_sized_new(length);
    for (size_t i = 0; i < length; i++) {
        if (data[i] == '\r' || data[i] == '\0')
            continue;
        if (data[i] == '\n' && i + 1 < length && (data[i + 1] == ' ' || data[i + 1] == '\t'))
            i++;
        else
            g_string_append_c(text, data[i]);
    }
    return g_string_free(text, FALSE);
}

/* "item1.KEY;TYPE=X509;ENCODING=b:…": of any group. */
static bool is_key(const char *line) {
    size_t length = strcspn(line, ";:");
    const char *dot = memchr(line, '.', length);
    const char *name = dot == NULL ? line : dot + 1;
    length -= (size_t)(name - line);
    return (length == 3 && g_ascii_strncasecmp(name, "KEY", 3) == 0) ||
           (length == 4 && g_ascii_strncasecmp(name, "CERT", 4) == 0);
}

/* RFC 6350 section 3.4. */
static char *unescape(const char *value) {
    GString *text = g_string_new(NULL);
    for (; *value; value++) {
        if (*value != '\\' || value[1] == '\0')
            g_string_append_c(text, *value);
        else
            g_string_append_c(text, *++value == 'n' || *value == 'N' ? '\n' : *value);
    }
    return g_string_free(text, FALSE);
}

static void read_base64(CertReads *reads, const char *value) {
    g_autofree char *packed = g_strdup(value);
    char *to = packed;
    for (const char *from = value; *from; from++)
        if (!g_ascii_isspace(*from))
            *to++ = *from;
    *to = '\0';
    size_t length = 0;
    g_autofree unsigned char *bytes = base64_decode(packed, &length);
    if (bytes == NULL)
        certread_problem(reads, "a key in the vCard is no base64");
    else
        certread_bytes(reads, (const char *)bytes, length, NULL);
}

static void read_property(CertReads *reads, const char *line) {
    const char *value = strchr(line, ':');
    if (value == NULL)
        return;
    value++;
    const char *comma = strchr(value, ',');
    if (g_ascii_strncasecmp(value, "data:", 5) == 0 && comma != NULL) {
        read_base64(reads, comma + 1);
    } else if (g_ascii_strncasecmp(value, "http:", 5) == 0 || g_ascii_strncasecmp(value, "https:", 6) == 0) {
        certread_problem(reads, "the vCard only names a web address where its key is; fetch that and import it");
    } else if (strstr(value, "-----BEGIN ") != NULL) {
        g_autofree char *text = unescape(value);
        certread_bytes(reads, text, strlen(text), NULL);
    } else if (strchr(value, ':') != NULL) {
        certread_problem(reads, "the vCard only names an address (%.*s:) where its key is; get that and import it",
                         (int)MIN(strcspn(value, ":"), 40), value);
    } else {
        read_base64(reads, value);
    }
}

void certread_vcard(CertReads *reads, const char *data, size_t length) {
    if (reads->in_vcard) {
        certread_problem(reads, "a key in the vCard is another vCard");
        return;
    }
    reads->in_vcard = true;
    g_autofree char *text = unfold(data, length);
    unsigned properties = 0;
    for (char *line = text, *next; line != NULL && properties < PROPERTIES_MAX; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (!is_key(line))
            continue;
        properties++;
        read_property(reads, line);
    }
    reads->in_vcard = false;
    if (properties == 0)
        certread_problem(reads, "the vCard has no property KEY or CERT");
}
