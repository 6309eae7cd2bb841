/* SPDX-License-Identifier: Apache-2.0 */
/* An archive has lost its envelopes: they are guessed from Delivered-To, Return-Path and the header as a person would.
 */
#include "ctl/replay.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/mailfile.h"
#include <locale.h>
#include <string.h>
#include <time.h>

enum { THREADS_KNOWN = 200000, IDS_MAX = 100 };

static void free_hint(void *hint) {
    thread_hint_free(hint);
}

bool replay_open(const CommandLine *line, Instant now, Replay *replay) {
    *replay = (Replay){0};
    if (!bench_open(line, now, &replay->bench))
        return false;
    const GPtrArray *rules = policy_rules(replay->bench.policy);
    replay->rules = g_array_new(FALSE, TRUE, sizeof(RuleCount));
    for (guint i = 0; i < rules->len; i++) {
        RuleCount count = {.rule = g_ptr_array_index(rules, i)};
        g_array_append_val(replay->rules, count);
    }
    replay->threads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    replay->hints = g_ptr_array_new_with_free_func(free_hint);
    return true;
}

void replay_clear(Replay *replay) {
    g_clear_pointer(&replay->threads, g_hash_table_unref);
    g_clear_pointer(&replay->hints, g_ptr_array_unref);
    g_clear_pointer(&replay->rules, g_array_unref);
    bench_clear(&replay->bench);
}

void outcome_clear(Outcome *outcome) {
    g_clear_pointer(&outcome->outcome, g_free);
    g_clear_pointer(&outcome->rules, g_free);
}

/* ---- The envelope ---- */

/* "Mon, 23 Nov 2026 14:00:00 +0100 (CET)", with or without the day's name and the seconds. */
static bool parse_date(const char *text, Instant *t) {
    static const char *const forms[] = {"%d %b %Y %H:%M:%S", "%d %b %Y %H:%M"};
    static locale_t plain;
    if (!plain)
        plain = newlocale(LC_ALL_MASK, "C", NULL);
    const char *comma = strchr(text, ',');
    for (size_t i = 0; plain && i < G_N_ELEMENTS(forms); i++) {
        struct tm tm = {0}, zone = {0};
        const char *rest = strptime_l(comma ? comma + 1 : text, forms[i], &tm, plain);
        if (!rest)
            continue;
        if (!strptime_l(rest, " %z", &zone, plain))
            zone.tm_gmtoff = 0; /* a zone by name: UTC, as RFC 5322 section 4.3 advises */
        *t = instant_from_seconds(timegm(&tm) - zone.tm_gmtoff);
        return true;
    }
    return false;
}

static Instant when_of(const GString *wire) {
    TimeSource clock = timesource_system();
    Instant t = timesource_now(&clock);
    g_autofree char *date = mailfile_field(wire, "Date");
    if (date)
        parse_date(date, &t);
    return t;
}

static char *first_address(const GString *wire, const char *name) {
    g_autoptr(GPtrArray) found = mailfile_addresses(wire, (const char *const[]){name, NULL});
    return found->len ? g_strdup(g_ptr_array_index(found, 0)) : NULL;
}

/* What the staff member with this address logs in as; NULL: nobody of ours. */
static char *login_of(const Replay *replay, const char *address) {
    g_autoptr(Staff) staff = NULL;
    g_autofree char *mailbox = address ? address_normalise(address) : NULL;
    if (!mailbox || registry_staff(replay->bench.registry, mailbox, &staff) != LOOKUP_FOUND)
        return NULL;
    return g_strdup(staff->logins->len ? g_ptr_array_index(staff->logins, 0) : staff->address);
}

/* Mail that came in went to the mailbox it lies in, whomever its header names. */
static GPtrArray *delivered_to(const GString *wire) {
    return mailfile_addresses(wire, (const char *const[]){"Delivered-To", "X-Original-To", NULL});
}

/* ---- Threads ---- */

