/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of attributes, some of which hold lists of MAPI properties ([MS-OXTNEF] 2.1.3, [MS-OXCDATA] 2.8). Every
 * length is checked against what is left. */
#include "message/tnef.h"
#include "message/charset.h"
#include "message/rtfpacked.h"

enum { SIGNATURE = 0x223e9f78, ITEMS_MAX = 500, VALUES_MAX = 1000, RTF_RATIO = 5, RTF_MAX = 4 << 20 };

enum {
    ATT_SUBJECT = 0x8004,
    ATT_BODY = 0x800c,
    ATT_ATTACH_DATA = 0x800f,
    ATT_ATTACH_TITLE = 0x8010,
    ATT_ATTACH_START = 0x9002,
    ATT_MAPI = 0x9003,
    ATT_ATTACH_MAPI = 0x9005,
    ATT_CODEPAGE = 0x9007,
};

enum {
    PROP_SUBJECT = 0x0037,
    PROP_BODY = 0x1000,
    PROP_RTF = 0x1009,
    PROP_HTML = 0x1013,
    PROP_ATTACH_DATA = 0x3701,
    PROP_ATTACH_NAME = 0x3704,
    PROP_ATTACH_LONG_NAME = 0x3707,
};

enum { TYPE_OBJECT = 0x0d, TYPE_STRING8 = 0x1e, TYPE_UNICODE = 0x1f, TYPE_BINARY = 0x102, TYPE_MULTIPLE = 0x1000 };

typedef struct {
    Slice rest;
    bool broken;
} Input;

typedef struct {
    GPtrArray *items;
    TnefItem *file; /* the attachment that is being read, in `items`; NULL before the first */
    const char *charset;
    size_t rtf_room;
    bool whole;
} Reading;

static Slice take(Input *input, size_t length) {
    if (length > input->rest.length) {
        input->broken = true;
        length = input->rest.length;
    }
    Slice taken = {input->rest.at, length};
    input->rest = (Slice){input->rest.at + length, input->rest.length - length};
    return taken;
}

static guint32 take_number(Input *input, size_t bytes) {
    Slice raw = take(input, bytes);
    guint32 number = 0;
    for (size_t i = raw.length; i > 0; i--)
        number = number << 8 | (unsigned char)raw.at[i - 1];
    return number;
}

static void item_free(void *data) {
    TnefItem *item = data;
    g_free(item->name);
    g_free(item->owned);
    g_free(item);
}

static TnefItem *add_item(Reading *reading, TnefKind kind, Slice data, const char *charset) {
    TnefItem *item = g_new0(TnefItem, 1);
    *item = (TnefItem){.kind = kind, .name = g_strdup(""), .charset = charset, .data = data};
    g_ptr_array_add(reading->items, item);
    return item;
}

/* Strings end with NUL, which counts; one in the middle must not hide what follows. */
static Slice without_end(Slice text, bool wide) {
    if (wide)
        text.length -= text.length % 2;
    while (text.length > 0 && text.at[text.length - 1] == '\0' && (!wide || text.at[text.length - 2] == '\0'))
        text.length -= wide ? 2 : 1;
    return text;
}

static void add_text(Reading *reading, TnefKind kind, guint32 type, Slice value) {
    bool wide = type == TYPE_UNICODE;
    value = without_end(value, wide);
    if (value.length > 0)
        add_item(reading, kind, value, wide ? "utf-16le" : type == TYPE_BINARY ? "" : reading->charset);
}

static void set_name(Reading *reading, guint32 type, Slice value) {
    static const Slice wide = {"utf-16le", 8};
    if (reading->file == NULL)
        return;
    g_autoptr(GString) name = g_string_new(NULL);
    Slice charset = type == TYPE_UNICODE ? wide : (Slice){reading->charset, strlen(reading->charset)};
    value = without_end(value, type == TYPE_UNICODE);
    charset_append(name, charset, (Slice){value.at, MIN(value.length, 1024)});
    /* The long one comes with the short one, in any order. */
    if (name->len > strlen(reading->file->name)) {
        g_free(reading->file->name);
        reading->file->name = g_strndup(name->str, name->len);
    }
}

/* An object begins with the GUID of what it is; IMessage is another TNEF stream. */
static void set_data(Reading *reading, guint32 type, Slice value) {
    if (reading->file == NULL)
        return;
    if (type == TYPE_OBJECT && value.length > 16) {
        value = (Slice){value.at + 16, value.length - 16};
        if (value.length > 4 && memcmp(value.at, "\x78\x9f\x3e\x22", 4) == 0)
            reading->file->kind = TNEF_OBJECT;
    }
    reading->file->data = value;
}

static void add_rtf(Reading *reading, Slice value) {
    size_t length;
    char *rtf = rtf_decompress(value, reading->rtf_room, &length);
    if (rtf == NULL) {
        reading->whole = false;
        return;
    }
    reading->rtf_room -= length;
    add_item(reading, TNEF_RTF, (Slice){rtf, length}, "")->owned = rtf;
}

