/* SPDX-License-Identifier: Apache-2.0 */
/* Word 97 to 2003 ([MS-DOC]): the header says where the table of pieces is, and the pieces, in their order, are the
 * whole text: that of notes, headers, comments and text boxes behind the main one, deleted and hidden text in its
 * place. */
#include "message/oldoffice.h"
#include "message/loose.h"

enum {
    FLAGS = 0x0a,
    FLAG_ENCRYPTED = 0x0100,
    FLAG_TABLE_1 = 0x0200,
    OLDEST = 0xc1,   /* Word 97 */
    COMMENTS = 0x5c, /* characters in them */
    PLACES = 0x9a,   /* pairs of place and length in the table stream */
    PLACE_CLX = 33,
    PLACE_REVISERS = 51,
    PLACE_COMMENTERS = 36,
    HEADER = PLACES + 8 * 94,
    PIECE = 8,
    PIECE_TEXT = 2,
    NAMES_MAX = 64,
};

/* What the header calls by that number, within the table stream; empty when it is not there. */
static Octets place(const GByteArray *word, const GByteArray *table, unsigned number) {
    uint32_t from = little32(word->data + PLACES + 8 * number), length = little32(word->data + PLACES + 8 * number + 4);
    if (from > table->len || length > table->len - from)
        return (Octets){NULL, 0};
    return (Octets){table->data + from, length};
}

/* Behind descriptions of formats that pieces share. */
static Octets find_pieces(Octets clx) {
    while (clx.length >= 3 && clx.at[0] == 1) {
        size_t length = 3 + little16(clx.at + 1);
        if (length > clx.length)
            break;
        clx = (Octets){clx.at + length, clx.length - length};
    }
    if (clx.length < 5 || clx.at[0] != 2 || little32(clx.at + 1) > clx.length - 5)
        return (Octets){NULL, 0};
    return (Octets){clx.at + 5, little32(clx.at + 1)};
}

/* False when it does not lie in the file. */
static bool add_piece(Document *document, const GByteArray *word, uint32_t where, uint32_t characters) {
    bool bytes = (where & 0x40000000) != 0;
    size_t from = bytes ? (where & 0x3fffffff) / 2 : where & 0x3fffffff, size = bytes ? 1 : 2;
    if (from > word->len || characters > (word->len - from) / size)
        return false;
    if (bytes)
        old_add_bytes(document, "windows-1252", word->data + from, characters);
    else
        old_add_wide(document, word->data + from, characters);
    return true;
}

/* Places in the text, one more than there are pieces, then the pieces. */
static void read_pieces(Document *document, const GByteArray *word, Octets table) {
    size_t count = table.length < 4 ? 0 : (table.length - 4) / (4 + PIECE);
    bool sound = count > 0;
    for (size_t i = 0; i < count && sound && document->allowance->text > 0; i++) {
        uint32_t from = little32(table.at + 4 * i), to = little32(table.at + 4 * i + 4);
        uint32_t where = little32(table.at + 4 * (count + 1) + PIECE * i + PIECE_TEXT);
        sound = to >= from && add_piece(document, word, where, to - from);
    }
    if (!sound)
        document_fail(document, "damaged");
}

/* Who revised; the first of the list is nobody. */
static void read_revisers(Document *document, Octets list) {
    if (list.length < 6 || little16(list.at) != 0xffff)
        return;
    unsigned count = little16(list.at + 2), extra = little16(list.at + 4);
    size_t at = 6;
    document->fact->tracked_changes |= count > 1;
    for (unsigned i = 0; i < MIN(count, NAMES_MAX) && at + 2 <= list.length; i++) {
        size_t units = little16(list.at + at);
        if (2 * units + extra > list.length - at - 2)
            return;
        old_add_author(document, list.at + at + 2, units);
        at += 2 + 2 * units + extra;
    }
}

static void read_commenters(Document *document, Octets list) {
    size_t at = 0;
    for (unsigned i = 0; i < NAMES_MAX && at + 2 <= list.length; i++) {
        size_t units = little16(list.at + at);
        if (2 * units > list.length - at - 2)
            return;
        old_add_author(document, list.at + at + 2, units);
        at += 2 + 2 * units;
    }
}

static void read_body(OldOffice *old, guint index, const GByteArray *word) {
    Document *document = old->document;
    bool first = (little16(word->data + FLAGS) & FLAG_TABLE_1) != 0;
    int found = old_find(old, old_item(old, index)->parent, first ? "1Table" : "0Table");
    g_autoptr(GByteArray) table = found < 0 ? NULL : old_stream(old, (guint)found);
    if (table == NULL) {
        document_fail(document, "damaged");
        return;
    }
    read_pieces(document, word, find_pieces(place(word, table, PLACE_CLX)));
    read_revisers(document, place(word, table, PLACE_REVISERS));
    read_commenters(document, place(word, table, PLACE_COMMENTERS));
    document->fact->comments |= little32(word->data + COMMENTS) > 0;
}

/* Words that are in the file and in no piece: earlier versions of a text that was saved fast. */
void oldword_read(OldOffice *old, guint index) {
    Document *document = old->document;
    g_autoptr(GByteArray) word = old_stream(old, index);
    if (word == NULL)
        return;
    bool known = word->len >= HEADER && little16(word->data) == 0xa5ec && little16(word->data + 2) >= OLDEST;
    if (known && (little16(word->data + FLAGS) & FLAG_ENCRYPTED) != 0) {
        document_fail(document, "encrypted");
        return;
    }
    if (known)
        read_body(old, index, word);
    else
        document_fail(document, "format"); /* older than Word 97 */
    document_add_space(document, '\n');
    loose_add(document, (Slice){(const char *)word->data, word->len});
}
