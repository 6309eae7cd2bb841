/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before the first part and behind the last, mail programs write for each other's users. */
#include "message/contents.h"
#include "message/slice.h"

bool contents_is_harmless_face(const char *text) {
    static const char *const sentences[] = {
        "",
        "This is a multi-part message in MIME format.",
        "This is a multipart message in MIME format.",
        "This is a multi-part message in MIME format...",
        "This is a MIME-formatted message.",
        "This is a MIME-encapsulated message",
        "This is a MIME-encapsulated message.",
        "This is a multipart MIME message.",
        "This is a MIME encoded message",
        "This message is in MIME format. Since your mail reader does not understand this format, some or all of this "
        "message may not be "
        "legible.",
        "This is a cryptographically signed message in MIME format.",
        "This is an S/MIME signed message",
        "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)",
        "This is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)",
        "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
        "This message is in MIME format.",
        "This is an encrypted message in MIME format.",
    };
    if (text == NULL)
        return true;
    g_autofree char *one_line = g_strndup(text, 512);
    Slice face = slice_strip((Slice){g_strdelimit(one_line, "\r\n", ' '), strlen(one_line)});
    if (strlen(text) > 512)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (slice_is(face, sentences[i]))
            return true;
    return false;
}
