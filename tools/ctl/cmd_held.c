/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate held|release|refuse`: mail that waits on hold for somebody's decision.
 *
 * The decision is journalled by lexgate-escalated before the MTA acts on it, and what the MTA did after: whoever stops
 * us in between leaves an act without its effect, never an effect without its act. */
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/ask.h"
#include "ctl/held.h"
#include "ctl/postfix.h"
#include "ctl/print.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *note, *who, *postfix;
    gboolean json, in_clear;
} Asked;

static void asked_clear(Asked *asked) {
    g_free(asked->note);
    g_free(asked->who);
    g_free(asked->postfix);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

/* Those of its queue ids that Postfix has on hold. */
static GPtrArray *still_held(const json_t *record, const json_t *queue) {
    GPtrArray *ids = held_queue_ids(record);
    for (guint i = ids->len; i-- > 0;)
        if (!queue || !postfix_find(queue, g_ptr_array_index(ids, i)))
            g_ptr_array_remove_index(ids, i);
    return ids;
}

/* Our records that this person may see, as JSON; `queue` says whether Postfix still has them. New reference. */
static json_t *collect(const Viewer *viewer, const json_t *records, const json_t *queue) {
    g_autoptr(Keyring) keys = firm_keyring(viewer->policy);
    json_t *list = json_array();
    size_t i;
    json_t *record;
    json_array_foreach((json_t *)records, i, record) {
        if (!viewer_may_see(viewer, json_text_or(record, "matter", "")))
            continue;
        json_t *held = held_to_json(record, keys);
        g_autoptr(GPtrArray) ids = still_held(record, queue);
        json_object_set_new(held, "in_queue", queue ? json_boolean(ids->len > 0) : json_null());
        json_array_append_new(list, held);
    }
    return list;
}

static char *join_texts(const json_t *array) {
    g_autoptr(GPtrArray) texts = json_texts(array);
    g_ptr_array_add(texts, NULL);
    return g_strjoinv(" ", (char **)texts->pdata);
}

static void print_table(const json_t *list) {
    static const char *const columns[] = {"QUEUE ID", "SINCE", "SENDER", "CLIENT", "MATTER", "RULES", "SUBJECT", NULL};
    g_autoptr(Table) table = table_new(columns);
    size_t i;
    json_t *held;
    json_array_foreach((json_t *)list, i, held) {
        g_autofree char *rules = join_texts(json_list(held, "rules"));
        const char *subject = json_text_or(held, "subject", "(sealed)");
        g_autofree char *shown = text_printable(subject, strlen(subject), 60);
        const char *in_queue = json_is_false(json_object_get(held, "in_queue")) ? " (gone)" : "";
        g_autofree char *id = g_strconcat(json_text_or(held, "queue_id", "?"), in_queue, NULL);
        const char *cells[] = {id,
                               json_text_or(held, "since", ""),
                               json_text_or(held, "sender", ""),
                               json_text_or(held, "client", ""),
                               json_text_or(held, "matter", ""),
                               rules,
                               shown};
        table_add(table, cells);
    }
    table_print(table);
}

/* Letting these go takes more than letting go, or leaves others behind. */
static void print_remarks(const json_t *list) {
    size_t i;
    json_t *held;
    json_array_foreach((json_t *)list, i, held) {
        g_autofree char *in_clear = held_in_clear(held), *part = held_part(held);
        const char *const said[] = {in_clear, part};
        for (size_t s = 0; s < G_N_ELEMENTS(said); s++)
            if (said[s])
                printf("%s %s\n", json_text_or(held, "queue_id", "?"), said[s]);
    }
}

/* Somebody else's hold (postsuper -h, a header check) is not ours to explain, but people look for it here. */
static unsigned count_foreign(const json_t *queue, const json_t *records) {
    size_t i, ours = 0;
    json_t *record;
    json_array_foreach((json_t *)records, i, record) {
        g_autoptr(GPtrArray) ids = still_held(record, queue);
        ours += ids->len;
    }
    return (unsigned)(json_array_size(queue) - MIN(ours, json_array_size(queue)));
}

int cmd_held(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &asked.json, "a JSON array", NULL},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &asked.postfix, "configuration directory of Postfix", "DIR"},
        {"as", 0, 0, G_OPTION_ARG_FILENAME, &asked.who, "as this staff member sees it", "PERSON"},
        {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    g_auto(Viewer) viewer = {0};
    if (!viewer_open(line, asked.who, &viewer))
        return EXIT_USAGE;
    g_autoptr(GError) error = NULL, no_queue = NULL;
    g_autoptr(Store) store = firm_store(viewer.policy);
    g_autoptr(json_t) records = store_held(store, &error);
    if (!records)
        return command_fail("%s", error->message);
    g_autoptr(json_t) queue = postfix_hold_queue(asked.postfix, &no_queue);
    if (!queue)
        command_fail("the hold queue cannot be compared: %s", no_queue->message);
    g_autoptr(json_t) list = collect(&viewer, records, queue);
    if (asked.json)
        print_json(list);
    else if (json_array_size(list) == 0)
        puts("Nothing is held.");
    else
        print_table(list), print_remarks(list);
    unsigned foreign = queue ? count_foreign(queue, records) : 0;
    if (foreign)
        fprintf(stderr, "lexgate: %u more on hold in Postfix, not by Lexgate; see postqueue -p\n", foreign);
    return EXIT_DONE;
}

typedef struct {
    const char *act, *done; /* before and after the MTA has acted */
    bool (*change)(const char *folder, const char *queue_id, GError **error);
} HeldAct;

static const HeldAct release_act = {"release", "released", postfix_release};
static const HeldAct refuse_act = {"refuse", "removed", postfix_delete};

/* Recorded, or why not. */
static int decide(const HeldAct *act, const Policy *policy, json_t *request) {
    g_autoptr(GError) error = NULL;
    json_object_set_new(request, "act", json_string(act->act));
    if (ask_act(policy, request, NULL, &error))
        return EXIT_DONE;
    command_fail("%s: %s", json_text_or(request, "qid", ""), error->message);
    return error->code == G_FILE_ERROR_PERM ? EXIT_NO : EXIT_USAGE;
}

static int report(const HeldAct *act, const Policy *policy, json_t *request) {
    const char *id = json_text_or(request, "qid", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *said = NULL;
    json_object_set_new(request, "act", json_string(act->done));
    if (!ask_act(policy, request, &said, &error))
        return command_fail("%s: %s by Postfix, but this could not be recorded: %s", id, act->done, error->message);
    printf("%s: %s\n", id, said);
    return EXIT_DONE;
}

/* Postfix no longer has it on hold, and we have a record that it should: a refusal ends the record, unless the mail is
 * on its way. */
static int end_gone(const HeldAct *act, const Policy *policy, const Asked *asked, json_t *request,
                    const GPtrArray *ids) {
    const char *id = json_text_or(request, "qid", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *queue = postfix_queue_of(asked->postfix, ids, &error);
    if (!queue)
        return command_fail("%s: %s", id, error->message);
    if (*queue)
        command_fail("%s: it is not on hold any more but in Postfix's %s queue: somebody let it go without Lexgate; "
                     "\"postsuper -h %s\" holds it again",
                     id, queue, id);
    else if (act != &refuse_act)
        command_fail("%s: Postfix does not have it any more, so that nothing can be released; \"lexgate refuse %s\" "
                     "ends its record",
                     id, id);
    if (*queue || act != &refuse_act)
        return EXIT_NO;
    json_object_set_new(request, "gone", json_true());
    int status = decide(act, policy, request);
    return status == EXIT_DONE ? report(act, policy, request) : status;
}

/* Of two who decide at once the second finds nothing. `copy`: the one of its messages that was to be changed. */
static int say_unchanged(const Asked *asked, const char *id, const char *copy, const GError *why) {
    g_autoptr(json_t) queue = postfix_hold_queue(asked->postfix, NULL);
    if (!queue || postfix_find(queue, copy))
        return command_fail("%s: the decision is recorded, but the message is still on hold: %s", id, why->message);
    command_fail("%s: it is not on hold any more: somebody decided before you; \"lexgate journal search --id %s\" says "
                 "who, and how",
                 id, id);
    return EXIT_NO;
}

static int act_on(const HeldAct *act, const Policy *policy, const Asked *asked, json_t *request) {
    const char *id = json_text_or(request, "qid", "");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) queue = postfix_hold_queue(asked->postfix, &error);
    if (!queue)
        return command_fail("%s: %s", id, error->message);
    g_autoptr(Store) store = firm_store(policy);
    g_autoptr(json_t) known = store_held_one(store, id, NULL);
    /* Without a record it is looked for under its own id; lexgate-escalated says then what is the matter. */
    g_autoptr(json_t) record = known ? json_incref(known) : json_pack("{s:s}", "qid", id);
    g_autoptr(GPtrArray) ids = still_held(record, queue), all = held_queue_ids(record);
    if (!ids->len && known)
        return end_gone(act, policy, asked, request, all);
    if (!ids->len) {
        command_fail("%s: Postfix has no such message on hold; \"lexgate held\" lists them", id);
        return EXIT_NO;
    }
    int status = decide(act, policy, request);
    for (guint i = 0; status == EXIT_DONE && i < ids->len; i++)
        if (!act->change(asked->postfix, g_ptr_array_index(ids, i), &error))
            return say_unchanged(asked, id, g_ptr_array_index(ids, i), error);
    return status == EXIT_DONE ? report(act, policy, request) : status;
}

static int act_on_each(const CommandLine *line, const HeldAct *act, const Asked *asked, const Args *args) {
    for (int i = 0; i < args->count; i++)
        if (!postfix_is_queue_id(args->rest[i]))
            return command_fail("\"%s\" is not a queue id", args->rest[i]);
    if (geteuid() != 0) /* before anything is recorded that could not be done */
        return command_fail("only root may let mail go or delete it in Postfix (postsuper); try sudo");
    g_autoptr(Policy) policy = firm_policy(line);
    g_autofree char *by = policy ? viewer_dup_actor(line, asked->who, policy) : NULL;
    if (!by)
        return EXIT_USAGE;
    int status = EXIT_DONE;
    for (int i = 0; i < args->count; i++) {
        g_autoptr(json_t) request = json_object();
        json_object_set_new(request, "qid", json_string(args->rest[i]));
        json_object_set_new(request, "by", json_string(by));
        if (asked->in_clear)
            json_object_set_new(request, "in_clear", json_true());
        if (asked->note && json_object_set_new(request, "note", json_string(asked->note)) != 0)
            return command_fail("--note is not UTF-8");
        int one = act_on(act, policy, asked, request);
        status = MAX(status, one);
    }
    return status;
}

static int run(const CommandLine *line, const HeldAct *act) {
    g_auto(Asked) asked = {0};
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"in-clear", 0, act == &release_act ? 0 : G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &asked.in_clear,
         "also one that leaves unencrypted although a rule asks for encryption; needs --note", NULL},
        {"note", 0, 0, G_OPTION_ARG_FILENAME, &asked.note, "kept in the journal, sealed", "TEXT"},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &asked.postfix, "configuration directory of Postfix", "DIR"},
        {"by", 0, 0, G_OPTION_ARG_FILENAME, &asked.who, "the staff member who decides (you)", "PERSON"},
        {"as", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &asked.who, "the same as --by", "PERSON"},
        {NULL}};
    int status = args_parse(line, options, 1, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    if (asked.in_clear && act != &release_act)
        return command_fail("--in-clear is for release: what is refused goes nowhere");
    if (asked.in_clear && (!asked.note || !asked.note[strspn(asked.note, " \t\r\n")]))
        return command_fail("--in-clear needs a reason: add --note REASON, which is recorded");
    return act_on_each(line, act, &asked, &args);
}

int cmd_release(const CommandLine *line) {
    return run(line, &release_act);
}

int cmd_refuse(const CommandLine *line) {
    return run(line, &refuse_act);
}
