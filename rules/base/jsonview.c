/* SPDX-License-Identifier: Apache-2.0 */
/* Values lie in one array in the order of the text, each with the number of values it contains: the next sibling is
 * found by a step, and nothing is allocated for a value. Texts are unescaped where they stand. */
#include "base/jsonview.h"
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, MEMBERS_MAX = 64, BYTES_MAX = 1 << 30 };

typedef enum { VIEW_NULL, VIEW_FALSE, VIEW_TRUE, VIEW_NUMBER, VIEW_TEXT, VIEW_ARRAY, VIEW_OBJECT } Kind;

struct JsonView {
    const char *key; /* NULL but for members */
    union {
        const char *text;
        int64_t number;
    };
    uint32_t length; /* bytes of a text; items or members */
    uint32_t span;   /* this value and all within it */
    Kind kind;
};

struct JsonDocument {
    JsonView *values;
    char text[];
};

typedef struct {
    char *start, *at; /* NUL behind the end */
    JsonView *values;
    uint32_t count, room;
    const char *problem;
} Reader;

static bool wrong(Reader *reader, const char *problem) {
    if (!reader->problem)
        reader->problem = problem;
    return false;
}

static void skip_space(Reader *reader) {
    while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t')
        reader->at++;
}

/* Its place in the array, which may move; or -1. */
static int64_t add(Reader *reader, Kind kind, const char *key) {
    if (reader->count == reader->room) {
        uint32_t room = reader->room * 2;
        JsonView *more = g_try_renew(JsonView, reader->values, room);
        if (!more) {
            wrong(reader, "no memory");
            return -1;
        }
        reader->values = more;
        reader->room = room;
    }
    reader->values[reader->count] = (JsonView){.key = key, .kind = kind, .span = 1};
    return reader->count++;
}

/* ---- Texts ---- */

static bool read_hex(const char *at, unsigned *code) {
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(at[i]);
        if (digit < 0)
            return false; /* the NUL at the end too */
        *code = *code * 16 + (unsigned)digit;
    }
    return true;
}

/* Behind "\u"; *to gets UTF-8. */
static bool unescape_code(Reader *reader, char **to) {
    unsigned code, low;
    if (!read_hex(reader->at, &code))
        return wrong(reader, "a wrong escape");
    reader->at += 4;
    if (code >= 0xd800 && code < 0xdc00) {
        if (reader->at[0] != '\\' || reader->at[1] != 'u' || !read_hex(reader->at + 2, &low) || low < 0xdc00 ||
            low > 0xdfff)
            return wrong(reader, "half a character");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        reader->at += 6;
    } else if (code == 0 || (code >= 0xdc00 && code < 0xe000)) {
        return wrong(reader, code ? "half a character" : "a NUL");
    }
    *to += g_unichar_to_utf8(code, *to);
    return true;
}

static bool unescape(Reader *reader, char **to) {
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char letter = *reader->at++;
    if (letter == 'u')
        return unescape_code(reader, to);
    const char *found = letter ? strchr(from, letter) : NULL;
    if (!found)
        return wrong(reader, "a wrong escape");
    *(*to)++ = into[found - from];
    return true;
}

/* Behind the opening quote. A text gets shorter when it is unescaped, so its NUL has room at the closing quote. */
static char *read_text(Reader *reader, uint32_t *length) {
    char *text = reader->at;
    while ((unsigned char)*reader->at >= ' ' && *reader->at != '"' && *reader->at != '\\')
        reader->at++;
    char *to = reader->at; /* from the first escape on, behind where it is read */
    for (;;) {
        unsigned char c = (unsigned char)*reader->at;
        if (c == '"')
            break;
        if (c < ' ') {
            wrong(reader, c ? "a control character in a text" : "a text without end");
            return NULL;
        }
        reader->at++;
        if (c != '\\')
            *to++ = (char)c;
        else if (!unescape(reader, &to))
            return NULL;
    }
    reader->at++;
    *to = 0;
    *length = (uint32_t)(to - text);
    return text;
}