static const char *const id_fields[] = {"Message-ID", "In-Reply-To", "References", NULL};

static ThreadHint *hint_copy(const ThreadHint *hint) {
    ThreadHint *copy = thread_hint_new();
    char **const to[] = {&copy->client, &copy->matter, &copy->owner};
    char *const from[] = {hint->client, hint->matter, hint->owner};
    for (size_t i = 0; i < G_N_ELEMENTS(to); i++) {
        g_free(*to[i]);
        *to[i] = g_strdup(from[i]);
    }
    for (guint i = 0; i < hint->deadlines->len; i++)
        g_ptr_array_add(copy->deadlines, g_strdup(g_ptr_array_index(hint->deadlines, i)));
    return copy;
}

/* What is known of the threads that the message names. */
static Hints *hints_of(const Replay *replay, const GPtrArray *ids) {
    Hints *hints = hints_new();
    for (guint i = 0; i < ids->len; i++) {
        const char *id = g_ptr_array_index(ids, i);
        const ThreadHint *known = g_hash_table_lookup(replay->threads, id);
        if (known)
            g_hash_table_replace(hints->threads, g_strdup(id), hint_copy(known));
    }
    return hints;
}

/* The thread of the message, which all its ids lead to from now on. */
static ThreadHint *thread_of(Replay *replay, const GPtrArray *ids) {
    ThreadHint *thread = NULL;
    if (g_hash_table_size(replay->threads) > THREADS_KNOWN) {
        g_hash_table_remove_all(replay->threads);
        g_ptr_array_set_size(replay->hints, 0);
    }
    for (guint i = 0; i < ids->len && !thread; i++)
        thread = g_hash_table_lookup(replay->threads, g_ptr_array_index(ids, i));
    if (!thread) {
        thread = thread_hint_new();
        g_ptr_array_add(replay->hints, thread);
    }
    for (guint i = 0; i < ids->len; i++)
        g_hash_table_replace(replay->threads, g_strdup(g_ptr_array_index(ids, i)), thread);
    return thread;
}

static void learn(char **into, const char *text) {
    if (!text || !*text)
        return;
    g_free(*into);
    *into = g_strdup(text);
}

static void learn_deadlines(ThreadHint *thread, const GPtrArray *operations) {
    for (guint i = 0; i < operations->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(operations, i);
        guint at;
        bool known = g_ptr_array_find_with_equal_func(thread->deadlines, op->id, g_str_equal, &at);
        if (text_equal(op->op, "open") && op->kind != OWED_EXPECTED && !known && thread->deadlines->len < IDS_MAX)
            g_ptr_array_add(thread->deadlines, g_strdup(op->id));
        else if (text_equal(op->op, "clear") && known)
            g_ptr_array_remove_index(thread->deadlines, at);
    }
}

static void remember(Replay *replay, const GPtrArray *ids, const Decision *decision) {
    if (!ids->len || (decision->action != ACTION_ACCEPT && !decision->observe))
        return; /* what did not get through taught nobody anything */
    ThreadHint *thread = thread_of(replay, ids);
    if (decision->matter) {
        learn(&thread->client, decision->matter->client);
        learn(&thread->matter, decision->matter->id);
    }
    if (decision->direction == DIRECTION_OUTGOING && decision->sender->staff)
        learn(&thread->owner, decision->sender->staff->address);
    learn_deadlines(thread, decision->deadlines);
}

/* ---- Counting ---- */

static void note_rules(Replay *replay, const Decision *decision, GString *ids) {
    for (guint i = 0; i < decision->rules->len && i < replay->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        RuleCount *count = &g_array_index(replay->rules, RuleCount, i);
        count->applies += result->applies;
        count->unknown += result->match == MATCH_UNKNOWN;
        if (result->applies)
            g_string_append_printf(ids, "%s%s%s", ids->len ? ", " : "", result->rule->id,
                                   result->observed ? " (observed)" : "");
    }
}

