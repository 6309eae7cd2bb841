/* SPDX-License-Identifier: Apache-2.0 */
/* From a kind to its reader, and what all readers share. */
#include "message/document.h"
#include "base/text.h"
#include "message/charset.h"
#include "message/codes.h"
#include "message/html.h"
#include "message/loose.h"
#include "message/properties.h"
#include "message/text.h"

enum { AUTHORS_MAX = 32, AUTHOR_BYTES = 128, ENTRY_BYTES = 512, DEPTH_MAX = 2, WHITE_MAX = 64 };

void document_fail(Document *document, const char *why) {
    AttachmentFact *fact = document->fact;
    fact->readable = false;
    if (*fact->why == '\0' || strcmp(why, "encrypted") == 0) {
        g_free(fact->why);
        fact->why = g_strdup(why);
    }
    bool limit = strcmp(why, "limit") == 0 || strcmp(why, "depth") == 0;
    if (!limit && strcmp(why, "damaged") != 0)
        return;
    facts_add_anomaly(document->facts, "%s:%s", limit ? "limit:attachment" : "attachment-damaged", fact->name);
    document->facts->unreadable = true;
}

void document_fail_unpack(Document *document, Unpack result) {
    static const char *const whys[] = {
        [UNPACK_LIMIT] = "limit",
        [UNPACK_DAMAGED] = "damaged",
        [UNPACK_ENCRYPTED] = "encrypted",
        [UNPACK_METHOD] = "format",
    };
    if (result != UNPACK_WHOLE && result != UNPACK_STOPPED)
        document_fail(document, whys[result]);
}

bool document_add_text(Document *document, const char *text, size_t length) {
    size_t taken = MIN(length, document->allowance->text);
    while (taken < length && taken > 0 && ((unsigned char)text[taken] & 0xc0) == 0x80)
        taken--;
    g_string_append_len(document->text, text, (gssize)taken);
    document->allowance->text -= taken;
    if (taken == length)
        return true;
    document->allowance->text = 0;
    document_fail(document, "limit");
    return false;
}

void document_add_space(Document *document, char space) {
    GString *text = document->text;
    if (text->len > 0 && !g_ascii_isspace(text->str[text->len - 1]))
        document_add_text(document, &space, 1);
    else if (text->len > 0 && space == '\n' && text->str[text->len - 1] != '\n')
        text->str[text->len - 1] = '\n';
}

void document_add_author(Document *document, const char *name, size_t length) {
    GPtrArray *authors = document->fact->authors;
    g_autofree char *printable = text_printable(name, length, AUTHOR_BYTES);
    g_strstrip(printable);
    if (*printable != '\0' && authors->len < AUTHORS_MAX &&
        !g_ptr_array_find_with_equal_func(authors, printable, g_str_equal, NULL))
        g_ptr_array_add(authors, g_steal_pointer(&printable));
}

void document_add_entry(Document *document, const char *name) {
    g_ptr_array_add(document->fact->entries, text_printable(name, strlen(name), ENTRY_BYTES));
}

/* ---- readers that need no file of their own ---- */

/* Without a label it is UTF-8, or what Windows writes. */
static const char *charset_of(const Document *document, Slice data) {
    if (data.length >= 2 && (memcmp(data.at, "\xff\xfe", 2) == 0 || memcmp(data.at, "\xfe\xff", 2) == 0))
        return "utf-16";
    if (*document->charset != '\0' || g_utf8_validate_len(data.at, data.length, NULL))
        return *document->charset != '\0' ? document->charset : "utf-8";
    return "windows-1252";
}

static void read_page(Document *document, Slice page, size_t most) {
    g_autoptr(GString) shown = g_string_new(NULL);
    g_autoptr(GString) aside = g_string_new(NULL);
    HtmlText text = {.shown = shown, .max = most, .aside = aside};
    html_read(page, &text);
    document_add_text(document, shown->str, shown->len);
    document_add_text(document, aside->str, aside->len);
    if (text.cut)
        document_fail(document, "limit");
    if (text.file)
        document_fail(document, "embedded");
}

/* Browsers go by the name when a text does not begin as a page. */
static bool may_be_page(const Document *document, Slice text) {
    static const char *const endings[] = {".html", ".htm", ".xhtml", ".shtml", ".hta"};
    Slice shown = slice_strip(text);
    if (shown.length > 0 && shown.at[0] == '<')
        return true;
    for (guint i = 0; i < document->fact->names->len; i++) {
        const char *dot = strrchr(g_ptr_array_index(document->fact->names, i), '.');
        for (size_t e = 0; dot != NULL && e < G_N_ELEMENTS(endings); e++)
            if (g_ascii_strcasecmp(dot, endings[e]) == 0)
                return true;
    }
    return false;
}

