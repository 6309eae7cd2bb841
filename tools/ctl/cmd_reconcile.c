/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate reconcile`: was every mail of a client accounted for, and does Redis hold what the journals say? */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/print.h"
#include "ctl/reconcile.h"
#include "ctl/sources.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WAIT_S 5
#define DAY 86400

typedef struct {
    char *since, *until, *as;
    gboolean json;
    int wait;
    Instant from, to, now;
    Viewer viewer;
    GPtrArray *sources, *absent;
    Ledger *ledger;
    Reconciliation *rec;
    const GPtrArray *found; /* of rec */
    uint64_t more, hidden;
} Run;

static void run_clear(Run *run) {
    char *texts[] = {run->since, run->until, run->as};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    reconciliation_free(run->rec);
    ledger_free(run->ledger);
    g_clear_pointer(&run->sources, g_ptr_array_unref);
    g_clear_pointer(&run->absent, g_ptr_array_unref);
    viewer_clear(&run->viewer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* A row's name in JSON, and in the table. */
static const struct {
    const char *name, *words;
} rows[ROWS] = {
    [ROW_OPENED] = {"opened", "opened a deadline"},
    [ROW_JOINED] = {"joined", "asked again while one waited"},
    [ROW_COPIED_IN] = {"copied-in", "soft: the firm was only copied in"},
    [ROW_NO_ANSWER] = {"no-answer", "soft: it wants no answer (thanks, a note)"},
    [ROW_ABSENCE_NOTE] = {"absence-note", "soft: an absence note, by its subject"},
    [ROW_AUTO_REPLY] = {"auto-reply", "none: an automatic reply"},
    [ROW_BULK] = {"bulk", "none: mail to many"},
    [ROW_BOUNCE] = {"bounce", "none: a report on mail that was not delivered"},
    [ROW_RECEIPT] = {"receipt", "none: a receipt"},
    [ROW_CALENDAR] = {"calendar", "none: a reply to an invitation"},
    [ROW_OWN] = {"own", "none: a notice of our own"},
    [ROW_NO_RULE] = {"no-rule", "none: no rule in force asks for an answer"},
    [ROW_OBSERVED] = {"observed", "none: the policy only observed"},
    [ROW_REPEAT] = {"repeat", "none: the same mail once more"},
    [ROW_CAPPED] = {"capped", "none: over the hour's cap for mail that proves no sender"},
    [ROW_REFUSED] = {"refused", "none: refused"},
    [ROW_DISCARDED] = {"discarded", "none: discarded by a rule"},
    [ROW_DEFERRED] = {"deferred", "none: put off, its server brings it again"},
    [ROW_UNJUDGED] = {"unjudged", "could not be read; lexgate-escalated is yet to open its deadline"},
};

static void take_entry(Entry *entry, bool late, void *state) {
    ledger_take(state, entry, late);
}

/* ---- Comparing ---- */

static bool is_behind(const Source *source) {
    return source->mark < source->written;
}

static bool hides(const Run *run, const Difference *difference) {
    return !viewer_may_see(&run->viewer, difference->matter);
}

/* Where a journal was not read, nobody can say that no journal knows it. */
static bool is_told(const Run *run, const Difference *difference) {
    return !hides(run, difference) && (difference->kind != DIFFERS_UNKNOWN || !run->absent->len);
}

static void count_hidden(Run *run) {
    for (guint i = 0; i < run->found->len; i++)
        run->hidden += hides(run, g_ptr_array_index(run->found, i));
}

static bool compare(Run *run, Store *store, GError **error) {
    bool still = true;
    Duration retention = duration_seconds(policy_settings(run->viewer.policy)->redis_retention * DAY);
    run->ledger = ledger_new(run->from, run->to);
    run->rec = reconciliation_new(run->ledger, run->now, retention);
    if (!sources_wait(run->sources, store, run->wait, error) ||
        !(run->absent = sources_absent(run->sources, store, error)) ||
        !sources_read(run->sources, take_entry, run->ledger, error) || !reconciliation_look(run->rec, store, error) ||
        !sources_read(run->sources, take_entry, run->ledger, error) ||
        !(run->found = reconciliation_end(run->rec, store, &run->more, error)) ||
        !sources_are_in(run->sources, store, &still, error))
        return false;
    if (!still)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                    "Redis lost what it had while it was compared, and is being filled again; come back in a minute");
    count_hidden(run);
    return still;
}

static bool differs(const Run *run) {
    bool any = run->found->len || run->more || run->absent->len;
    for (guint i = 0; i < run->sources->len; i++)
        any |= is_behind(g_ptr_array_index(run->sources, i));
    return any;
}

/* ---- Text ---- */

static uint64_t sum(const uint64_t counts[ROWS], LedgerRow first, LedgerRow last) {
    uint64_t total = 0;
    for (LedgerRow row = first; row <= last; row++)
        total += counts[row];
    return total;
}

static void print_period(const Run *run) {
    char from[INSTANT_TEXT], to[INSTANT_TEXT];
    Instant first = run->since ? run->from : ledger_first(run->ledger);
    if (first.us == INSTANT_NEVER.us)
        first = run->now;
    printf("From %s to %s", instant_format(first, from), instant_format(run->until ? run->to : run->now, to));
}

static void print_sentences(const Run *run, const uint64_t counts[ROWS]) {
    uint64_t soft = sum(counts, ROW_COPIED_IN, ROW_ABSENCE_NOTE), none = sum(counts, ROW_AUTO_REPLY, ROW_DEFERRED);
    print_period(run);
    printf(" %" PRIu64 " mails of clients came in: %" PRIu64 " opened a deadline, %" PRIu64
           " asked again about what was already waiting,\n%" PRIu64
           " opened a soft one that closes by silence, %" PRIu64 " opened none",
           sum(counts, 0, ROWS - 1), counts[ROW_OPENED], counts[ROW_JOINED], soft, none);
    if (counts[ROW_UNJUDGED])
        printf(", %" PRIu64 " could not be read and are yet to open one", counts[ROW_UNJUDGED]);
    puts(".\n");
}

static void print_rows(const uint64_t counts[ROWS]) {
    static const char *const columns[] = {"MAIL OF CLIENTS", ">MAILS", NULL};
    g_autoptr(Table) table = table_new(columns);
    for (int row = 0; row < ROWS; row++) {
        g_autofree char *count = g_strdup_printf("%" PRIu64, counts[row]);
        const char *cells[] = {rows[row].words, count};
        if (counts[row] || row <= ROW_JOINED)
            table_add(table, cells);
    }
    g_autofree char *total = g_strdup_printf("%" PRIu64, sum(counts, 0, ROWS - 1));
    const char *cells[] = {"all", total};
    table_add(table, cells);
    table_print(table);
}

static void print_standing(const Standing *standing) {
    uint64_t all = standing->waiting + standing->provisional + standing->answered + standing->closed;
    printf("\nOf the deadlines that began then, soft ones and our own promises among them, Redis holds %" PRIu64
           ": %" PRIu64 " answered, %" PRIu64 " closed without a reply,\n%" PRIu64 " with a reply on its way, %" PRIu64
           " waiting, %" PRIu64 " of them late. %" PRIu64
           " questions were over for so long that they are kept no more.\n",
           all, standing->answered, standing->closed, standing->provisional, standing->waiting, standing->late,
           standing->gone);
}

static void print_journals(const Run *run) {
    for (guint i = 0; i < run->sources->len; i++) {
        const Source *source = g_ptr_array_index(run->sources, i);
        if (is_behind(source))
            printf("%s: Redis has followed to entry %" PRIu64 " of %" PRIu64 ", so the last %" PRIu64
                   " are not compared; see that Redis and the daemon run, and look again\n",
                   source->writer, source->mark, source->written, source->written - source->mark);
    }
    for (guint i = 0; i < run->absent->len; i++)
        printf("%s: Redis knows this writer, and its journal was not read, so what no journal knows cannot be told; "
               "name its "
               "folder\n",
               (const char *)g_ptr_array_index(run->absent, i));
}

static void print_differences(const Run *run) {
    if (!differs(run)) {
        puts("\nJournals and Redis agree.");
        return;
    }
    puts("\nDIFFERENCES");
    print_journals(run);
    for (guint i = 0; i < run->found->len; i++) {
        const Difference *difference = g_ptr_array_index(run->found, i);
        if (!is_told(run, difference))
            continue;
        g_autofree char *id = text_printable(difference->id, strlen(difference->id), 64);
        g_autofree char *client = text_printable(difference->client, strlen(difference->client), 64);
        printf("%s (%s%s%s): %s; %s\n", id, *client ? client : "no client", *difference->matter ? ", " : "",
               difference->matter, difference->what, difference_remedy(difference->kind));
    }
    if (run->hidden)
        printf("%" PRIu64 " more in matters that you may not see\n", run->hidden);
    if (run->more)
        printf("%" PRIu64 " more that are not listed\n", run->more);
}

static void print_text(const Run *run) {
    uint64_t counts[ROWS];
    ledger_rows(run->ledger, counts);
    print_sentences(run, counts);
    print_rows(counts);
    print_standing(reconciliation_standing(run->rec));
    print_differences(run);
}

/* ---- JSON ---- */

static json_t *count_json(uint64_t count) {
    return json_integer((json_int_t)count);
}

static json_t *group_json(const uint64_t counts[ROWS], LedgerRow first, LedgerRow last) {
    json_t *object = json_object();
    for (LedgerRow row = first; row <= last; row++)
        json_object_set_new(object, rows[row].name, count_json(counts[row]));
    return object;
}

static json_t *mails_json(const Run *run) {
    uint64_t counts[ROWS];
    ledger_rows(run->ledger, counts);
    json_t *object = group_json(counts, ROW_OPENED, ROW_JOINED);
    json_object_set_new(object, "soft", group_json(counts, ROW_COPIED_IN, ROW_ABSENCE_NOTE));
    json_object_set_new(object, "excluded", group_json(counts, ROW_AUTO_REPLY, ROW_DEFERRED));
    json_object_set_new(object, "unjudged", count_json(counts[ROW_UNJUDGED]));
    json_object_set_new(object, "in", count_json(sum(counts, 0, ROWS - 1)));
    return object;
}

static json_t *standing_json(const Standing *standing) {
    const struct {
        const char *name;
        uint64_t count;
    } members[] = {{"waiting", standing->waiting},         {"late", standing->late},
                   {"provisional", standing->provisional}, {"answered", standing->answered},
                   {"closed", standing->closed},           {"kept_no_more", standing->gone}};
    json_t *object = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        json_object_set_new(object, members[i].name, count_json(members[i].count));
    return object;
}

static json_t *journals_json(const Run *run) {
    json_t *list = json_array();
    for (guint i = 0; i < run->sources->len; i++) {
        const Source *source = g_ptr_array_index(run->sources, i);
        json_t *object = json_object();
        json_object_set_new(object, "writer", json_string(source->writer));
        json_object_set_new(object, "entries", count_json(source->entries));
        json_object_set_new(object, "written", count_json(source->written));
        json_object_set_new(object, "in_redis", count_json(source->mark));
        json_object_set_new(object, "behind", json_boolean(is_behind(source)));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *differences_json(const Run *run) {
    json_t *list = json_array();
    for (guint i = 0; i < run->found->len; i++) {
        const Difference *difference = g_ptr_array_index(run->found, i);
        const char *const members[][2] = {{"kind", difference_name(difference->kind)},
                                          {"id", difference->id},
                                          {"client", difference->client},
                                          {"matter", difference->matter},
                                          {"what", difference->what},
                                          {"do", difference_remedy(difference->kind)}};
        if (!is_told(run, difference))
            continue;
        json_t *object = json_object();
        for (size_t k = 0; k < G_N_ELEMENTS(members); k++) {
            g_autofree char *valid = g_utf8_make_valid(members[k][1], -1);
            json_object_set_new(object, members[k][0], json_string(valid));
        }
        json_array_append_new(list, object);
    }
    return list;
}

static void print_as_json(const Run *run) {
    g_autoptr(json_t) object = json_object();
    json_object_set_new(object, "since", json_instant(run->since ? run->from : ledger_first(run->ledger)));
    json_object_set_new(object, "until", json_instant(run->until ? run->to : run->now));
    json_object_set_new(object, "mails", mails_json(run));
    json_object_set_new(object, "deadlines", standing_json(reconciliation_standing(run->rec)));
    json_object_set_new(object, "journals", journals_json(run));
    json_object_set_new(object, "journals_not_read", json_from_texts(run->absent));
    json_object_set_new(object, "differences", differences_json(run));
    json_object_set_new(object, "not_shown", count_json(run->hidden));
    json_object_set_new(object, "not_listed", count_json(run->more));
    print_json(object);
}

/* ---- The command ---- */

static int parse_times(Run *run) {
    run->from = (Instant){INT64_MIN};
    run->to = INSTANT_NEVER;
    if (run->since && !instant_parse(run->since, &run->from))
        return command_fail("--since %s: write a time like 2026-11-23T14:00:00Z", run->since);
    if (run->until && !instant_parse(run->until, &run->to))
        return command_fail("--until %s: write a time like 2026-11-23T14:00:00Z", run->until);
    if (instant_compare(run->from, run->to) >= 0)
        return command_fail("--since must be before --until");
    return run->wait < 0 ? command_fail("--wait wants a number of seconds") : -1;
}

int cmd_reconcile(const CommandLine *line) {
    g_auto(Run) run = {.wait = WAIT_S};
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"since", 0, 0, G_OPTION_ARG_FILENAME, &run.since, "mail received from then on", "TIME"},
        {"until", 0, 0, G_OPTION_ARG_FILENAME, &run.until, "mail received before", "TIME"},
        {"wait", 0, 0, G_OPTION_ARG_INT, &run.wait, "for Redis to follow the journals, at most (5)", "SECONDS"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &run.json, "a JSON object", NULL},
        {"as", 0, 0, G_OPTION_ARG_FILENAME, &run.as, "as this staff member sees it", "PERSON"},
        {NULL}};
    int status = args_parse(line, options, 0, ARGS_ANY, &args);
    if (status < 0)
        status = parse_times(&run);
    if (status >= 0)
        return status;
    if (!viewer_open(line, run.as, &run.viewer))
        return EXIT_USAGE;
    TimeSource clock = timesource_system();
    run.now = timesource_now(&clock);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    g_ptr_array_add(folders, (char *)policy_settings(run.viewer.policy)->paths_journal);
    for (int i = 0; i < args.count; i++)
        g_ptr_array_add(folders, args.rest[i]);
    g_autoptr(Store) store = firm_store(run.viewer.policy);
    if (!(run.sources = sources_open(folders, &error)) || !compare(&run, store, &error))
        return command_fail("%s", error->message);
    if (run.json)
        print_as_json(&run);
    else
        print_text(&run);
    return differs(&run) ? EXIT_NO : EXIT_DONE;
}
