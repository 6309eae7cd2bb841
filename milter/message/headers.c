/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicates matter here more than anything: mail programs disagree on which of two headers they show. */
#include "message/headers.h"
#include "base/text.h"
#include "facts/conversation.h"
#include "message/addresses.h"
#include "message/fields.h"
#include "message/message.h"
#include "message/words.h"

#define THREAD_IDS 100

/* Headers that may stand once (RFC 5322, 2045); `ambiguous`: two of them can mean two different messages. */
static const struct {
    const char *name;
    bool ambiguous;
} single[] = {
    {"content-type", true},
    {"content-transfer-encoding", true},
    {"content-disposition", false},
    {"mime-version", false},
    {"from", false},
    {"sender", false},
    {"reply-to", false},
    {"to", false},
    {"cc", false},
    {"bcc", false},
    {"subject", false},
    {"date", false},
    {"message-id", false},
    {"in-reply-to", false},
    {"references", false},
    {"thread-index", false},
};

typedef struct {
    Facts *facts;
    unsigned seen[G_N_ELEMENTS(single)];
    GPtrArray *references, *replies; /* char * ids */
    bool over;
} Reading;

static void limit(Reading *reading, const char *what) {
    facts_add_anomaly(reading->facts, "limit:%s", what);
    reading->facts->unreadable = true;
    reading->over = true;
}

static void note_bytes(Reading *reading, const RawHeader *header) {
    Slice value = header->value;
    bool bare_cr = false, eight_bit = false;
    for (size_t i = 0; i < value.length; i++) {
        eight_bit |= (unsigned char)value.at[i] >= 0x80;
        bare_cr |= value.at[i] == '\r' && (i + 1 == value.length || value.at[i + 1] != '\n');
    }
    if (eight_bit)
        facts_add_anomaly(reading->facts, "8bit-header");
    if (header->odd)
        facts_add_anomaly(reading->facts, "header-syntax");
    /* Some programs end a header line at a bare CR, or read a name in spite of what stands before its colon. */
    if (bare_cr || header->odd)
        reading->facts->unreadable = true;
}

static void note_repeat(Reading *reading, Slice name) {
    char first = name.length > 0 ? g_ascii_tolower(name.at[0]) : '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(single); i++)
        if (single[i].name[0] == first && slice_is(name, single[i].name) && ++reading->seen[i] == 2) {
            facts_add_anomaly(reading->facts, "duplicate-header:%s", single[i].name);
            if (single[i].ambiguous)
                reading->facts->unreadable = true;
        }
}

static void set_first(char **place, const char *text) {
    if (**place != '\0')
        return;
    g_free(*place);
    *place = g_strdup(text);
}

/* Ids between angle brackets; false when there are more than the limit allows. */
static bool add_ids(GPtrArray *ids, Slice value, unsigned at_most) {
    const char *at = value.at, *end = at + value.length;
    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        const char *close = memchr(at, '>', (size_t)(end - at));
        if (close == NULL)
            break;
        if (ids->len >= at_most)
            return false;
        g_autofree char *folded = header_unfold(slice_between(at + 1, close));
        Slice id = slice_strip((Slice){folded, strlen(folded)});
        if (id.length > 0 && id.length <= 998)
            g_ptr_array_add(ids, text_printable(id.at, id.length, id.length));
        at = close + 1;
    }
    return true;
}

static char *message_id_of(Slice value) {
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    add_ids(ids, value, 1);
    if (ids->len > 0)
        return g_strdup(g_ptr_array_index(ids, 0));
    g_autofree char *bare = header_unfold(value);
    return text_printable(bare, strlen(bare), 998);
}

static void read_conversation(Facts *facts, Slice value) {
    g_autofree char *text = header_unfold(value);
    char guid[CONVERSATION_TEXT];
    bool answers;
    if (*facts->thread_index || !conversation_read(text, guid, &answers))
        return;
    text_set(&facts->thread_index, guid);
    facts->conversation_answered = answers;
}

