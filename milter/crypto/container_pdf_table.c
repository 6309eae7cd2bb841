/* SPDX-License-Identifier: Apache-2.0 */
/* A cross-reference stream (ISO 32000-2, section 7.5.8) is never encrypted, so it must be what it says: a table of
 * places in this file. Each row is looked at as it comes out of the filter: linear time, no memory. */
#include "crypto/container.h"
#include <string.h>
#include <zlib.h>

enum { FIELDS = 3, FIELD_MAX = 8, ROW_MAX = FIELDS * FIELD_MAX + 1, ODD_FREE_MAX = 16, REST_MAX = 2 };
enum { OBJECT_HEAD_MAX = 64 }; /* "12 0 obj" */

/* PNG's filters, of which the cross-references of all programs use the one of the row above. */
enum { ROW_PLAIN = 0, ROW_UP = 2, PNG_LEAST = 10 };

typedef struct {
    Octets file;
    size_t width[FIELDS], length; /* of a row, with the byte of its filter */
    bool filtered;
    uint64_t size; /* one more than the highest number of an object */
    unsigned char row[ROW_MAX], above[ROW_MAX];
    size_t filled, *rows_left;
    unsigned odd_free; /* free numbers of a generation that is neither the first nor the last */
    bool broken;
} Table;

static bool is_object_at(Octets file, uint64_t offset) {
    if (offset >= file.length)
        return false;
    Octets rest = {file.at + offset, MIN(file.length - (size_t)offset, OBJECT_HEAD_MAX)};
    Octets number = pdf_token(&rest), generation = pdf_token(&rest), word = pdf_token(&rest);
    return number.length > 0 && g_ascii_isdigit(number.at[0]) && generation.length > 0 &&
           g_ascii_isdigit(generation.at[0]) && word.length == 3 && memcmp(word.at, "obj", 3) == 0;
}

static uint64_t take_field(const unsigned char **at, size_t width) {
    uint64_t value = 0;
    for (; width > 0; width--)
        value = value << 8 | *(*at)++;
    return value;
}

static bool is_row(Table *table, const unsigned char *at) {
    enum { FREE, AT, IN_STREAM, GENERATION_MAX = 65535 };
    uint64_t kind = table->width[0] > 0 ? take_field(&at, table->width[0]) : AT;
    uint64_t place = take_field(&at, table->width[1]), more = take_field(&at, table->width[2]);
    if (kind == AT)
        return more <= GENERATION_MAX && is_object_at(table->file, place);
    if (kind == FREE && more > 1 && more != GENERATION_MAX)
        table->odd_free++;
    return kind <= IN_STREAM && place < table->size && more <= GENERATION_MAX && table->odd_free <= ODD_FREE_MAX;
}

static void take_row(Table *table) {
    unsigned char *row = table->row;
    table->filled = 0;
    if (*table->rows_left == 0) {
        table->broken = true;
        return;
    }
    --*table->rows_left;
    if (table->filtered && row[0] == ROW_UP)
        for (size_t i = 1; i < table->length; i++)
            row[i] = (unsigned char)(row[i] + table->above[i]);
    else if (table->filtered && row[0] != ROW_PLAIN)
        table->broken = true;
    memcpy(table->above, row, table->length);
    table->broken = table->broken || !is_row(table, row + table->filtered);
}

static void take_bytes(Table *table, const unsigned char *data, size_t length) {
    for (size_t i = 0; i < length && !table->broken; i++) {
        table->row[table->filled++] = data[i];
        if (table->filled == table->length)
            take_row(table);
    }
}

/* All of it, with nothing but the end of a line behind. */
static bool inflate_rows(Table *table, Octets body) {
    z_stream stream = {.next_in = (unsigned char *)body.at, .avail_in = (uInt)MIN(body.length, G_MAXINT32)};
    unsigned char out[4096];
    if (inflateInit(&stream) != Z_OK)
        return false;
    int status = Z_OK;
    while (status == Z_OK && !table->broken) {
        stream.next_out = out;
        stream.avail_out = sizeof out;
        status = inflate(&stream, Z_NO_FLUSH);
        take_bytes(table, out, sizeof out - stream.avail_out);
    }
    inflateEnd(&stream);
    return status == Z_STREAM_END && stream.avail_in <= REST_MAX;
}

static bool read_widths(Octets dictionary, Table *table) {
    Octets widths;
    if (!pdf_get(dictionary, "/W", &widths))
        return false;
    pdf_token(&widths); /* [ */
    for (int i = 0; i < FIELDS; i++) {
        long long width;
        if (!pdf_number(pdf_token(&widths), &width) || width < 0 || width > FIELD_MAX)
            return false;
        table->width[i] = (size_t)width;
        table->length += (size_t)width;
    }
    return table->length > 0;
}

/* None, or one that all programs know. */
static bool read_filter(Octets dictionary, Table *table, bool *packed) {
    Octets name, parameters, value;
    long long predictor = 1, columns = 1;
    *packed = pdf_get(dictionary, "/Filter", &name);
    if (*packed) {
        Octets first = pdf_token(&name);
        if (first.length == 1 && first.at[0] == '[')
            first = pdf_token(&name);
        if (first.length != 12 || memcmp(first.at, "/FlateDecode", 12) != 0)
            return false;
    }
    if (!pdf_get(dictionary, "/DecodeParms", &parameters))
        return true;
    if (parameters.length > 0 && parameters.at[0] == '[')
        pdf_token(&parameters);
    if (pdf_get(parameters, "/Predictor", &value) && !pdf_number(value, &predictor))
        return false;
    if (pdf_get(parameters, "/Columns", &value) && !pdf_number(value, &columns))
        return false;
    table->filtered = predictor >= PNG_LEAST;
    return predictor == 1 || (table->filtered && *packed && columns == (long long)table->length);
}

bool pdf_is_table(Octets file, Octets dictionary, Octets body, size_t *rows_left) {
    Table table = {.file = file, .rows_left = rows_left};
    Octets value;
    long long size;
    bool packed;
    if (!read_widths(dictionary, &table) || !read_filter(dictionary, &table, &packed) ||
        !pdf_get(dictionary, "/Size", &value) || !pdf_number(value, &size) || size < 0)
        return false;
    table.size = (uint64_t)size;
    table.length += table.filtered;
    if (packed)
        return inflate_rows(&table, body) && !table.broken && table.filled == 0;
    take_bytes(&table, body.at, body.length);
    return !table.broken && table.filled <= REST_MAX;
}
