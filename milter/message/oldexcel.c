/* SPDX-License-Identifier: Apache-2.0 */
/* Excel 97 to 2003 ([MS-XLS]): records, some of which go on in the next ones. Strings stand in a table that cells name
 * by number; numbers as doubles or in 30 bits. */
#include "message/oldoffice.h"
#include "message/loose.h"

enum {
    RECORD_FORMULA = 0x06,
    RECORD_HEADER = 0x14,
    RECORD_FOOTER = 0x15,
    RECORD_NOTE = 0x1c,
    RECORD_FILEPASS = 0x2f,
    RECORD_CONTINUE = 0x3c,
    RECORD_USER = 0x5c,
    RECORD_COLUMNS = 0x7d,
    RECORD_SHEET = 0x85,
    RECORD_MULTIPLE = 0xbd,
    RECORD_RICH_STRING = 0xd6,
    RECORD_STRINGS = 0xfc,
    RECORD_SHARED = 0xfd,
    RECORD_TEXT_BOX = 0x1b6,
    RECORD_NUMBER = 0x203,
    RECORD_LABEL = 0x204,
    RECORD_STRING = 0x207,
    RECORD_ROW = 0x208,
    RECORD_SMALL = 0x27e,
    RECORD_FORMAT = 0x41e,
    RECORD_BEGIN = 0x809,
    BIFF8 = 0x600,
    CELL = 6, /* row, column, format */
    STRINGS_BYTES = 8 << 20,
};

typedef struct {
    unsigned type;
    const unsigned char *at;
    size_t length;
} Record;

typedef struct {
    Document *document;
    const unsigned char *at, *end; /* behind the record that is read */
    GString *strings;              /* of the table, UTF-8 */
    GArray *places;                /* size_t: where each begins */
    GByteArray *shown;             /* guint8: has a cell shown it? */
    unsigned row;
} Workbook;

static bool next_record(Workbook *book, Record *record) {
    if (book->end - book->at < 4)
        return false;
    record->type = little16(book->at);
    record->length = little16(book->at + 2);
    record->at = book->at + 4;
    if (record->length > (size_t)(book->end - record->at))
        return false;
    book->at = record->at + record->length;
    return true;
}

/* What a record goes on with, without moving on when it does not. */
static bool next_part(Workbook *book, Record *record) {
    const unsigned char *before = book->at;
    if (next_record(book, record) && record->type == RECORD_CONTINUE)
        return true;
    book->at = before;
    return false;
}

static void add_characters(GString *out, const unsigned char *at, size_t count, bool wide) {
    for (size_t i = 0; i < count; i++) {
        gunichar c = wide ? at[2 * i] | (gunichar)at[2 * i + 1] << 8 : at[i];
        if (wide && c >= 0xd800 && c < 0xdc00 && i + 1 < count) {
            gunichar low = at[2 * i + 2] | (gunichar)at[2 * i + 3] << 8;
            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i++;
            }
        }
        g_string_append_unichar(out, c < 0x20 ? ' ' : g_unichar_validate(c) ? c : 0xfffd);
    }
}

/* ---- the table of strings ---- */

/* Where reading is, within the record or what it goes on with. */
typedef struct {
    Workbook *book;
    Record part;
    size_t at;
} Cursor;

static bool has_more(Cursor *cursor) {
    while (cursor->at >= cursor->part.length) {
        if (!next_part(cursor->book, &cursor->part))
            return false;
        cursor->at = 0;
    }
    return true;
}

static bool take_number(Cursor *cursor, unsigned bytes, uint32_t *number) {
    *number = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (!has_more(cursor))
            return false;
        *number |= (uint32_t)cursor->part.at[cursor->at++] << (8 * i);
    }
    return true;
}

static bool skip(Cursor *cursor, uint64_t bytes) {
    while (bytes > 0) {
        if (!has_more(cursor))
            return false;
        size_t step = (size_t)MIN(bytes, cursor->part.length - cursor->at);
        cursor->at += step;
        bytes -= step;
    }
    return true;
}

/* Where characters go on in the next record, that one says anew how wide they are. */
static bool take_characters(Cursor *cursor, uint32_t count, bool wide, GString *out) {
    while (count > 0) {
        if (cursor->at >= cursor->part.length) {
            uint32_t flags;
            if (!has_more(cursor) || !take_number(cursor, 1, &flags))
                return false;
            wide = flags & 1;
            if (cursor->at >= cursor->part.length)
                continue;
        }
        size_t size = wide ? 2 : 1, step = MIN(count, (cursor->part.length - cursor->at) / size);
        if (step == 0)
            return false;
        add_characters(out, cursor->part.at + cursor->at, step, wide);
        cursor->at += step * size;
        count -= (uint32_t)step;
    }
    return true;
}

