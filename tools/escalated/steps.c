/* SPDX-License-Identifier: Apache-2.0 */
/* A round in three passes: who would be told by what (so that many notices for one person can become one), then each
 * step by itself, then the digests. What each pass promises stands at its function. */
#include "escalated/steps.h"

#include "base/log.h"
#include "base/text.h"
#include "escalated/quiet.h"
#include "escalated/round.h"
#include "policy/hours.h"

#include <string.h>
#include <unistd.h>

#define CLAIM_MAX 500
#define DIGEST_FROM 11   /* steps of one person in one round */
#define LATE_AFTER_S 600 /* later than this after its time a notice says why */
#define NOBODY_WAIT_S 900

/* One claimed step, with all who are told by it. */
typedef struct {
    StoreJob *job;       /* borrowed */
    GPtrArray *people;   /* Staff */
    GPtrArray *mail_now; /* Staff of `people` (borrowed): who have not had it and are not in quiet hours */
    Instant quiet_end;   /* when the first of the others can be told; INSTANT_NEVER: all are told now */
    bool late_start;
    bool silence;  /* of a soft one: nobody said anything more, and it is closed */
    bool gone;     /* not due any more, or given back */
    unsigned told; /* of mail_now, by now */
} Plan;

/* One person's many steps. */
typedef struct {
    const Staff *to;
    bool soft;        /* of what wants no answer: such a step comes in no other way */
    GPtrArray *plans; /* Plan, borrowed */
} Digest;

static void plan_free(gpointer data) {
    Plan *plan = data;
    g_ptr_array_unref(plan->people);
    g_ptr_array_unref(plan->mail_now);
    g_free(plan);
}

static void digest_free(gpointer data) {
    Digest *digest = data;
    g_ptr_array_unref(digest->plans);
    g_free(digest);
}

static const DeadlineStep *step_of(const StoreJob *job) {
    const GPtrArray *steps = job->deadline->steps;
    return job->step >= 0 && (guint)job->step < steps->len ? steps->pdata[job->step] : NULL;
}

/* Did it stay behind its time, quiet hours allowed for? */
static bool started_late(const Round *round, const Staff *person, Instant at) {
    Instant expected = at, end;
    if (quiet_at(round->context.policy, person, at, &end))
        expected = end;
    return instant_since(round->context.now, expected).us > duration_seconds(LATE_AFTER_S).us;
}

static void plan_person(const Round *round, Plan *plan, Staff *person) {
    Instant end;
    if (attempts_is_done(round->daemon->attempts, plan->job->key, person->address))
        return;
    if (quiet_at(round->context.policy, person, round->context.now, &end)) {
        if (instant_compare(end, plan->quiet_end) < 0)
            plan->quiet_end = end;
        return;
    }
    plan->late_start |= started_late(round, person, step_of(plan->job)->at);
    g_ptr_array_add(plan->mail_now, person);
}

/* The words of this step and of those before it that were never told: when the daemon was down the owner must not be
 * passed over in favour of the supervisor. Caller owns. */
static char *tell_of(const StoreJob *job) {
    g_autoptr(GString) tell = g_string_new(step_of(job)->tell);
    for (int i = job->step - 1; i >= 0; i--) {
        const DeadlineStep *before = job->deadline->steps->pdata[i];
        if (!before->passed_over)
            break;
        g_string_prepend_c(tell, ' ');
        g_string_prepend(tell, before->tell);
    }
    return g_string_free(g_steal_pointer(&tell), FALSE);
}

static Plan *plan_new(Round *round, StoreJob *job) {
    Plan *plan = g_new0(Plan, 1);
    g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
    plan->job = job;
    plan->quiet_end = INSTANT_NEVER;
    plan->mail_now = g_ptr_array_new();
    g_autofree char *tell = tell_of(job);
    plan->silence = text_equal(step_of(job)->tell, DEADLINE_SILENCE);
    if (plan->silence)
        *strstr(tell, DEADLINE_SILENCE) = '\0'; /* the last word; those before it were never told */
    plan->people = plan->silence && !*tell ? g_ptr_array_new_with_free_func((GDestroyNotify)staff_free)
                                           : notice_people(&round->context, job->deadline, tell, left_out);
    for (guint i = 0; i < plan->people->len; i++)
        plan_person(round, plan, plan->people->pdata[i]);
    if (left_out->len > 0)
        log_info("step %s: %u not told because of a wall", job->key, left_out->len);
    return plan;
}

static Digest *digest_of(GPtrArray *digests, const Staff *person, bool soft) {
    for (guint i = 0; i < digests->len; i++) {
        Digest *digest = digests->pdata[i];
        if (digest->soft == soft && text_equal(digest->to->address, person->address))
            return digest;
    }
    return NULL;
}