static void read_value(Reading *reading, const RawHeader *header, const char *text) {
    Facts *facts = reading->facts;
    Slice name = header->name;
    GPtrArray *addresses = slice_is(name, "from")       ? facts->from
                           : slice_is(name, "to")       ? facts->to
                           : slice_is(name, "cc")       ? facts->cc
                           : slice_is(name, "sender")   ? facts->sender
                           : slice_is(name, "reply-to") ? facts->reply_to
                                                        : NULL;
    if (addresses != NULL) {
        bool odd = false;
        if (!addresses_add(addresses, header->value, message_limits.addresses, &odd))
            limit(reading, "addresses");
        if (odd && addresses != facts->to && addresses != facts->cc)
            facts_add_anomaly(facts, addresses == facts->from     ? "odd-address:from"
                                     : addresses == facts->sender ? "odd-address:sender"
                                                                  : "odd-address:reply-to");
        if (addresses == facts->from)
            addresses_names(facts->from_names, header->value);
    } else if (slice_is(name, "subject")) {
        /* Two subjects: one program shows the first, another the last, so a rule sees both. */
        char *both = *facts->subject == '\0' ? g_strdup(text) : g_strconcat(facts->subject, " ", text, NULL);
        g_free(facts->subject);
        facts->subject = both;
    } else if (slice_is(name, "message-id")) {
        g_autofree char *id = message_id_of(header->value);
        set_first(&facts->message_id, id);
    } else if (slice_is(name, "date")) {
        set_first(&facts->date, text);
    } else if (slice_is(name, "thread-index")) {
        read_conversation(facts, header->value);
    } else if (slice_is(name, "references") || slice_is(name, "in-reply-to")) {
        GPtrArray *ids = slice_is(name, "references") ? reading->references : reading->replies;
        if (!add_ids(ids, header->value, message_limits.references))
            limit(reading, "references");
    }
}

/* A subject is text that people read, so the same is asked of it as of the rest. */
static void note_words(Reading *reading, const RawHeader *header, const HeaderWords *words) {
    bool subject = slice_is(header->name, "subject");
    if (subject && words->others != NULL)
        facts_add_anomaly(reading->facts, "encoded-words:subject");
    if (words->worst < CHARSET_LYING)
        return;
    g_autofree char *charset = text_printable(words->charset.at, words->charset.length, 40);
    facts_add_anomaly(reading->facts, "charset:%s", charset);
    reading->facts->unreadable |= subject;
}

static void read_header(Reading *reading, const RawHeader *header) {
    g_autofree char *unfolded = header_unfold(header->value);
    size_t length = strlen(unfolded);
    HeaderWords words;
    words_read(unfolded, header->value, &words);
    note_words(reading, header, &words);
    char *raw = text_plain_length(unfolded, length) == length ? g_steal_pointer(&unfolded)
                                                              : text_printable(unfolded, length, length);
    note_bytes(reading, header);
    note_repeat(reading, header->name);
    char *name = text_printable(header->name.at, header->name.length, 256);
    HeaderFact *fact = header_fact_take(name, raw, words.text);
    fact->others = words.others;
    g_ptr_array_add(reading->facts->headers, fact);
    read_value(reading, header, words.text);
}

/* The ids of one header to those found before, the newest first (RFC 5322 puts the parent last); of too many the first,
 * which every later message of the thread is likely to name. */
static void add_newest(GPtrArray *newest, const GPtrArray *ids, GHashTable *seen) {
    for (guint i = ids->len; i > 0; i--) {
        char *id = g_ptr_array_index(ids, newest->len + 1 < THREAD_IDS ? i - 1 : 0);
        if (newest->len < THREAD_IDS && g_hash_table_add(seen, id))
            g_ptr_array_add(newest, id);
    }
}

static void join_thread(Reading *reading) {
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) newest = g_ptr_array_new();
    Facts *facts = reading->facts;
    g_hash_table_add(seen, facts->message_id);
    add_newest(newest, reading->references, seen);
    guint strong = newest->len;
    add_newest(newest, reading->replies, seen);
    facts->thread_weak = strong ? newest->len - strong : 0;
    for (guint i = newest->len; i > 0; i--)
        g_ptr_array_add(facts->thread, g_strdup(g_ptr_array_index(newest, i - 1)));
}

Slice headers_read(Facts *facts, Slice message, bool *over) {
    Reading reading = {.facts = facts,
                       .references = g_ptr_array_new_with_free_func(g_free),
                       .replies = g_ptr_array_new_with_free_func(g_free)};
    Slice rest = {message.at, MIN(message.length, message_limits.header_bytes)};
    RawHeader header;
    unsigned count = 0;
    const char *before = rest.at;
    while (header_next(&rest, &header)) {
        if (++count > message_limits.headers) {
            limit(&reading, "headers");
            break;
        }
        read_header(&reading, &header);
        before = rest.at;
    }
    /* Stopped by an empty line, or by the end of what we were willing to read? */
    if (rest.at == before && rest.length == 0 && message.length > message_limits.header_bytes && !reading.over)
        limit(&reading, "headers");
    if (reading.facts->from->len == 0)
        facts_add_anomaly(facts, "missing-header:from");
    join_thread(&reading);
    g_ptr_array_unref(reading.references);
    g_ptr_array_unref(reading.replies);
    *over = reading.over;
    return reading.over ? (Slice){"", 0} : slice_between(rest.at, message.at + message.length);
}