static void use_property(Reading *reading, guint32 id, guint32 type, Slice value) {
    if (id == PROP_BODY || id == PROP_SUBJECT)
        add_text(reading, TNEF_TEXT, type, value);
    else if (id == PROP_HTML)
        add_text(reading, TNEF_HTML, type, value);
    else if (id == PROP_RTF)
        add_rtf(reading, value);
    else if (id == PROP_ATTACH_DATA)
        set_data(reading, type, value);
    else if (id == PROP_ATTACH_LONG_NAME || id == PROP_ATTACH_NAME)
        set_name(reading, type, value);
}

/* Bytes of a value of fixed size, padded to four; 0: the value says its own length. */
static size_t fixed_size(guint32 type) {
    switch (type) {
    case 0x02: /* short, boolean, long, float, error */
    case 0x03:
    case 0x04:
    case 0x0a:
    case 0x0b:
        return 4;
    case 0x05: /* double, currency, dates, 64 bits */
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48:
        return 16;
    default:
        return 0;
    }
}

/* A property of a named set has its set's GUID and a number or a name. */
static void skip_name(Input *input) {
    take(input, 16);
    if (take_number(input, 4) == 0) {
        take(input, 4);
        return;
    }
    guint32 length = take_number(input, 4);
    take(input, length + (4 - length % 4) % 4);
}

static void read_property(Reading *reading, Input *input) {
    guint32 type = take_number(input, 2), id = take_number(input, 2);
    if (id >= 0x8000)
        skip_name(input);
    bool multiple = (type & TYPE_MULTIPLE) != 0;
    type &= ~(guint32)TYPE_MULTIPLE;
    size_t fixed = fixed_size(type);
    guint32 values = multiple || fixed == 0 ? take_number(input, 4) : 1;
    if (values > VALUES_MAX)
        input->broken = true;
    for (guint32 i = 0; i < values && !input->broken; i++) {
        guint32 length = fixed > 0 ? (guint32)fixed : take_number(input, 4);
        Slice value = take(input, length);
        take(input, (4 - length % 4) % 4);
        if (!input->broken && id < 0x8000)
            use_property(reading, id, type, value);
    }
}

static void read_properties(Reading *reading, Slice data) {
    Input input = {data, false};
    guint32 count = take_number(&input, 4);
    for (guint32 i = 0; i < count && !input.broken && reading->items->len < ITEMS_MAX; i++)
        read_property(reading, &input);
    reading->whole = reading->whole && !input.broken;
}

static const char *charset_of(Slice data) {
    Input input = {data, false};
    static const struct {
        guint32 page;
        const char *charset;
    } pages[] = {{437, "cp437"},         {850, "cp850"},         {852, "cp852"},         {866, "cp866"},
                 {874, "windows-874"},   {932, "cp932"},         {936, "cp936"},         {949, "cp949"},
                 {950, "cp950"},         {1250, "windows-1250"}, {1251, "windows-1251"}, {1252, "windows-1252"},
                 {1253, "windows-1253"}, {1254, "windows-1254"}, {1255, "windows-1255"}, {1256, "windows-1256"},
                 {1257, "windows-1257"}, {1258, "windows-1258"}, {65001, "utf-8"}};
    guint32 page = take_number(&input, 4);
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++)
        if (pages[i].page == page)
            return pages[i].charset;
    return "windows-1252";
}

static void use_attribute(Reading *reading, guint32 id, Slice data) {
    switch (id) {
    case ATT_CODEPAGE:
        reading->charset = charset_of(data);
        break;
    case ATT_SUBJECT:
    case ATT_BODY:
        add_text(reading, TNEF_TEXT, TYPE_STRING8, data);
        break;
    case ATT_ATTACH_START:
        reading->file = add_item(reading, TNEF_FILE, (Slice){data.at, 0}, "");
        break;
    case ATT_ATTACH_TITLE:
        set_name(reading, TYPE_STRING8, data);
        break;
    case ATT_ATTACH_DATA:
        set_data(reading, TYPE_BINARY, data);
        break;
    case ATT_MAPI:
    case ATT_ATTACH_MAPI:
        read_properties(reading, data);
        break;
    default:
        break;
    }
}

GPtrArray *tnef_read(Slice data, bool *whole) {
    Input input = {data, false};
    Reading reading = {.items = g_ptr_array_new_with_free_func(item_free),
                       .charset = "windows-1252",
                       .rtf_room = MIN(RTF_RATIO * data.length, (size_t)RTF_MAX),
                       .whole = true};
    if (take_number(&input, 4) != SIGNATURE)
        reading.whole = false;
    take(&input, 2);
    while (reading.whole && input.rest.length > 0 && reading.items->len < ITEMS_MAX) {
        take(&input, 1);
        guint32 id = take_number(&input, 4) & 0xffff;
        Slice value = take(&input, take_number(&input, 4));
        take(&input, 2); /* a sum that nobody checks */
        if (input.broken)
            break;
        use_attribute(&reading, id, value);
    }
    *whole = reading.whole && !input.broken && reading.items->len < ITEMS_MAX;
    return reading.items;
}
