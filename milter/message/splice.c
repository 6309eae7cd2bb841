/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is guessed: a part whose decoding or charset leaves a doubt is not written into. */
#include "message/splice.h"
#include "base/fold.h"
#include "message/charset.h"
#include "message/compose.h"
#include "message/encoder.h"
#include "message/html.h"
#include "message/htmlplace.h"
#include "message/relabel.h"
#include "message/transfer.h"

enum { LEAF_MOST = 8 << 20, LINE_MOST = 998 };

static void splice_clear(void *data) {
    g_string_free(((Splice *)data)->added, TRUE);
}

Splices *splices_new(void) {
    Splices *splices = g_new0(Splices, 1);
    splices->splices = g_array_new(FALSE, FALSE, sizeof(Splice));
    g_array_set_clear_func(splices->splices, splice_clear);
    return splices;
}

void splices_free(Splices *splices) {
    if (splices == NULL)
        return;
    g_array_unref(splices->splices);
    g_free(splices->content_type);
    g_free(splices->encoding);
    g_free(splices);
}

void splices_add(Splices *splices, Slice old, GString *text) {
    Splice splice = {old.at, old.length, text};
    g_array_append_val(splices->splices, splice);
}

/* ---- Reading ---- */

static const char *read_charset(Leaf *leaf) {
    unsigned count;
    const FieldParam *charset = field_param_entry(leaf->part->content_type, "charset", &count);
    g_autoptr(GString) others = g_string_new(NULL);
    if (count > 1 || (charset != NULL && !charset->plain))
        return "it names its charset in an odd way";
    leaf->charset = charset == NULL ? (Slice){"", 0} : slice_strip((Slice){charset->value, strlen(charset->value)});
    if (leaf->charset.length == 0 && leaf->html)
        leaf->charset = html_charset(leaf->data);
    CharsetResult result = charset_append_all(leaf->text, leaf->charset, leaf->data, others);
    leaf->doubted = result != CHARSET_CLEAN || others->len > 0;
    if (result == CHARSET_LYING || result == CHARSET_UNKNOWN)
        return "it is not certain in which charset its text is";
    return NULL;
}

const char *leaf_open(Slice message, Part *part, Leaf *leaf) {
    *leaf = (Leaf){.part = part, .html = part_is(part, "text/html"), .text = g_string_new(NULL)};
    if (part->raw.length > LEAF_MOST)
        return "its text is too long";
    if (!entity_find(message, part, &leaf->entity))
        return "it is not certain where its text stands";
    RawHeader digest;
    if (entity_header(leaf->entity.head, "content-md5", &digest) > 0)
        return "its header holds a digest of its text";
    leaf->data = part_decode(part);
    if (!part->clean)
        return "its text does not decode as it should";
    return read_charset(leaf);
}

void leaf_clear(Leaf *leaf) {
    g_string_free(leaf->text, TRUE);
}

