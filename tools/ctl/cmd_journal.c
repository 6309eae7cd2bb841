/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate journal verify|search`: what an auditor needs, years later and on another machine. */
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/fatewords.h"
#include "ctl/firm.h"
#include "ctl/waywords.h"
#include "journal/checkpoint.h"
#include "journal/reader.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The folder named on the command line needs no configuration. Caller owns; NULL after an error was printed. */
static char *find_folder(const CommandLine *line, const Args *args) {
    if (args->count)
        return g_strdup(args->rest[0]);
    g_autoptr(Policy) policy = firm_policy(line);
    return policy ? g_strdup(policy_settings(policy)->paths_journal) : NULL;
}

static void print_report(const char *writer, const JournalReport *report) {
    printf("%s: good; %" G_GUINT64_FORMAT " entries in %" G_GUINT64_FORMAT " files, last %" G_GUINT64_FORMAT
           ", head %s",
           writer, report->entries, report->files, report->last_seq, report->head);
    if (report->torn)
        printf(", %" G_GUINT64_FORMAT " torn tail%s closed off", report->torn, report->torn == 1 ? "" : "s");
    putchar('\n');
}

/* One that does not fit harms nobody: it is not gone by. */
static void print_checkpoint(const char *folder, const char *writer) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Checkpoint) checkpoint = checkpoint_load(folder, writer, &error);
    char made[INSTANT_TEXT];
    if (checkpoint)
        printf("%s: the checkpoint of %s fits: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " entries mattered\n",
               writer, instant_format(checkpoint->made, made), checkpoint_count(checkpoint), checkpoint->through);
    else if (error->code != G_FILE_ERROR_NOENT)
        printf("%s: the checkpoint is not gone by, and a wiped Redis is filled from the beginning: %s\n", writer,
               error->message);
}

/* With a head it is enough that one writer's chain holds it: syslog says which, but the auditor may only have the hash.
 */
static int verify_writers(const char *folder, const GPtrArray *writers, const char *head) {
    int status = EXIT_DONE;
    bool head_found = !head;
    for (guint i = 0; i < writers->len; i++) {
        const char *writer = g_ptr_array_index(writers, i);
        JournalReport report = {0};
        g_autoptr(GError) error = NULL;
        if (!journal_verify(folder, writer, NULL, &report, &error)) {
            command_fail("%s: BROKEN: %s", writer, error->message);
            status = EXIT_NO;
            continue;
        }
        print_report(writer, &report);
        print_checkpoint(folder, writer);
        head_found = head_found || journal_verify(folder, writer, head, &report, NULL);
    }
    if (!head_found) {
        command_fail("CUT: the head %s does not occur: entries that were recorded are missing", head);
        status = EXIT_NO;
    }
    return status;
}

int cmd_journal_verify(const CommandLine *line) {
    g_autofree char *head = NULL, *writer = NULL;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"head", 0, 0, G_OPTION_ARG_FILENAME, &head, "a head hash from syslog that must occur", "HASH"},
        {"writer", 0, 0, G_OPTION_ARG_FILENAME, &writer, "only this writer", "W"},
        {NULL}};
    int status = args_parse(line, options, 0, 1, &args);
    if (status >= 0)
        return status;
    if (head && (strlen(head) != JOURNAL_HASH || strspn(head, "0123456789abcdef") != JOURNAL_HASH))
        return command_fail("--head wants 64 hexadecimal digits");
    g_autofree char *folder = find_folder(line, &args);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) writers = folder ? journal_writers(folder, &error) : NULL;
    if (!writers)
        return folder ? command_fail("%s", error->message) : EXIT_USAGE;
    for (guint i = writers->len; writer && i-- > 0;)
        if (strcmp(writer, g_ptr_array_index(writers, i)) != 0)
            g_ptr_array_remove_index(writers, i);
    if (writers->len == 0)
        return command_fail("%s: there is no journal%s%s here", folder, writer ? " of " : "", writer ? writer : "");
    return verify_writers(folder, writers, head);
}

typedef struct {
    char *id, *client, *matter, *kind, *since, *until, *as;
    gboolean open;
    Instant from, to;
    Viewer viewer;
    Keyring *keys;
} Search;

static void search_clear(Search *search) {
    char *texts[] = {search->id,    search->client, search->matter, search->kind,
                     search->since, search->until,  search->as};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    viewer_clear(&search->viewer);
    keyring_free(search->keys);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

static bool is_about(const json_t *object, const char *const *keys, const char *wanted) {
    if (!wanted)
        return true;
    for (; *keys; keys++)
        if (text_equal(json_text(object, *keys), wanted))
            return true;
    return false;
}

/* The entry itself or one of its ops. */
static bool concerns(const Search *search, const json_t *object) {
    static const char *const ids[] = {"id", "qid", "track", NULL}, *const clients[] = {"client", "k", NULL},
                             *const matters[] = {"matter", NULL};
    size_t i;
    json_t *op;
    if (is_about(object, ids, search->id) && is_about(object, clients, search->client) &&
        is_about(object, matters, search->matter))
        return true;
    json_array_foreach(json_list(object, "ops"), i, op) if (is_about(op, ids, search->id) &&
                                                            is_about(op, clients, search->client) &&
                                                            is_about(op, matters, search->matter)) return true;
    return false;
}

static bool may_show(const Search *search, const json_t *object) {
    size_t i;
    json_t *op;
    if (!viewer_may_see(&search->viewer, json_text_or(object, "matter", "")))
        return false;
    json_array_foreach(json_list(object, "matters"), i, op) if (!viewer_may_see(
        &search->viewer, json_is_string(op) ? json_string_value(op) : "")) return false;
    json_array_foreach(json_list(object, "ops"), i,
                       op) if (!viewer_may_see(&search->viewer, json_text_or(op, "matter", ""))) return false;
    return true;
}

/* Adds "opened" beside "p" where the key is still there. */
static void open_personal(const Search *search, json_t *object) {
    const char *sealed = json_text_or(object, "p", "");
    const char *client = json_text_or(object, "k", json_text_or(object, "client", KEYRING_FIRM));
    if (!search->keys || !*sealed)
        return;
    g_autofree char *plain = keyring_open_value(search->keys, client, sealed, NULL);
    json_t *opened = plain ? json_parse(plain, strlen(plain), NULL) : NULL;
    if (opened)
        json_object_set_new(object, "opened", opened);
}

static void print_entry(const Search *search, const Entry *entry) {
    if (instant_compare(entry->t, search->from) < 0 || instant_compare(entry->t, search->to) >= 0)
        return;
    if (search->kind && strcmp(search->kind, entry->kind) != 0)
        return;
    if (!concerns(search, entry->body) || !may_show(search, entry->body))
        return;
    size_t i;
    json_t *op;
    open_personal(search, entry->body);
    json_array_foreach(json_list(entry->body, "ops"), i, op) open_personal(search, op);
    json_t *reached = way_words(entry->body);
    if (reached)
        json_object_set_new(entry->body, "reached", reached);
    g_autoptr(GPtrArray) fates =
        json_text(entry->body, "track") ? fate_words(entry->kind, entry->body, json_member(entry->body, "opened")) : NULL;
    if (fates)
        json_object_set_new(entry->body, "fate", json_from_texts(fates));
    char *line = json_compact(entry->body);
    puts(line);
    free(line);
}

static int search_writer(const Search *search, const char *folder, const char *writer) {
    g_autoptr(GError) error = NULL;
    JournalReader *reader = journal_reader_open(folder, writer, 0, &error);
    if (!reader)
        return command_fail("%s", error->message);
    ReadResult result;
    do {
        g_autoptr(Entry) entry = NULL;
        result = journal_read(reader, &entry, &error);
        if (result == READ_ENTRY)
            print_entry(search, entry);
    } while (result == READ_ENTRY);
    journal_reader_free(reader);
    return result == READ_BROKEN ? command_fail("%s", error->message) : EXIT_DONE;
}

static int search_folder(const CommandLine *line, Search *search, const Args *args) {
    if (!viewer_open(line, search->as, &search->viewer))
        return EXIT_USAGE;
    const char *folder = args->count ? args->rest[0] : policy_settings(search->viewer.policy)->paths_journal;
    if (search->open && !(search->keys = firm_keyring(search->viewer.policy)))
        return command_fail("the keys in %s cannot be read", policy_settings(search->viewer.policy)->paths_keys);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) writers = journal_writers(folder, &error);
    if (!writers)
        return command_fail("%s", error->message);
    if (writers->len == 0) /* an auditor who names the wrong folder must not read that nothing happened */
        return command_fail("%s: there is no journal here", folder);
    int status = EXIT_DONE;
    for (guint i = 0; i < writers->len; i++) {
        int one = search_writer(search, folder, g_ptr_array_index(writers, i));
        status = MAX(status, one);
    }
    return status;
}

int cmd_journal_search(const CommandLine *line) {
    g_auto(Search) search = {.from = {INT64_MIN}, .to = INSTANT_NEVER};
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"id", 0, 0, G_OPTION_ARG_FILENAME, &search.id, "a deadline, queue id or tracking id", "ID"},
        {"client", 0, 0, G_OPTION_ARG_FILENAME, &search.client, "only of this client", "C"},
        {"matter", 0, 0, G_OPTION_ARG_FILENAME, &search.matter, "only of this matter", "M"},
        {"kind", 0, 0, G_OPTION_ARG_FILENAME, &search.kind, "decision, act, step-sent, released, ...", "K"},
        {"since", 0, 0, G_OPTION_ARG_FILENAME, &search.since, "not before", "TIME"},
        {"until", 0, 0, G_OPTION_ARG_FILENAME, &search.until, "before", "TIME"},
        {"open", 0, 0, G_OPTION_ARG_NONE, &search.open, "open what is sealed (needs the keys)", NULL},
        {"as", 0, 0, G_OPTION_ARG_FILENAME, &search.as, "as this staff member sees it", "PERSON"},
        {NULL}};
    int status = args_parse(line, options, 0, 1, &args);
    if (status >= 0)
        return status;
    if (search.since && !instant_parse(search.since, &search.from))
        return command_fail("--since %s: write a time like 2026-11-23T14:00:00Z", search.since);
    if (search.until && !instant_parse(search.until, &search.to))
        return command_fail("--until %s: write a time like 2026-11-23T14:00:00Z", search.until);
    return search_folder(line, &search, &args);
}