/* Headers that rules add by name; ours, which say what was decided, are on every message. */
static void add_marks(GString *words, const Decision *decision) {
    static const char *const ours[] = {
        "X-Lexgate-Track", "X-Lexgate-Decision", "X-Lexgate-Matter", "X-Lexgate-Deadline",
        "Reply-By",        "X-Message-Flag",     "X-Priority",       NULL};
    for (guint i = 0; i < decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(decision->headers, i);
        if (text_equal(edit->op, "delete") || g_strv_contains(ours, edit->name))
            continue;
        bool value = text_equal(edit->name, "Importance");
        g_string_append_printf(words, ", marks %s%s%s", edit->name, value ? " " : "", value ? edit->value : "");
    }
}

static void add_remarks(GString *words, const Decision *decision) {
    for (guint i = 0; i < decision->remarks->len; i++) {
        const RemarkResult *remark = g_ptr_array_index(decision->remarks, i);
        if (remark->form == REMARK_IN_BODY)
            g_string_append_printf(words, ", writes a %s", remark->banner ? "banner" : "disclaimer");
    }
}

static char *outcome_words(Replay *replay, const Decision *decision) {
    GString *words = g_string_new(action_name(decision->action));
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        bool opens = text_equal(op->op, "open");
        if (text_equal(op->op, "receive"))
            continue; /* of most mail nothing is expected */
        replay->opened += opens;
        if (decision->action != ACTION_ACCEPT && text_equal(op->op, "clear"))
            continue; /* a reply that waits clears nothing */
        g_string_append_printf(words, ", %s%s%s%s", op->kind == OWED_EXPECTED ? "expect" : op->op, opens ? "s " : "s",
                               opens ? op->service_level : "", op->soft ? " (soft)" : "");
    }
    add_marks(words, decision);
    add_remarks(words, decision);
    const char *added = decision->redirected ? "goes to" : "copy to";
    for (guint i = 0; i < decision->add_recipients->len; i++)
        g_string_append_printf(words, ", %s %s", added, (const char *)g_ptr_array_index(decision->add_recipients, i));
    for (guint i = 0; i < decision->notify->len; i++)
        g_string_append_printf(words, ", tells %s", (const char *)g_ptr_array_index(decision->notify, i));
    if (decision->observe)
        g_string_append(words, " (observed only)");
    return g_string_free(words, FALSE);
}

static void note(Replay *replay, const Decision *decision, Outcome *outcome) {
    GString *ids = g_string_new(NULL);
    replay->judged++;
    replay->ours += decision->direction != DIRECTION_RELAYED;
    replay->by_action[decision->action]++;
    note_rules(replay, decision, ids);
    outcome->outcome = outcome_words(replay, decision);
    outcome->rules = g_string_free(ids, FALSE);
}

bool replay_judge(Replay *replay, const GString *wire, const Instant *at, Outcome *outcome, GError **error) {
    g_autofree char *from = first_address(wire, "From"), *back = first_address(wire, "Return-Path");
    g_autofree char *return_path = mailfile_field(wire, "Return-Path");
    g_autofree char *login = login_of(replay, from);
    g_autoptr(GPtrArray) ids = mailfile_ids(wire, id_fields, IDS_MAX);
    g_autoptr(GPtrArray) mailbox = delivered_to(wire);
    g_autoptr(Hints) hints = hints_of(replay, ids);
    g_autoptr(Facts) facts = NULL;
    g_ptr_array_add(mailbox, NULL);
    Trial trial = {.from = text_equal(return_path, "<>") ? "" : back,
                   .rcpt = login || mailbox->len == 1 ? NULL : (const char *const *)mailbox->pdata,
                   .auth = login,
                   .received = at ? *at : when_of(wire),
                   .hints = hints};
    g_autoptr(Decision) decision = trial_judge(&replay->bench, &trial, wire, &facts, error);
    if (!decision)
        return false;
    note(replay, decision, outcome);
    remember(replay, ids, decision);
    return true;
}