static bool read_string(Reader *reader, const char *key) {
    uint32_t length;
    reader->at++;
    const char *text = read_text(reader, &length);
    int64_t place = text ? add(reader, VIEW_TEXT, key) : -1;
    if (place < 0)
        return false;
    reader->values[place].text = text;
    reader->values[place].length = length;
    return true;
}

/* ---- Numbers and words ---- */

static bool read_number(Reader *reader, const char *key) {
    const char *digits = reader->at + (*reader->at == '-');
    if (!g_ascii_isdigit(*digits) || (*digits == '0' && g_ascii_isdigit(digits[1])))
        return wrong(reader, "no value");
    bool minus = digits != reader->at;
    int64_t number = 0;
    for (; g_ascii_isdigit(*digits); digits++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, minus ? '0' - *digits : *digits - '0', &number))
            return wrong(reader, "a number too great");
    if (*digits == '.' || *digits == 'e' || *digits == 'E')
        return wrong(reader, "a number that is not whole");
    reader->at = (char *)digits;
    int64_t place = add(reader, VIEW_NUMBER, key);
    if (place >= 0)
        reader->values[place].number = number;
    return place >= 0;
}

static bool read_word(Reader *reader, const char *key) {
    static const struct {
        const char *word;
        size_t length;
        Kind kind;
    } words[] = {{"true", 4, VIEW_TRUE}, {"false", 5, VIEW_FALSE}, {"null", 4, VIEW_NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strncmp(reader->at, words[i].word, words[i].length) == 0) {
            reader->at += words[i].length;
            return add(reader, words[i].kind, key) >= 0;
        }
    return wrong(reader, "no value");
}

/* ---- What contains others ---- */

static bool read_value(Reader *reader, const char *key, int depth);

/* Most names differ in their first letters. A name of one letter has its NUL there. */
static bool is_named(const JsonView *member, const char *key) {
    return member->key[0] == key[0] && (key[0] == 0 || member->key[1] == key[1]) && strcmp(member->key, key) == 0;
}

static bool is_new(Reader *reader, int64_t object, uint32_t members, const char *key) {
    const JsonView *member = &reader->values[object + 1];
    for (uint32_t i = 0; i < members; i++, member += member->span)
        if (is_named(member, key))
            return wrong(reader, "a member is given twice");
    return true;
}

static const char *read_key(Reader *reader, int64_t object, uint32_t members) {
    uint32_t length;
    skip_space(reader);
    if (*reader->at != '"' || members >= MEMBERS_MAX) {
        wrong(reader, members >= MEMBERS_MAX ? "too many members" : "no name of a member");
        return NULL;
    }
    reader->at++;
    const char *key = read_text(reader, &length);
    if (!key || !is_new(reader, object, members, key))
        return NULL;
    skip_space(reader);
    if (*reader->at++ != ':') {
        wrong(reader, "no colon behind a name");
        return NULL;
    }
    return key;
}

static bool read_container(Reader *reader, const char *key, int depth) {
    Kind kind = *reader->at == '{' ? VIEW_OBJECT : VIEW_ARRAY;
    const char end = kind == VIEW_OBJECT ? '}' : ']';
    int64_t place = add(reader, kind, key);
    if (place < 0 || depth >= DEPTH_MAX)
        return wrong(reader, "too many levels");
    uint32_t length = 0;
    reader->at++;
    skip_space(reader);
    for (bool more = *reader->at != end; more; length++) {
        const char *name = kind == VIEW_OBJECT ? read_key(reader, place, length) : NULL;
        if ((kind == VIEW_OBJECT && !name) || !read_value(reader, name, depth + 1))
            return false;
        skip_space(reader);
        more = *reader->at == ',';
        if (!more && *reader->at != end)
            return wrong(reader, "no comma and no end");
        reader->at += more;
    }
    reader->at++;
    reader->values[place].length = length;
    reader->values[place].span = reader->count - (uint32_t)place;
    return true;
}

static bool read_value(Reader *reader, const char *key, int depth) {
    skip_space(reader);
    switch (*reader->at) {
    case '{':
    case '[':
        return read_container(reader, key, depth);
    case '"':
        return read_string(reader, key);
    case 't':
    case 'f':
    case 'n':
        return read_word(reader, key);
    default:
        return read_number(reader, key);
    }
}

static bool read_all(Reader *reader, size_t length) {
    if (!reader->values)
        return wrong(reader, "no memory");
    if (!g_utf8_validate(reader->start, (gssize)length, NULL))
        return wrong(reader, "no UTF-8");
    if (!read_value(reader, NULL, 0))
        return false;
    skip_space(reader);
    return reader->at == reader->start + length || wrong(reader, "something behind the end");
}

JsonDocument *jsonview_parse(const char *text, size_t length, GError **error) {
    JsonDocument *document = length < BYTES_MAX ? g_try_malloc(sizeof *document + length + 1) : NULL;
    Reader reader = {.problem = document ? NULL : "no memory"};
    if (document) {
        memcpy(document->text, text, length);
        document->text[length] = 0;
        reader.start = reader.at = document->text;
        reader.room = (uint32_t)(length / 16 + 16); /* of what we write: one allocation */
        reader.values = g_try_new(JsonView, reader.room);
        if (read_all(&reader, length)) {
            document->values = reader.values;
            return document;
        }
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no JSON: %s at byte %zu", reader.problem,
                (size_t)(reader.at - reader.start));
    g_free(reader.values);
    g_free(document);
    return NULL;
}

void jsonview_free(JsonDocument *document) {
    if (!document)
        return;
    g_free(document->values);
    g_free(document);
}

/* ---- Asking ---- */

const JsonView *jsonview_root(const JsonDocument *document) {
    return document ? document->values : NULL;
}

const JsonView *view_any(const JsonView *object, const char *key) {
    if (!object || object->kind != VIEW_OBJECT)
        return NULL;
    const JsonView *member = object + 1;
    for (uint32_t i = 0; i < object->length; i++, member += member->span)
        if (is_named(member, key))
            return member;
    return NULL;
}

static const JsonView *of_kind(const JsonView *value, Kind kind) {
    return value && value->kind == kind ? value : NULL;
}

const char *view_text(const JsonView *object, const char *key) {
    return view_string(view_any(object, key));
}

const char *view_text_or(const JsonView *object, const char *key, const char *otherwise) {
    const char *text = view_text(object, key);
    return text ? text : otherwise;
}

int64_t view_number(const JsonView *object, const char *key, int64_t otherwise) {
    const JsonView *value = of_kind(view_any(object, key), VIEW_NUMBER);
    return value ? value->number : otherwise;
}

bool view_flag(const JsonView *object, const char *key, bool otherwise) {
    const JsonView *value = view_any(object, key);
    return value && (value->kind == VIEW_TRUE || value->kind == VIEW_FALSE) ? value->kind == VIEW_TRUE : otherwise;
}

const JsonView *view_list(const JsonView *object, const char *key) {
    return of_kind(view_any(object, key), VIEW_ARRAY);
}

const JsonView *view_member(const JsonView *object, const char *key) {
    return of_kind(view_any(object, key), VIEW_OBJECT);
}

const JsonView *view_first(const JsonView *list) {
    return list && list->kind == VIEW_ARRAY && list->length ? list + 1 : NULL;
}

const JsonView *view_next(const JsonView *list, const JsonView *item) {
    const JsonView *next = item + item->span;
    return next < list + list->span ? next : NULL;
}

size_t view_count(const JsonView *list) {
    return list && list->kind == VIEW_ARRAY ? list->length : 0;
}

const char *view_string(const JsonView *value) {
    return value && value->kind == VIEW_TEXT ? value->text : NULL;
}

size_t view_length(const JsonView *value) {
    return value && value->kind == VIEW_TEXT ? value->length : 0;
}

GPtrArray *view_texts(const JsonView *list) {
    GPtrArray *texts = g_ptr_array_new();
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (item->kind == VIEW_TEXT)
            g_ptr_array_add(texts, (char *)item->text);
    return texts;
}
