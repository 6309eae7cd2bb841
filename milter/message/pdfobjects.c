/* SPDX-License-Identifier: Apache-2.0 */
/* The file is read from its beginning to its end, whatever its tables say: objects that they name no more are there all
 * the same. Of streams those are unpacked that hold objects, files or markup; pages are pdftotext's. */
#include "message/pdfobjects.h"
#include "message/charset.h"
#include "message/loose.h"
#include <zlib.h>

enum { NAME_MAX_BYTES = 64, STRING_MAX = 1 << 16, PIECE = 16384, SNIFFED = 64 };

/* What is known of the object that is read. */
typedef struct {
    bool objects, file, metadata, flate, other_filter;
    size_t length; /* 0: not said in place */
} Stream;

typedef struct {
    Document *document;
    const char *at, *end;
    char key[NAME_MAX_BYTES]; /* the last name */
    Stream stream;
    GString *string;
    bool sealed;   /* strings and streams are encrypted */
    bool unpacked; /* what is read came out of a stream, in which there are none */
} Pdf;

static bool is_space(char c) {
    return c == '\0' || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(char c) {
    return is_space(c) || memchr("()<>[]{}/%", c, 10) != NULL;
}

/* ---- strings ---- */

static const char *charset_of(Slice bytes) {
    if (bytes.length >= 2 && (memcmp(bytes.at, "\xfe\xff", 2) == 0 || memcmp(bytes.at, "\xff\xfe", 2) == 0))
        return "utf-16";
    return bytes.length >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0 ? "utf-8" : "windows-1252";
}

static bool is_binary(Slice bytes, const char *charset) {
    for (size_t i = 0; i < bytes.length && strcmp(charset, "windows-1252") == 0; i++)
        if ((unsigned char)bytes.at[i] < ' ' && !g_ascii_isspace(bytes.at[i]))
            return true;
    return false;
}

/* The name of a file, that of a person, or words. */
static void add_string(Pdf *pdf) {
    Slice bytes = {pdf->string->str, pdf->string->len};
    const char *charset = charset_of(bytes);
    if (pdf->sealed || bytes.length == 0 || strcmp(pdf->key, "ID") == 0 || is_binary(bytes, charset))
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    charset_append(text, (Slice){charset, strlen(charset)}, bytes);
    if (strcmp(pdf->key, "Author") == 0)
        document_add_author(pdf->document, text->str, text->len);
    if (strcmp(pdf->key, "UF") == 0 || strcmp(pdf->key, "F") == 0)
        document_add_entry(pdf->document, text->str);
    if (!loose_is_said((Slice){text->str, text->len}))
        return;
    document_add_space(pdf->document, '\n');
    document_add_text(pdf->document, text->str, text->len);
    document_add_space(pdf->document, '\n');
}

static void put(Pdf *pdf, char c) {
    if (pdf->string->len < STRING_MAX)
        g_string_append_c(pdf->string, c);
}

static void put_escaped(Pdf *pdf) {
    static const char codes[] = "nrtbf", signs[] = "\n\r\t\b\f";
    char c = *pdf->at++;
    const char *code = c == '\0' ? NULL : strchr(codes, c);
    if (code != NULL) {
        put(pdf, signs[code - codes]);
    } else if (c >= '0' && c <= '7') {
        unsigned value = (unsigned)(c - '0');
        for (unsigned i = 0; i < 2 && pdf->at < pdf->end && *pdf->at >= '0' && *pdf->at <= '7'; i++)
            value = value * 8 + (unsigned)(*pdf->at++ - '0');
        put(pdf, (char)value);
    } else if (c == '\r') { /* the line goes on */
        pdf->at += pdf->at < pdf->end && *pdf->at == '\n';
    } else if (c != '\n') {
        put(pdf, c);
    }
}

/* "(…)", from behind the bracket. */
static void read_literal(Pdf *pdf) {
    unsigned depth = 1;
    g_string_truncate(pdf->string, 0);
    while (pdf->at < pdf->end) {
        char c = *pdf->at++;
        if (c == '\\' && pdf->at < pdf->end) {
            put_escaped(pdf);
            continue;
        }
        depth += c == '(';
        depth -= c == ')';
        if (depth == 0)
            break;
        put(pdf, c);
    }
    add_string(pdf);
}

/* "<…>", from behind the bracket. */
static void read_hexadecimal(Pdf *pdf) {
    int high = -1;
    g_string_truncate(pdf->string, 0);
    for (; pdf->at < pdf->end && *pdf->at != '>'; pdf->at++) {
        int digit = g_ascii_xdigit_value(*pdf->at);
        if (digit < 0)
            continue;
        if (high >= 0)
            put(pdf, (char)(high << 4 | digit));
        high = high >= 0 ? -1 : digit;
    }
    if (high >= 0)
        put(pdf, (char)(high << 4));
    pdf->at += pdf->at < pdf->end;
    add_string(pdf);
}

/* ---- names ---- */

static void note_name(Pdf *pdf, const char *name) {
    static const char *const filters[] = {
        "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "LZWDecode", "LZW", "RL", "Crypt", "RunLengthDecode"};
    Stream *stream = &pdf->stream;
    stream->objects |= strcmp(name, "ObjStm") == 0;
    stream->file |= strcmp(name, "EmbeddedFile") == 0;
    stream->metadata |= strcmp(name, "Metadata") == 0;
    stream->flate |= strcmp(name, "FlateDecode") == 0 || strcmp(name, "Fl") == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
        stream->other_filter |= strcmp(name, filters[i]) == 0;
    if (strcmp(name, "JavaScript") == 0 || strcmp(name, "JS") == 0 || strcmp(name, "Launch") == 0)
        pdf->document->fact->macros = true;
    /* Of pages under an empty password pdftotext tells, but not of what hangs on them. */
    if (pdf->sealed && (strcmp(name, "Annots") == 0 || strcmp(name, "AcroForm") == 0))
        document_fail(pdf->document, "encrypted");
}

/* "/Na#6de", from behind the stroke. */
static void read_name(Pdf *pdf) {
    size_t length = 0;
    for (; pdf->at < pdf->end && !is_delimiter(*pdf->at); pdf->at++) {
        char c = *pdf->at;
        bool coded = c == '#' && pdf->end - pdf->at > 2 && g_ascii_isxdigit(pdf->at[1]) && g_ascii_isxdigit(pdf->at[2]);
        if (coded) {
            c = (char)(g_ascii_xdigit_value(pdf->at[1]) << 4 | g_ascii_xdigit_value(pdf->at[2]));
            pdf->at += 2;
        }
        if (length + 1 < sizeof pdf->key)
            pdf->key[length++] = c;
    }
    pdf->key[length] = '\0';
    note_name(pdf, pdf->key);
}

/* ---- streams ---- */

/* Unpacks up to `most` bytes; false when it was damaged. */
static bool unpack(Pdf *pdf, Slice packed, size_t most, GByteArray *out) {
    Allowance *allowance = pdf->document->allowance;
    unsigned char piece[PIECE];
    z_stream zip = {.next_in = (Bytef *)packed.at, .avail_in = (uInt)packed.length};
    int state = inflateInit(&zip);
    while (state == Z_OK && out->len < most) {
        zip.next_out = piece;
        zip.avail_out = sizeof piece;
        state = inflate(&zip, Z_NO_FLUSH);
        size_t got = sizeof piece - zip.avail_out;
        bool room = got <= allowance->unpacked && out->len + got <= allowance->held &&
                    !unpack_is_bomb(out->len + got, packed.length);
        if (!room)
            document_fail(pdf->document, "limit");
        if (!room || (got == 0 && state == Z_OK))
            break;
        allowance->unpacked -= got;
        g_byte_array_append(out, piece, (guint)MIN(got, most - out->len));
    }
    inflateEnd(&zip);
    return state == Z_STREAM_END || out->len >= most;
}

static void read_all(Pdf *pdf);

static void read_objects(Pdf *pdf, Slice plain) {
    Pdf inner = {.document = pdf->document, .at = plain.at, .end = plain.at + plain.length, .unpacked = true};
    inner.string = pdf->string;
    read_all(&inner);
}

static bool is_markup(Slice plain) {
    plain = slice_strip((Slice){plain.at, MIN(plain.length, SNIFFED)});
    return plain.length > 1 && plain.at[0] == '<' && (g_ascii_isalpha(plain.at[1]) || plain.at[1] == '?');
}

static void use(Pdf *pdf, Slice plain) {
    if (pdf->stream.objects)
        read_objects(pdf, plain);
    else
        document_read_inside(pdf->document, plain);
}

/* Streams without a type may be forms in XML: their beginning tells. */
static void read_stream(Pdf *pdf, Slice packed) {
    const Stream *stream = &pdf->stream;
    bool wanted = stream->objects || stream->file || stream->metadata;
    if (wanted && (stream->other_filter || pdf->sealed)) {
        if (stream->file)
            document_fail(pdf->document, "embedded");
        else if (stream->objects)
            document_fail(pdf->document, pdf->sealed ? "encrypted" : "format");
        return;
    }
    if (pdf->sealed || stream->other_filter)
        return;
    if (!stream->flate) {
        if (wanted || is_markup(packed))
            use(pdf, packed);
        return;
    }
    g_autoptr(GByteArray) plain = g_byte_array_new();
    bool sound = unpack(pdf, packed, wanted ? SIZE_MAX : SNIFFED, plain);
    if (!wanted && is_markup((Slice){(const char *)plain->data, plain->len})) {
        g_byte_array_set_size(plain, 0);
        sound = wanted = unpack(pdf, packed, SIZE_MAX, plain);
    }
    if (!wanted)
        return;
    if (!sound)
        document_fail(pdf->document, "embedded");
    use(pdf, (Slice){(const char *)plain->data, plain->len});
}

/* From behind the word to "endstream", which is where the object says, or the next one. */
static void find_stream(Pdf *pdf) {
    const char *at = pdf->at;
    at += at < pdf->end && *at == '\r';
    at += at < pdf->end && *at == '\n';
    const char *end = NULL;
    size_t said = pdf->stream.length;
    if (said > 0 && said < (size_t)(pdf->end - at)) {
        const char *behind = at + said;
        while (behind < pdf->end && is_space(*behind))
            behind++;
        end = pdf->end - behind >= 9 && memcmp(behind, "endstream", 9) == 0 ? at + said : NULL;
    }
    if (end == NULL)
        end = memmem(at, (size_t)(pdf->end - at), "endstream", 9);
    end = end == NULL ? pdf->end : end;
    read_stream(pdf, slice_between(at, end));
    pdf->at = end;
}

/* A number or a word. */
static void read_word(Pdf *pdf) {
    const char *start = pdf->at;
    while (pdf->at < pdf->end && !is_delimiter(*pdf->at))
        pdf->at++;
    Slice word = slice_between(start, pdf->at);
    if (word.length == 0)
        pdf->at++;
    else if (slice_is(word, "obj") || slice_is(word, "endobj"))
        pdf->stream = (Stream){0};
    else if (slice_is(word, "stream") && !pdf->unpacked)
        find_stream(pdf);
    else if (slice_is(word, "R") && strcmp(pdf->key, "Length") == 0)
        pdf->stream.length = 0;
    else if (strcmp(pdf->key, "Length") == 0 && pdf->stream.length == 0 && word.length < 10)
        pdf->stream.length = (size_t)g_ascii_strtoull(start, NULL, 10);
}

static void read_all(Pdf *pdf) {
    while (pdf->at < pdf->end && pdf->document->allowance->text > 0) {
        char c = *pdf->at;
        if (c == '%') {
            while (pdf->at < pdf->end && *pdf->at != '\n' && *pdf->at != '\r')
                pdf->at++;
        } else if (c == '(') {
            pdf->at++;
            read_literal(pdf);
        } else if (c == '<' && pdf->end - pdf->at > 1 && pdf->at[1] != '<') {
            pdf->at++;
            read_hexadecimal(pdf);
        } else if (c == '/') {
            pdf->at++;
            read_name(pdf);
        } else if (is_delimiter(c)) {
            pdf->at += c == '<' ? 2 : 1;
        } else {
            read_word(pdf);
        }
    }
}

void pdfobjects_read(Document *document, Slice data) {
    g_autoptr(GString) string = g_string_new(NULL);
    Pdf pdf = {.document = document, .at = data.at, .end = data.at + data.length, .string = string};
    pdf.sealed = memmem(data.at, data.length, "/Encrypt", 8) != NULL;
    read_all(&pdf);
}