/* Runs of formats and what stands for the pronunciation follow. */
static bool take_string(Cursor *cursor, GString *out) {
    uint32_t count, flags, runs = 0, more = 0;
    return take_number(cursor, 2, &count) && take_number(cursor, 1, &flags) &&
           (!(flags & 8) || take_number(cursor, 2, &runs)) && (!(flags & 4) || take_number(cursor, 4, &more)) &&
           take_characters(cursor, count, flags & 1, out) && skip(cursor, 4 * (uint64_t)runs + more);
}

static void read_strings(Workbook *book, const Record *record) {
    Cursor cursor = {.book = book, .part = *record, .at = 8};
    uint32_t count = record->length < 8 ? 0 : little32(record->at + 4);
    const guint8 unseen = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t start = book->strings->len;
        g_array_append_val(book->places, start);
        g_byte_array_append(book->shown, &unseen, 1);
        if (!take_string(&cursor, book->strings)) {
            document_fail(book->document, "damaged");
            return;
        }
        g_string_append_c(book->strings, '\0');
        if (book->strings->len > STRINGS_BYTES || book->places->len > STRINGS_BYTES / 8) {
            document_fail(book->document, "limit");
            return;
        }
    }
}

/* ---- cells ---- */

static void add_text(Workbook *book, const char *text) {
    document_add_text(book->document, text, strlen(text));
    document_add_space(book->document, '\t');
}

static void begin_cell(Workbook *book, const Record *record) {
    unsigned row = little16(record->at);
    if (row != book->row)
        document_add_space(book->document, '\n');
    book->row = row;
}

static void show_string(Workbook *book, const Record *record) {
    uint32_t number = record->length < CELL + 4 ? G_MAXUINT32 : little32(record->at + CELL);
    if (number >= book->places->len)
        return;
    book->shown->data[number] = 1;
    add_text(book, book->strings->str + g_array_index(book->places, size_t, number));
}

static void add_number(Workbook *book, double value) {
    char text[64];
    if (value > -9e18 && value < 9e18 && value == (double)(gint64)value)
        g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, (gint64)value);
    else
        g_ascii_formatd(text, sizeof text, "%.15g", value);
    add_text(book, text);
}

static void add_double(Workbook *book, const unsigned char *at) {
    guint64 bits = little32(at) | (guint64)little32(at + 4) << 32;
    double value;
    memcpy(&value, &bits, sizeof value);
    add_number(book, value);
}

/* Thirty bits of a double or of a whole number, perhaps a hundred times it. */
static void add_small(Workbook *book, uint32_t small) {
    double value;
    guint64 bits = (guint64)(small & ~3U) << 32;
    memcpy(&value, &bits, sizeof value);
    if (small & 2)
        value = (double)((int32_t)small >> 2);
    add_number(book, small & 1 ? value / 100 : value);
}

static void add_row_of_small(Workbook *book, const Record *record) {
    for (size_t at = 4; at + 6 <= record->length - 2; at += 6)
        add_small(book, little32(record->at + at + 2));
}

/* A string in one record: its length in one or two bytes, its width, its characters. */
static char *string_at(Workbook *book, const Record *record, size_t from, unsigned length_bytes) {
    Cursor cursor = {.book = book, .part = *record, .at = from};
    uint32_t count, flags, runs = 0, more = 0;
    GString *out = g_string_new(NULL);
    if (from < record->length && take_number(&cursor, length_bytes, &count) && take_number(&cursor, 1, &flags) &&
        (!(flags & 8) || take_number(&cursor, 2, &runs)) && (!(flags & 4) || take_number(&cursor, 4, &more)))
        take_characters(&cursor, count, flags & 1, out);
    return g_string_free(out, FALSE);
}

static void add_string(Workbook *book, const Record *record, size_t from, unsigned length_bytes) {
    g_autofree char *text = string_at(book, record, from, length_bytes);
    add_text(book, text);
}

static void read_formula(Workbook *book, const Record *record) {
    bool number = record->length >= CELL + 8 && little16(record->at + CELL + 6) != 0xffff;
    if (number) /* else a string follows */
        add_double(book, record->at + CELL);
}

static void read_cell(Workbook *book, const Record *record) {
    if (record->length < CELL)
        return;
    begin_cell(book, record);
    if (record->type == RECORD_SHARED)
        show_string(book, record);
    else if (record->type == RECORD_NUMBER && record->length >= CELL + 8)
        add_double(book, record->at + CELL);
    else if (record->type == RECORD_SMALL && record->length >= CELL + 4)
        add_small(book, little32(record->at + CELL));
    else if (record->type == RECORD_MULTIPLE)
        add_row_of_small(book, record);
    else if (record->type == RECORD_FORMULA)
        read_formula(book, record);
    else if (record->type == RECORD_LABEL || record->type == RECORD_RICH_STRING)
        add_string(book, record, CELL, 2);
}