static void add_digest(GPtrArray *digests, const Staff *person, bool soft) {
    Digest *digest = g_new0(Digest, 1);
    digest->to = person;
    digest->soft = soft;
    digest->plans = g_ptr_array_new();
    g_ptr_array_add(digests, digest);
}

/* Who would get too many mails at once gets one. */
static GPtrArray *digests_of(const GPtrArray *plans) {
    GPtrArray *digests = g_ptr_array_new_with_free_func(digest_free);
    g_autoptr(GHashTable) count = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < plans->len; i++) {
        const Plan *plan = plans->pdata[i];
        for (guint j = 0; j < plan->mail_now->len; j++) {
            const Staff *person = plan->mail_now->pdata[j];
            if (plan->job->deadline->soft) {
                if (!digest_of(digests, person, true))
                    add_digest(digests, person, true);
                continue;
            }
            guint n = GPOINTER_TO_UINT(g_hash_table_lookup(count, person->address)) + 1;
            g_hash_table_insert(count, person->address, GUINT_TO_POINTER(n));
            if (n == DIGEST_FROM)
                add_digest(digests, person, false);
        }
    }
    return digests;
}

/* The state is read again at the last moment: an answer given since the claim stops the notice. When the next step came
 * due meanwhile, the job goes back, and that one is told alone. */
static bool is_still_due(Round *round, Plan *plan) {
    const Deadline *claimed = plan->job->deadline;
    Instant now = timesource_now(&round->daemon->clock);
    g_autoptr(GError) error = NULL;
    g_autoptr(Deadline) current =
        store_holds(round->store, plan->job, &error) ? store_deadline(round->store, claimed->id, &error) : NULL;
    if (!current) {
        if (error && error->code != STORE_ABSENT) {
            log_warning("deadline %s cannot be read again, its notice waits: %s", claimed->id, error->message);
            round_put_off(round, plan->job, now);
        }
        return false;
    }
    int due = current->generation == claimed->generation ? deadline_due_step(current, now) : -1;
    if (due > plan->job->step)
        round_put_off(round, plan->job, now);
    return due == plan->job->step;
}

static json_t *step_payload(const Round *round, const Plan *plan) {
    const StoreJob *job = plan->job;
    json_t *to = json_array();
    for (guint i = 0; i < plan->people->len; i++)
        json_array_append_new(to, json_string(((const Staff *)plan->people->pdata[i])->address));
    g_autofree char *id = notice_message_id(round->context.policy, job->key, NULL);
    return json_pack("{s:s, s:I, s:i, s:s, s:o}", "id", job->deadline->id, "gen", (json_int_t)job->deadline->generation,
                     "step", job->step, "mid", id, "to", to);
}

static bool is_told_by(const Rung *rung, const char *tell) {
    g_autoptr(GPtrArray) words = text_words(tell);
    bool same = words->len == rung->tell->len;
    for (guint i = 0; same && i < words->len; i++)
        same = text_equal(words->pdata[i], rung->tell->pdata[i]);
    return same;
}

/* The rung this step came from, when it is the last one and repeats. Without drift: a day later than it was due, not
 * than it was sent. */
static bool find_repeat(const Round *round, const StoreJob *job, Instant *next) {
    const ServiceLevel *level = policy_service_level(round->context.policy, job->deadline->service_level);
    const DeadlineStep *step = step_of(job);
    if (!level || (guint)job->step + 1 != job->deadline->steps->len)
        return false;
    const Calendar *hours = policy_hours_of(round->context.policy, round->context.registry, level,
                                            job->deadline->client, job->deadline->matter);
    const GPtrArray *rungs = text_equal(job->deadline->kind, "expected") ? level->chase : level->ladder;
    for (guint i = rungs->len; i-- > 0;) {
        const Rung *rung = rungs->pdata[i];
        if (span_is_zero(rung->repeat) || !is_told_by(rung, step->tell))
            continue;
        Instant now = timesource_now(&round->daemon->clock);
        return (ladder_repeat(hours, rungs, i, step->at, next) && instant_compare(*next, now) > 0) ||
               ladder_repeat(hours, rungs, i, now, next);
    }
    return false;
}