static size_t mark_length(const Leaf *leaf) {
    return leaf->data.length >= 3 && memcmp(leaf->data.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static void find_places(const Leaf *leaf, size_t *top, size_t *bottom) {
    g_autofree char *masked = charset_mask(leaf->charset, leaf->data);
    html_places((Slice){masked, leaf->data.length}, top, bottom);
}

size_t leaf_top(const Leaf *leaf) {
    size_t top = mark_length(leaf), bottom;
    if (leaf->html)
        find_places(leaf, &top, &bottom);
    return top;
}

/* Programs on the way change line ends. */
static const char *skip_box(const char *at, const char *end) {
    while (at < end && g_ascii_isspace(*at))
        at++;
    for (const char *box = compose_box; *box != '\0'; box++) {
        if (g_ascii_isspace(*box) && (box == compose_box || g_ascii_isspace(box[-1])))
            continue;
        if (at == end || (g_ascii_isspace(*box) ? !g_ascii_isspace(*at) : *box != *at))
            return NULL;
        for (at++; g_ascii_isspace(*box) && at < end && g_ascii_isspace(*at);)
            at++;
    }
    return at;
}

bool leaf_next_of_ours(const Leaf *leaf, size_t *at, Slice *element) {
    const char *end = leaf->data.at + leaf->data.length;
    const char *inside = skip_box(leaf->data.at + *at, end);
    const char *close = inside == NULL ? NULL : memmem(inside, (size_t)(end - inside), "</div>", 6);
    if (close == NULL || memchr(inside, '<', (size_t)(close - inside)) != NULL)
        return false;
    *element = slice_between(inside, close);
    *at = (size_t)(close + 6 - leaf->data.at);
    return true;
}

/* ---- Writing ---- */

/* What goes where in the decoded text. */
typedef struct {
    const Leaf *leaf;
    Splices *out;
    size_t top_at, bottom_at;
    GString *top, *bottom; /* borrowed */
    const GString *text;   /* in the place of what is there; NULL: that */
    bool relabel;          /* it is UTF-8 now */
} Writing;

static bool has_eight_bit(const char *at, size_t length) {
    return !fold_is_ascii(at, length);
}

static GString *whole_text(const Writing *writing) {
    Slice text = writing->leaf->data;
    size_t top = writing->top_at, bottom = writing->bottom_at;
    if (writing->text != NULL) {
        text = (Slice){writing->text->str, writing->text->len};
        top = 0;
        bottom = text.length;
    }
    GString *all = g_string_sized_new(text.length + writing->top->len + writing->bottom->len);
    g_string_append_len(all, text.at, (gssize)top);
    g_string_append_len(all, writing->top->str, (gssize)writing->top->len);
    g_string_append_len(all, text.at + top, (gssize)(bottom - top));
    g_string_append_len(all, writing->bottom->str, (gssize)writing->bottom->len);
    g_string_append_len(all, text.at + bottom, (gssize)(text.length - bottom));
    return all;
}

/* The line end that the last line of a body has keeps its place. */
static void replace_whole(const Writing *writing, void (*encode)(GString *out, Slice bytes)) {
    Slice body = writing->leaf->entity.body;
    g_autoptr(GString) all = whole_text(writing);
    GString *added = g_string_new(NULL);
    if (encode != NULL)
        encode(added, (Slice){all->str, all->len});
    else
        g_string_append_len(added, all->str, (gssize)all->len);
    if (encode == transfer_base64 && slice_strip(body).length > 0) {
        const char *last = slice_strip(body).at + slice_strip(body).length;
        g_string_append_len(added, last, body.at + body.length - last);
    }
    splices_add(writing->out, body, added);
}

static void splice_raw(const Writing *writing, size_t offset, const GString *text) {
    Slice place = {writing->leaf->entity.body.at + offset, 0};
    if (text->len > 0)
        splices_add(writing->out, place, g_string_new_len(text->str, (gssize)text->len));
}

static void splice_quoted(const Writing *writing, size_t offset, const GString *text) {
    Slice body = writing->leaf->entity.body;
    size_t raw = transfer_quoted_offset(body, offset);
    if (text->len == 0)
        return;
    GString *added = g_string_new(NULL);
    if (raw > 0 && body.at[raw - 1] != '\n' && !g_str_has_prefix(text->str, "\r\n"))
        g_string_append(added, "=\r\n");
    transfer_quoted(added, (Slice){text->str, text->len});
    if (raw < body.length && !g_str_has_suffix(text->str, "\r\n"))
        g_string_append(added, "=\r\n");
    splices_add(writing->out, (Slice){body.at + raw, 0}, added);
}

/* The same letters may take more bytes in UTF-8. */
static bool has_long_line(const GString *text) {
    Slice rest = {text->str, text->len}, line;
    while (slice_line(&rest, &line))
        if (line.length > LINE_MOST)
            return true;
    return false;
}

/* Bytes above 127 need an encoding that lets them pass. */
static bool must_be_quoted(const Writing *writing) {
    const Leaf *leaf = writing->leaf;
    RawHeader header = {.value = {"", 0}};
    entity_header(leaf->entity.head, "content-transfer-encoding", &header);
    Slice said = slice_strip(header.value);
    bool may = slice_is(said, "8bit") || slice_is(said, "binary") ||
               (writing->text == NULL && has_eight_bit(leaf->data.at, leaf->data.length));
    if (writing->text != NULL && has_long_line(writing->text))
        return true;
    return !may && (has_eight_bit(writing->top->str, writing->top->len) ||
                    has_eight_bit(writing->bottom->str, writing->bottom->len) ||
                    (writing->text != NULL && has_eight_bit(writing->text->str, writing->text->len)));
}

static const char *put(const Writing *writing) {
    const Leaf *leaf = writing->leaf;
    bool quote = leaf->part->encoding == ENCODING_IDENTITY && must_be_quoted(writing);
    Relabelling change = {.charset = writing->relabel ? "utf-8" : NULL, .encoding = quote ? "quoted-printable" : NULL};
    if ((writing->relabel || quote) && !relabel(leaf, &change, writing->out))
        return "its header cannot be changed safely";
    if (leaf->part->encoding == ENCODING_BASE64) {
        replace_whole(writing, transfer_base64);
    } else if (quote || (writing->text != NULL && leaf->part->encoding == ENCODING_QUOTED)) {
        replace_whole(writing, transfer_quoted);
    } else if (writing->text != NULL) {
        replace_whole(writing, NULL);
    } else if (leaf->part->encoding == ENCODING_QUOTED) {
        splice_quoted(writing, writing->top_at, writing->top);
        splice_quoted(writing, writing->bottom_at, writing->bottom);
    } else {
        splice_raw(writing, writing->top_at, writing->top);
        splice_raw(writing, writing->bottom_at, writing->bottom);
    }
    return NULL;
}

/* Encoded texts often keep the line ends of the machine they were written on. */
static void adapt_ends(const Leaf *leaf, Slice like, GString *text) {
    bool bare = memchr(like.at, '\n', like.length) != NULL && memmem(like.at, like.length, "\r\n", 2) == NULL;
    if (bare && leaf->part->encoding == ENCODING_BASE64)
        g_string_replace(text, "\r\n", "\n", 0);
}

static Flow flow_of(const Leaf *leaf) {
    const char *format = field_param(leaf->part->content_type, "format");
    const char *delsp = field_param(leaf->part->content_type, "delsp");
    if (format == NULL || g_ascii_strcasecmp(format, "flowed") != 0)
        return FLOW_FIXED;
    return delsp != NULL && g_ascii_strcasecmp(delsp, "yes") == 0 ? FLOW_DELSP : FLOW_FLOWED;
}

static GString *paragraphs(const GPtrArray *texts, Flow flow, bool above) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++) {
        if (!above && i > 0)
            g_string_append(out, "\r\n");
        compose_plain(out, g_ptr_array_index(texts, i), flow);
        if (above)
            g_string_append(out, "\r\n");
    }
    return out;
}

