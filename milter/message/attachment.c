/* SPDX-License-Identifier: Apache-2.0 */
/* Its bytes say what it is; where its name or its declared type say something else, that is told. */
#include "message/attachment.h"
#include "message/document.h"
#include "message/properties.h"

static void note_kind(Facts *facts, AttachmentFact *fact, const char *kind) {
    bool fits = kind_fits_type(kind, fact->type);
    for (guint i = 0; i < fact->names->len; i++)
        fits = fits && kind_fits_name(kind, g_ptr_array_index(fact->names, i));
    if (!fits)
        facts_add_anomaly(facts, "attachment-type-differs:%s", *fact->name != '\0' ? fact->name : fact->type);
    g_free(fact->kind);
    fact->kind = g_strdup(kind);
}

/* Of bytes as they come in a picture, where memchr() runs from one first byte to the next. */
static bool has_bytes(Slice data, const char *bytes, size_t length) {
    const char *at = data.at, *end = data.at + data.length;
    for (; (size_t)(end - at) >= length && (at = memchr(at, bytes[0], (size_t)(end - at) - length + 1)); at++)
        if (memcmp(at, bytes, length) == 0)
            return true;
    return false;
}

/* RAR and 7z begin so; by chance six bytes stand nowhere. */
static bool has_archive_mark(Slice data) {
    return has_bytes(data, "Rar!\x1a\x07", 6) || has_bytes(data, "7z\xbc\xaf\x27\x1c", 6);
}

/* A picture, say, behind which an archive begins: programs that look for its end find the archive. Old Word keeps its
 * theme in one. */
static void note_archive_behind(Document *document, Slice data, Form form) {
    if (form == FORM_MEDIA && has_archive_mark(data)) {
        facts_add_anomaly(document->facts, "two-formats:%s", document->fact->name);
        document_fail(document, "damaged");
    }
    g_autoptr(Zip) zip = form == FORM_ZIP || form == FORM_COMPOUND ? NULL : zip_open(data, document->allowance);
    if (zip == NULL || zip->entries->len == 0)
        return;
    facts_add_anomaly(document->facts, "two-formats:%s", document->fact->name);
    document_fail(document, "damaged");
    zip_list(document, zip);
}

/* What is declared as text and is text: readers of mail show it as they show a body. */
static bool is_text(const Part *part, const char *kind) {
    bool declared = g_str_has_prefix(part->type, "text/") || g_str_has_prefix(part->type, "message/");
    return declared && (g_str_has_prefix(kind, "text/") || g_str_has_prefix(kind, "message/"));
}

/* What was found inside of it has been read as parts of the message, and there is nothing else in it. */
static bool is_taken_apart(Part *part) {
    return part->children->len > 0 && !part->opaque && !properties_begin(part_decode(part));
}

static Kind read_bytes(Document *document, const AttachmentReading *reading, Part *part) {
    Slice data = part_decode(part);
    Kind kind = kind_of(data);
    bool text = is_text(part, kind.type);
    if (text || !part->clean) /* of what does not decode there may be several readings */
        document_add_text(document, reading->text.at, reading->text.length);
    /* A PDF whose password is empty can be read. */
    bool sealed = reading->sealed && !(kind.form == FORM_PDF && part_container(part) == CONTENT_BROKEN);
    if (sealed)
        document_fail(document, "encrypted");
    if (sealed && kind.form != FORM_ZIP)
        return kind; /* of an archive the names can be read, and perhaps some of the files */
    if (!text && !is_taken_apart(part)) {
        kind = document_read(document, data);
        note_archive_behind(document, data, kind.form);
    }
    return kind;
}

void attachment_read(const AttachmentReading *reading, AttachmentFact *fact, Part *part) {
    const char *charset = field_param(part->content_type, "charset");
    Document document = {.facts = reading->facts,
                         .fact = fact,
                         .text = g_string_new(NULL),
                         .allowance = reading->allowance,
                         .charset = charset == NULL ? "" : charset};
    fact->readable = true;
    if (!part->clean)
        document_fail(&document, "encoding");
    else if (part->opaque)
        document_fail(&document, "format");
    note_kind(reading->facts, fact, read_bytes(&document, reading, part).type);
    g_free(fact->text);
    fact->text = g_string_free(document.text, FALSE);
}