/* What a calendar inside of something else carries; in others it is a part of the message. */
static void read_carried(const char *property, void *state) {
    Document *document = state;
    size_t length;
    bool clean;
    g_autofree char *data = property_decoded(property, &length, &clean);
    if (data == NULL || property_is_text((Slice){data, length}))
        return;
    if (!clean)
        document_fail(document, "encoding");
    document_read_inside(document, (Slice){data, length});
}

static void read_text(Document *document, Slice data, bool html) {
    size_t most = document->allowance->text + 1;
    if (!html && data.length > 4 * most)
        data.length = 4 * most; /* no charset needs more for a character */
    const char *charset = charset_of(document, data);
    g_autoptr(GString) text = g_string_new(NULL);
    charset_append(text, (Slice){charset, strlen(charset)}, data);
    if (html) {
        read_page(document, (Slice){text->str, text->len}, most);
        return;
    }
    bool whole = document_add_text(document, text->str, text->len);
    if (whole && may_be_page(document, (Slice){text->str, text->len})) {
        document_add_space(document, '\n');
        read_page(document, (Slice){text->str, text->len}, most);
        return;
    }
    g_autofree char *decoded = whole ? codes_read("", (Slice){text->str, text->len}) : NULL;
    if (decoded == NULL)
        return;
    document_add_space(document, '\n');
    document_add_text(document, decoded, strlen(decoded));
    if (document->depth > 0 && properties_begin(data))
        properties_each(data, read_carried, document);
}

static Kind read_zip(Document *document, Slice data, Kind kind) {
    g_autoptr(Zip) zip = zip_open(data, document->allowance);
    if (zip == NULL) {
        document_fail(document, "damaged");
        return kind;
    }
    if (zip->odd)
        facts_add_anomaly(document->facts, "ambiguous-archive:%s", document->fact->name);
    if (zip->odd)
        document_fail(document, "damaged");
    if (zip->cut)
        document_fail(document, "limit");
    const char *type = office_kind(zip, document->allowance);
    if (type != NULL) {
        office_read(document, zip);
        return (Kind){type, FORM_ZIP};
    }
    if (document->archives > 0)
        document_fail(document, "depth");
    zip_list(document, zip);
    return kind;
}

static void read_archive(Document *document, Slice data) {
    if (document->archives > 0)
        document_fail(document, "depth");
    else
        archive_list(document, data);
}

Kind document_read(Document *document, Slice data) {
    Kind kind = kind_of(data);
    switch (kind.form) {
    case FORM_EMPTY:
    case FORM_MEDIA:
        break;
    case FORM_TEXT:
    case FORM_HTML:
        read_text(document, data, kind.form == FORM_HTML);
        break;
    case FORM_XML:
        office_read_xml(document, data);
        break;
    case FORM_PDF:
        pdf_read(document, data);
        break;
    case FORM_RTF:
        rtf_read(document, data);
        break;
    case FORM_ARCHIVE:
        read_archive(document, data);
        break;
    case FORM_ZIP:
        kind = read_zip(document, data, kind);
        break;
    case FORM_COMPOUND:
        if (strcmp(kind.type, "application/x-ole-encrypted") == 0)
            document_fail(document, "encrypted");
        else
            oldoffice_read(document, data);
        break;
    case FORM_UNKNOWN:
        loose_add(document, data);
        document_fail(document, "format");
        break;
    case FORM_MAIL:
        mail_read(document, data);
        break;
    default:
        document_fail(document, "format");
    }
    /* Readers stop where there is no more room, also when the last text had just enough. */
    if (document->allowance->text == 0 && kind.form != FORM_EMPTY && kind.form != FORM_MEDIA)
        document_fail(document, "limit");
    return kind;
}

bool gathering_add(Gathering *gathering, const char *data, size_t length) {
    if (!gathering->begun) {
        gathering->begun = true;
        gathering->kind = kind_of((Slice){data, length});
        gathering->file = gathering->kind.form == FORM_MEDIA ? NULL : g_byte_array_new();
    }
    if (gathering->file == NULL)
        return false;
    uint64_t held = gathering->document->allowance->held;
    gathering->over = length > held - MIN(gathering->file->len, held);
    if (!gathering->over)
        g_byte_array_append(gathering->file, (const guint8 *)data, (guint)length);
    return !gathering->over;
}

void gathering_clear(Gathering *gathering) {
    if (gathering->file != NULL)
        g_byte_array_unref(gathering->file);
    *gathering = (Gathering){.document = gathering->document};
}

void document_read_inside(Document *document, Slice data) {
    if (document->depth == DEPTH_MAX) {
        document_fail(document, "depth");
        return;
    }
    document->depth++;
    document_add_space(document, '\n');
    document_read(document, data);
    document->depth--;
}