/* One empty line before what goes below, and the last line ended, or not, as it was. */
static void fit_below(const Leaf *leaf, GString *below) {
    const GString *text = leaf->text; /* without CR */
    bool ended = text->len > 0 && text->str[text->len - 1] == '\n';
    bool empty_line = text->len == 0 || (ended && (text->len == 1 || text->str[text->len - 2] == '\n'));
    if (below->len == 0)
        return;
    g_string_prepend(below, empty_line ? "" : ended ? "\r\n" : "\r\n\r\n");
    if (!ended && leaf->part->parent != NULL)
        g_string_truncate(below, below->len - 2);
}

static bool encode_both(const Leaf *leaf, const GString *top, const GString *bottom, GString **top_out,
                        GString **bottom_out) {
    bool plain = fold_is_ascii(top->str, top->len) && fold_is_ascii(bottom->str, bottom->len);
    if ((leaf->doubted && !plain) || !charset_keeps_ascii(leaf->charset) ||
        !charset_is_at_rest(leaf->charset, leaf->data))
        return false;
    *top_out = charset_encode(leaf->charset, top->str);
    *bottom_out = charset_encode(leaf->charset, bottom->str);
    return *top_out != NULL && *bottom_out != NULL;
}

static const char *write_plain(const Leaf *leaf, const GPtrArray *above, const GPtrArray *below, Splices *out) {
    Flow flow = flow_of(leaf);
    g_autoptr(GString) top = paragraphs(above, flow, true), bottom = paragraphs(below, flow, false);
    g_autoptr(GString) own_top = NULL, own_bottom = NULL;
    fit_below(leaf, bottom);
    if (charset_keeps_ascii(leaf->charset)) {
        adapt_ends(leaf, leaf->data, top);
        adapt_ends(leaf, leaf->data, bottom);
    }
    Writing writing = {.leaf = leaf, .out = out, .top_at = mark_length(leaf), .bottom_at = leaf->data.length};
    if (encode_both(leaf, top, bottom, &own_top, &own_bottom)) {
        writing.top = own_top;
        writing.bottom = own_bottom;
        return put(&writing);
    }
    g_autoptr(GString) text = leaf->doubted ? NULL : charset_decode(leaf->charset, leaf->data);
    if (text == NULL)
        return "its charset does not have all letters of the text, and it is not certain what it says";
    bool same = text->len == leaf->data.length && memcmp(text->str, leaf->data.at, text->len) == 0;
    writing.top = top;
    writing.bottom = bottom;
    writing.text = same ? NULL : text;
    writing.relabel = true;
    return put(&writing);
}

static GString *elements(const GPtrArray *texts, bool above) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        compose_html(out, g_ptr_array_index(texts, i), above);
    return out;
}

static const char *write_html(const Leaf *leaf, const GPtrArray *above, const GPtrArray *below, Splices *out) {
    g_autoptr(GString) top = elements(above, true), bottom = elements(below, false);
    Writing writing = {.leaf = leaf, .out = out, .top = top, .bottom = bottom};
    if (!charset_keeps_ascii(leaf->charset))
        return "its page is in a charset that is not like ASCII";
    find_places(leaf, &writing.top_at, &writing.bottom_at);
    if (!charset_is_at_rest(leaf->charset, (Slice){leaf->data.at, writing.top_at}) ||
        !charset_is_at_rest(leaf->charset, (Slice){leaf->data.at, writing.bottom_at}))
        return "its page is in a charset that is not like ASCII";
    adapt_ends(leaf, leaf->data, top);
    adapt_ends(leaf, leaf->data, bottom);
    return put(&writing);
}

const char *leaf_write(const Leaf *leaf, const GPtrArray *top, const GPtrArray *bottom, Splices *splices) {
    return leaf->html ? write_html(leaf, top, bottom, splices) : write_plain(leaf, top, bottom, splices);
}
