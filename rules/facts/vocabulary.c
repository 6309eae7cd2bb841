/* SPDX-License-Identifier: Apache-2.0 */
/* The lists, and whether a pattern can ever find one of their names. */
#include "facts/vocabulary.h"
#include <glib.h>

const char *const anomaly_names[] = {
    /* limits */
    "limit:headers", "limit:addresses", "limit:references", "limit:parameters", "limit:parts", "limit:depth",
    "limit:boundary", "limit:text", "limit:readings", "limit:size", "limit:attachment:*",
    /* headers */
    "duplicate-header:content-type", "duplicate-header:content-transfer-encoding",
    "duplicate-header:content-disposition", "duplicate-header:mime-version", "duplicate-header:from",
    "duplicate-header:sender", "duplicate-header:reply-to", "duplicate-header:to", "duplicate-header:cc",
    "duplicate-header:bcc", "duplicate-header:subject", "duplicate-header:date", "duplicate-header:message-id",
    "duplicate-header:in-reply-to", "duplicate-header:references", "duplicate-header:thread-index",
    "missing-header:from", "odd-address:from", "odd-address:sender", "odd-address:reply-to", "header-syntax",
    "8bit-header", "blank-header-line", "encoded-words:subject",
    /* parts */
    "ambiguous-boundary", "boundary-prefix", "multipart-without-boundary", "ambiguous-structure", "encoded-multipart",
    "boundary-goes-on", "missing-boundary-end", "parts-after-end", "unparsable", "unknown-encoding", "bad-encoding",
    "decoding:base64@*", "decoding:quoted-printable@*", "decoding:identity@*", "decoding:unknown@*", "encoded-message",
    "text-outside-parts", "message-partial", "message-external-body", "openpgp-legacy-format",
    /* texts */
    "two-charsets", "charset:*", "charset-doubted:*", "bidi-override", "html:hidden-text", "html:reversed-text",
    "html:file", "inline-file", "inline-file:yenc", "inline-file:binhex",
    /* attachments and envelopes */
    "tnef", "two-names", "two-formats:*", "attachment-type-differs:*", "attachment-damaged:*", "ambiguous-archive:*",
    /* bytes */
    "nul", "bare-cr", "bare-lf", "long-line",
    /* people and matters */
    "from-mismatch", "unknown-login", "unproven-staff", "lookalike:staff-name", "lookalike:client-domain",
    "lookalike:firm-domain", "matter-mismatch", "matter-unknown", "message-id-reused", NULL};

const char *const file_kinds[] = {
    /* texts */
    "text/plain", "text/html", "text/calendar", "text/vcard", "text/x-script", "application/xml", "application/rtf",
    "application/pdf", "application/postscript", "message/rfc822",
    /* offices */
    "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook",
    "application/vnd.visio", "application/vnd.ms-office.vbaproject", "application/x-ole-encrypted",
    "application/x-ole-storage", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    "application/vnd.ms-word.document.macroenabled.12", "application/vnd.ms-word.template.macroenabled.12",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
    "application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-excel.template.macroenabled.12",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    "application/vnd.openxmlformats-officedocument.presentationml.template",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12", "application/vnd.ms-visio.drawing.main+xml",
    "application/vnd.ms-xpsdocument", "application/vnd.openxmlformats-package",
    "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template",
    "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet-template",
    "application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.presentation-template",
    "application/vnd.oasis.opendocument.graphics", "application/vnd.oasis.opendocument.formula",
    "application/vnd.oasis.opendocument", "application/vnd.wordperfect", "application/onenote",
    "application/vnd.ms-access", "application/vnd.sqlite3", "application/vnd.ms-outlook-pst", "application/ms-tnef",
    "application/vnd.ms-htmlhelp",
    /* archives */
    "application/zip", "application/gzip", "application/x-7z-compressed", "application/vnd.rar", "application/x-bzip2",
    "application/x-xz", "application/zstd", "application/x-lz4", "application/x-compress", "application/x-lzip",
    "application/vnd.ms-cab-compressed", "application/x-lzh-compressed", "application/x-archive", "application/x-cpio",
    "application/x-xar", "application/x-tar", "application/x-iso9660-image",
    /* pictures, sound, films, letters */
    "image/png", "image/jpeg", "image/gif", "image/tiff", "image/webp", "image/bmp", "image/svg+xml", "image/heic",
    "image/avif", "image/jp2", "image/wmf", "image/emf", "image/vnd.adobe.photoshop", "image/vnd.microsoft.icon",
    "image/vnd.dwg", "audio/mpeg", "audio/mp4", "audio/x-wav", "audio/basic", "audio/ogg", "audio/flac", "audio/midi",
    "audio/amr", "video/mp4", "video/x-msvideo", "video/x-matroska", "video/x-ms-asf", "video/mpeg", "font/woff",
    "font/woff2", "font/otf", "font/ttf",
    /* programs, keys, the rest */
    "application/vnd.microsoft.portable-executable", "application/x-executable", "application/x-mach-binary",
    "application/java-vm", "application/x-ms-shortcut", "application/pgp-keys", "application/pgp-signature",
    "application/pgp-encrypted", "application/x-pem-file", "application/x-empty", "application/octet-stream", NULL};

const char *const detection_places[] = {"subject", "text", "hidden-text", "attachment:*", NULL};

static bool is_same(char a, char b) {
    return g_ascii_tolower(a) == g_ascii_tolower(b);
}

/* After a mismatch the last star of `wanted` takes one character more; what an open name goes on with fits whatever a
 * star, or the rest of `wanted`, asks for. */
static bool meets(const char *name, const char *wanted) {
    const char *star = NULL, *from = NULL;
    while (*name && *name != '*') {
        if (*wanted == '*') {
            star = ++wanted;
            from = name;
        } else if (*wanted && (*wanted == '?' || is_same(*wanted, *name))) {
            wanted++;
            name++;
        } else if (star) {
            wanted = star;
            name = ++from;
        } else {
            return false;
        }
    }
    while (*wanted == '*')
        wanted++;
    return *name == '*' || *wanted == '\0';
}

bool vocabulary_meets(const char *const *names, const char *wanted) {
    for (; *names; names++)
        if (meets(*names, wanted))
            return true;
    return false;
}
