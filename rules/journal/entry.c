/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are put together as text around the payload's own JSON: what is hashed is then what is written, byte for byte,
 * and the committing thread only copies and hashes. */
#include "journal/entry.h"
#include "base/seal.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

#define TAIL_START ",\"h\":\""
#define TAIL_LENGTH (sizeof TAIL_START - 1 + JOURNAL_HASH + 2) /* and "} */
#define HEAD_ROOM 512                                          /* more than our own members can take */

static const char *const own_members[] = {"v", "writer", "seq", "boot", "t", "kind", "h"};

void entry_free(Entry *entry) {
    if (!entry)
        return;
    g_free(entry->writer);
    g_free(entry->boot);
    g_free(entry->kind);
    json_decref(entry->body);
    g_free(entry->text);
    jsonview_free(entry->document);
    g_free(entry);
}

const JsonView *entry_view(Entry *entry) {
    if (!entry->document)
        entry->document = jsonview_parse(entry->text, strlen(entry->text), NULL);
    return jsonview_root(entry->document);
}

static bool wrong(GError **error, const char *what) {
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, what);
    return false;
}

/* SHA-256 of previous ‖ line as hex digits in `out`, which may be `previous` itself. */
static void chain(const char *previous, const char *line, size_t length, char out[JOURNAL_HASH + 1]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[SHA256_SIZE];
    Bytes pieces[] = {{previous, strlen(previous)}, {line, length}};
    sha256_of(pieces, G_N_ELEMENTS(pieces), hash);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[JOURNAL_HASH] = 0;
}

bool entry_may_hold(const char *kind, const char *members, GError **error) {
    if (!text_is_id(kind))
        return wrong(error, "a journal entry needs a kind");
    if (strlen(members) > JOURNAL_LINE_MAX - HEAD_ROOM)
        return wrong(error, "a journal payload is longer than one entry may be");
    return true;
}

char *entry_members(const char *kind, const json_t *payload, GError **error) {
    if (!json_is_object(payload)) {
        wrong(error, "a journal entry needs an object as payload");
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(own_members); i++) {
        if (json_object_get(payload, own_members[i])) {
            wrong(error, "a journal payload has a member that every entry has by itself");
            return NULL;
        }
    }
    char *text = json_compact(payload);
    g_autofree char *members = text ? g_strndup(text + 1, strlen(text) - 2) : NULL;
    free(text);
    if (!members)
        wrong(error, "a journal payload cannot be written as JSON");
    return members && entry_may_hold(kind, members, error) ? g_steal_pointer(&members) : NULL;
}

void entry_append(GString *out, const EntryText *text, char hash[JOURNAL_HASH + 1]) {
    size_t start = out->len;
    g_string_append_printf(
        out, "{\"v\":1,\"writer\":\"%s\",\"seq\":%" PRIu64 ",\"boot\":\"%s\",\"t\":\"%s\",\"kind\":\"%s\"",
        text->writer, text->seq, text->boot, text->t, text->kind);
    if (*text->members) {
        g_string_append_c(out, ',');
        g_string_append(out, text->members);
    }
    chain(hash, out->str + start, out->len - start, hash);
    g_string_append(out, TAIL_START);
    g_string_append_len(out, hash, JOURNAL_HASH);
    g_string_append(out, "\"}\n");
}

char *entry_line(const char *writer, uint64_t seq, const char *boot, Instant t, const char *kind, const json_t *payload,
                 char hash[JOURNAL_HASH + 1], size_t *length) {
    char when[INSTANT_TEXT];
    g_autofree char *members = entry_members(kind, payload, NULL);
    if (!members)
        return NULL;
    EntryText text = {
        .writer = writer, .boot = boot, .kind = kind, .t = instant_format(t, when), .seq = seq, .members = members};
    GString *out = g_string_new(NULL);
    entry_append(out, &text, hash);
    if (length)
        *length = out->len;
    return g_string_free(out, FALSE);
}

static bool tail_is_hash(const char *tail) {
    static const size_t skip = sizeof TAIL_START - 1;
    return memcmp(tail, TAIL_START, skip) == 0 && strspn(tail + skip, "0123456789abcdef") == JOURNAL_HASH &&
           memcmp(tail + skip + JOURNAL_HASH, "\"}", 2) == 0;
}

static bool read_members(Entry *entry, GError **error) {
    const char *writer = json_text(entry->body, "writer"), *boot = json_text(entry->body, "boot");
    const char *kind = json_text(entry->body, "kind"), *t = json_text(entry->body, "t");
    int64_t seq = json_number(entry->body, "seq", 0);
    if (json_number(entry->body, "v", 0) != 1)
        return wrong(error, "is of a version that this program does not know");
    if (!writer || !text_is_id(writer) || !boot || !kind || !text_is_id(kind) || seq < 1)
        return wrong(error, "lacks writer, number, boot or kind");
    if (!t || !instant_parse(t, &entry->t))
        return wrong(error, "has no valid time");
    entry->writer = g_strdup(writer);
    entry->boot = g_strdup(boot);
    entry->kind = g_strdup(kind);
    entry->seq = (uint64_t)seq;
    return true;
}

Entry *entry_parse(const char *line, size_t length, const char *previous, GError **error) {
    /* strspn needs an end: the tail is copied. */
    char tail[TAIL_LENGTH + 1] = "", hash[JOURNAL_HASH + 1];
    if (length > TAIL_LENGTH)
        memcpy(tail, line + length - TAIL_LENGTH, TAIL_LENGTH);
    if (length <= TAIL_LENGTH || length > JOURNAL_LINE_MAX || !tail_is_hash(tail)) {
        wrong(error, "does not end as an entry does");
        return NULL;
    }
    g_autoptr(Entry) entry = g_new0(Entry, 1);
    memcpy(entry->hash, tail + sizeof TAIL_START - 1, JOURNAL_HASH);
    if (previous) {
        chain(previous, line, length - TAIL_LENGTH, hash);
        if (strcmp(hash, entry->hash) != 0) {
            wrong(error, "was changed, or does not follow the entry before it: its hash is another");
            return NULL;
        }
    }
    entry->body = json_parse(line, length, error);
    if (!entry->body)
        return NULL;
    entry->text = g_strndup(line, length);
    return read_members(entry, error) ? g_steal_pointer(&entry) : NULL;
}

uint64_t entry_peek_seq(const char *line, size_t length, const char *writer) {
    char head[HEAD_ROOM];
    int skip = g_snprintf(head, sizeof head, "{\"v\":1,\"writer\":\"%s\",\"seq\":", writer);
    if (skip < 0 || (size_t)skip >= sizeof head || length <= (size_t)skip || memcmp(line, head, (size_t)skip) != 0)
        return 0;
    uint64_t seq = 0;
    size_t at = (size_t)skip;
    for (; at < length && g_ascii_isdigit(line[at]) && seq < UINT64_MAX / 100; at++)
        seq = seq * 10 + (uint64_t)(line[at] - '0');
    return at < length && line[at] == ',' ? seq : 0;
}