/* ---- other records ---- */

static void add_author(Workbook *book, const Record *record, size_t from) {
    g_autofree char *name = string_at(book, record, from, 2);
    document_add_author(book->document, name, strlen(name));
}

static void read_sheet(Workbook *book, const Record *record) {
    if (record->length < 8)
        return;
    AttachmentFact *fact = book->document->fact;
    fact->hidden |= (record->at[4] & 3) != 0;
    fact->macros |= record->at[5] == 1 || record->at[5] == 6; /* of Excel 4, of Visual Basic */
    document_add_space(book->document, '\n');
    add_string(book, record, 6, 1);
    document_add_space(book->document, '\n');
}

/* Its text is in the next record, behind a byte that tells its width. */
static void read_text_box(Workbook *book, const Record *record) {
    uint32_t count = record->length < 12 ? 0 : little16(record->at + 10);
    Cursor cursor = {.book = book, .part = *record, .at = record->length};
    g_autoptr(GString) text = g_string_new(NULL);
    if (count > 0)
        take_characters(&cursor, count, false, text);
    document_add_space(book->document, '\n');
    add_text(book, text->str);
}

static void read_record(Workbook *book, const Record *record) {
    AttachmentFact *fact = book->document->fact;
    switch (record->type) {
    case RECORD_STRINGS:
        read_strings(book, record);
        break;
    case RECORD_HEADER:
    case RECORD_FOOTER:
        add_string(book, record, 0, 2);
        break;
    case RECORD_STRING:
        add_string(book, record, 0, 2);
        break;
    case RECORD_FORMAT:
        add_string(book, record, 2, 2);
        break;
    case RECORD_SHEET:
        read_sheet(book, record);
        break;
    case RECORD_NOTE:
        fact->comments = true;
        add_author(book, record, 8);
        break;
    case RECORD_USER:
        add_author(book, record, 0);
        break;
    case RECORD_TEXT_BOX:
        read_text_box(book, record);
        break;
    case RECORD_ROW:
        fact->hidden |= record->length >= 14 && (record->at[12] & 0x20) != 0;
        break;
    case RECORD_COLUMNS:
        fact->hidden |= record->length >= 10 && (record->at[8] & 1) != 0;
        break;
    default:
        read_cell(book, record);
    }
}

static bool is_cell(unsigned type) {
    return type == RECORD_SHARED || type == RECORD_NUMBER || type == RECORD_SMALL || type == RECORD_MULTIPLE ||
           type == RECORD_FORMULA || type == RECORD_LABEL || type == RECORD_RICH_STRING;
}

static bool is_read(unsigned type) {
    static const unsigned types[] = {RECORD_STRINGS,  RECORD_HEADER, RECORD_FOOTER, RECORD_STRING,
                                     RECORD_FORMAT,   RECORD_SHEET,  RECORD_NOTE,   RECORD_USER,
                                     RECORD_TEXT_BOX, RECORD_ROW,    RECORD_COLUMNS};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (type == types[i])
            return true;
    return is_cell(type);
}

static void read_all(Workbook *book) {
    Record record;
    while (book->document->allowance->text > 0 && next_record(book, &record)) {
        if (record.type == RECORD_FILEPASS) {
            document_fail(book->document, "encrypted");
            return;
        }
        if (is_read(record.type))
            read_record(book, &record);
    }
    for (guint i = 0; i < book->places->len && book->document->allowance->text > 0; i++)
        if (!book->shown->data[i])
            add_text(book, book->strings->str + g_array_index(book->places, size_t, i));
}

/* Formulas, names, validations and links have their words as they are; they are found without being taken apart. */
void oldexcel_read(OldOffice *old, guint index) {
    Document *document = old->document;
    g_autoptr(GByteArray) bytes = old_stream(old, index);
    if (bytes == NULL)
        return;
    bool known = bytes->len >= 8 && little16(bytes->data) == RECORD_BEGIN && little16(bytes->data + 4) == BIFF8;
    Workbook book = {.document = document,
                     .at = bytes->data,
                     .end = bytes->data + bytes->len,
                     .strings = g_string_new(NULL),
                     .places = g_array_new(FALSE, FALSE, sizeof(size_t)),
                     .shown = g_byte_array_new()};
    if (known)
        read_all(&book);
    else
        document_fail(document, "format"); /* older than Excel 97 */
    g_string_free(book.strings, TRUE);
    g_array_unref(book.places);
    g_byte_array_unref(book.shown);
    document_add_space(document, '\n');
    loose_add(document, (Slice){(const char *)bytes->data, bytes->len});
}