static void record_sent(Round *round, Plan *plan) {
    const StoreJob *job = plan->job;
    g_autoptr(json_t) payload = step_payload(round, plan);
    Instant next;
    char text[INSTANT_TEXT];
    if (find_repeat(round, job, &next))
        json_object_set_new(payload, "next",
                            json_pack("{s:s, s:s}", "at", instant_format(next, text), "tell", step_of(job)->tell));
    if (!daemon_append(round->daemon, "step-sent", payload)) {
        round_put_back(round, job); /* who has had it is remembered and not told again */
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_info("step %s told to %u", job->key, plan->people->len);
}

/* The client did not ask after all. What it closes is still open and soft, or the act comes to nothing. */
static void close_by_silence(Round *round, Plan *plan) {
    const StoreJob *job = plan->job;
    if (!is_still_due(round, plan))
        return;
    g_autoptr(json_t) payload = json_pack("{s:s, s:s, s:s, s:I}", "act", "close", "id", job->deadline->id, "by",
                                          DEADLINE_SILENCE, "uid", (json_int_t)geteuid());
    if (!daemon_append(round->daemon, "act", payload))
        round_put_back(round, job);
}

/* Everybody has it: recorded. Otherwise the job comes back for the rest. */
static void finish(Round *round, Plan *plan) {
    if (plan->gone)
        return;
    plan->gone = true;
    if (plan->silence && plan->told == plan->mail_now->len && instant_compare(plan->quiet_end, INSTANT_NEVER) == 0) {
        close_by_silence(round, plan);
    } else if (plan->people->len == 0) {
        log_warning("step %s: nobody may be told, not even a manager; check the registry", plan->job->key);
        metrics_count(round->daemon->metrics, "lexgate_steps_without_person_total", "", 1);
        round_put_off(round, plan->job,
                      instant_add(timesource_now(&round->daemon->clock), duration_seconds(NOBODY_WAIT_S)));
    } else if (plan->told < plan->mail_now->len) {
        round_put_back(round, plan->job);
    } else if (instant_compare(plan->quiet_end, INSTANT_NEVER) != 0) {
        round_put_off(round, plan->job, plan->quiet_end);
    } else {
        record_sent(round, plan);
    }
}

static void tell_one(Round *round, Plan *plan, const Staff *person, const json_t *opened) {
    NoticeContext context = daemon_context(round->daemon, round->firm);
    const Deadline *deadline = plan->job->deadline;
    bool at_once = instant_compare(step_of(plan->job)->at, deadline->start) <= 0;
    StepNotice notice = {.to = person,
                         .deadline = deadline,
                         .step = plan->job->step,
                         .subject = json_text(opened, "subject"),
                         .client_from = json_text(opened, "from"),
                         .client_message_id = json_text(opened, "message_id"),
                         .told = plan->people,
                         .late_start = plan->late_start,
                         .unclear = at_once ? json_text(opened, "unclear") : NULL};
    GString *message = notice_for_step(&context, &notice);
    plan->told += round_tell(round, plan->job->key, person, message);
    g_string_free(message, TRUE);
}

/* A wipe between the look at the lease and the end of the sync gives the step to whoever claims it before our journal
 * is in again: so the lease is looked at once more. A wipe from here on finds the step-sending, which is synced, and
 * nobody else claims until our lease is over. When it is gone the step comes again after that: told a little late
 * rather than twice. */
static bool begin_sending(Round *round, const Plan *plan) {
    const StoreJob *job = plan->job;
    char until[INSTANT_TEXT];
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) payload = step_payload(round, plan);
    json_object_set_new(payload, "until", json_string(instant_format(round->lease_end, until)));
    if (!daemon_append(round->daemon, "step-sending", payload)) {
        round_put_back(round, job);
        return false;
    }
    if (store_holds(round->store, job, &error))
        return true;
    if (error)
        round_put_off(round, job, timesource_now(&round->daemon->clock));
    log_warning("step %s waits: %s", job->key, error ? error->message : "Redis knows nothing of our lease any more");
    return false;
}

/* Journals that it begins, then tells those who get a mail of their own. A step with somebody in a digest is finished
 * after that. */
static void run_plan(Round *round, Plan *plan, GPtrArray *digests) {
    bool in_digest = false;
    if (plan->mail_now->len > 0 && round_may_send(round)) {
        plan->gone = !is_still_due(round, plan) || !begin_sending(round, plan);
        if (plan->gone)
            return;
    }
    const Deadline *deadline = plan->job->deadline;
    g_autoptr(json_t) opened = daemon_open_sealed(round->daemon, deadline->client, deadline->sealed);
    for (guint i = 0; i < plan->mail_now->len; i++) {
        Digest *digest = digest_of(digests, plan->mail_now->pdata[i], deadline->soft);
        if (digest)
            g_ptr_array_add(digest->plans, plan);
        else
            tell_one(round, plan, plan->mail_now->pdata[i], opened);
        in_digest |= digest != NULL;
    }
    if (!in_digest)
        finish(round, plan);
}

/* The same steps give the same Message-ID. */
static char *digest_id(const Digest *digest) {
    g_autoptr(GString) keys = g_string_new(NULL);
    for (guint i = 0; i < digest->plans->len; i++)
        g_string_append_printf(keys, "%s\n", ((const Plan *)digest->plans->pdata[i])->job->key);
    unsigned char hash[SHA256_SIZE];
    sha256_of(&(Bytes){keys->str, keys->len}, 1, hash);
    return base32_encode(hash, 15);
}

static void run_digest(Round *round, Digest *digest) {
    g_autoptr(GPtrArray) deadlines = g_ptr_array_new(), subjects = g_ptr_array_new_with_free_func(g_free);
    bool late = false;
    for (guint i = 0; i < digest->plans->len; i++) {
        Plan *plan = digest->plans->pdata[i];
        const Deadline *deadline = plan->job->deadline;
        g_autoptr(json_t) opened = daemon_open_sealed(round->daemon, deadline->client, deadline->sealed);
        g_ptr_array_add(deadlines, plan->job->deadline);
        g_ptr_array_add(subjects, g_strdup(json_text(opened, "subject")));
        late |= plan->late_start;
    }
    if (deadlines->len == 0)
        return;
    NoticeContext context = daemon_context(round->daemon, round->firm);
    g_autofree char *id = digest_id(digest);
    g_autofree char *key = g_strdup_printf("digest:%s", id);
    GString *message =
        notice_for_digest(&context, &(DigestNotice){digest->to, deadlines, subjects, id, late, digest->soft});
    if (round_tell(round, key, digest->to, message))
        for (guint i = 0; i < digest->plans->len; i++) {
            Plan *plan = digest->plans->pdata[i];
            plan->told++;
            attempts_mark_done(round->daemon->attempts, plan->job->key, digest->to->address);
        }
    attempts_forget(round->daemon->attempts, key);
    g_string_free(message, TRUE);
}

static GPtrArray *plan_steps(Round *round, const GPtrArray *jobs) {
    GPtrArray *plans = g_ptr_array_new_with_free_func(plan_free);
    for (guint i = 0; i < jobs->len; i++) {
        StoreJob *job = jobs->pdata[i];
        if (job->deadline && step_of(job))
            g_ptr_array_add(plans, plan_new(round, job));
    }
    return plans;
}

static void run_jobs(Round *round, const GPtrArray *jobs) {
    for (guint i = 0; i < jobs->len; i++) {
        const StoreJob *job = jobs->pdata[i];
        if (g_str_has_prefix(job->key, "unjudged:"))
            unjudged_open(round, job);
        else if (g_str_has_prefix(job->key, "held:"))
            held_tell(round, job);
        else if (g_str_has_prefix(job->key, "notice:"))
            report_tell(round, job);
        else if (g_str_has_prefix(job->key, "ask:"))
            answer_ask(round, job);
        else if (g_str_has_prefix(job->key, "deferred:"))
            delayed_tell(round, job);
        else if (g_str_has_prefix(job->key, "capped:"))
            capped_tell(round, job);
    }
    g_autoptr(GPtrArray) plans = plan_steps(round, jobs);
    g_autoptr(GPtrArray) digests = digests_of(plans);
    for (guint i = 0; i < plans->len; i++) {
        if (daemon_stopping(round->daemon))
            round_give_up(round);
        run_plan(round, plans->pdata[i], digests);
    }
    for (guint i = 0; i < digests->len; i++)
        run_digest(round, digests->pdata[i]);
    for (guint i = 0; i < plans->len; i++)
        finish(round, plans->pdata[i]);
}

/* Claiming waits until the store has all that this daemon journalled, or what was just sent would be claimed again. */
static GPtrArray *claim(Round *round, GError **error) {
    const Settings *settings = policy_settings(round->context.policy);
    StoreClaim wanted = {.writer = journal_writer_name(round->daemon->journal),
                         .mark = journal_synced(round->daemon->journal),
                         .now = round->context.now,
                         .lease = settings->escalation_lease,
                         .max = CLAIM_MAX};
    round->lease_end = store_lease_end(&wanted);
    return store_claim(round->store, &wanted, error);
}

bool steps_round(Daemon *daemon, Store *store, unsigned *sent, Instant *next) {
    g_autoptr(Firm) firm = daemon_firm(daemon);
    g_autoptr(GError) error = NULL;
    Round round = {.daemon = daemon, .store = store, .firm = firm, .context = daemon_context(daemon, firm)};
    *sent = 0;
    *next = instant_add(round.context.now, policy_settings(firm->policy)->escalation_poll);
    Instant due;
    g_autoptr(GPtrArray) jobs = claim(&round, &error);
    if (!jobs)
        return false;
    run_jobs(&round, jobs);
    *sent = round.sent;
    if (!store_next_due(store, &due, &error))
        return false;
    if (instant_compare(due, *next) < 0)
        *next = due;
    return true;
}
