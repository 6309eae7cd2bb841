/* SPDX-License-Identifier: Apache-2.0 */
/* The firm of Aldous & Partners, its three registers, and mail in one line. */
#include "firm.h"
#include "base/text.h"
#include "policy/load.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char staff_csv[] =
    "address,name,role,team,supervisor,cover,calendar,language,logins,aliases,acts_for,leaves_on\n"
    "alice@aldous.test,Alice Smith,lawyer,disputes,sam@aldous.test,,,en,alice,a.smith@aldous.test,,\n"
    "bob@aldous.test,Bob Clerk,assistant,disputes,sam@aldous.test,,,en,bob,,alice@aldous.test,\n"
    "carol@aldous.test,Carol Wall,lawyer,property,sam@aldous.test,,,en,carol,,,\n"
    "sam@aldous.test,Sam Lead,supervisor,disputes,,,,en,sam,,,\n"
    "mia@aldous.test,Mia Manager,manager,board,,,,en,mia,,,\n";

static const char clients_csv[] =
    "client,name,addresses,language,channel,service_level,default_level,tls,consent\n"
    "harbour,Harbour Ltd,@harbour.test jane@mail.test,en,mail,standard,,,\n"
    "beta,Beta plc,@beta.test,en,mail,standard,confidential,,\n"
    "oldco,Old Company,@oldco.test,en,mail,standard,,,\n"
    "newco,New Company,@newco.test,en,mail,standard,confidential,,\n"
    "tlsco,Secure Mail Ltd,@tlsco.test,en,mail,standard,,mx1.tlsco.test,\n"
    "yesco,Consenting Ltd,@yesco.test,en,mail,standard,,,who=Ms Yes;when=2026-01-01;scope=2026-0300;until=2026-12-31\n";

static const char matters_csv[] =
    "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off,handler,privileged,parties,"
    "preserve_until,accounts\n"
    "2026-0117,harbour,Dock,confidential,alice@aldous.test,disputes,standard,open,,carol@aldous.test,,yes,"
    "opposing-counsel:opp@other.test,,GB29 NWBK 6016 1331 9268 19 20-20-15/55555555\n"
    "2026-0118,harbour,Lease,normal,sam@aldous.test,property,fast,open,,,,no,,,\n"
    "2026-0200,beta,Merger,strict,sam@aldous.test,board,standard,open,,,,no,,,\n"
    "2026-0201,beta,Notice,public,sam@aldous.test,board,standard,open,,,,no,,,\n"
    "2020-0001,oldco,Past,confidential,sam@aldous.test,board,standard,closed,,,,no,,,\n"
    "2020-0002,oldco,Older,normal,sam@aldous.test,board,standard,closed,,,,no,,,\n"
    "2026-0250,tlsco,Link,confidential,sam@aldous.test,board,standard,open,,,,no,,,\n"
    "2026-0300,yesco,Agreed,confidential,sam@aldous.test,board,standard,open,,,,no,,,\n";

static const char conf[] =
    "firm: { name = \"Aldous & Partners\"; domains = [\"aldous.test\"]; calendar = \"london\"; unfiled_level = "
    "\"normal\";\n"
    "  policy: { version = \"2026.11\"; document = \"https://intranet.aldous.test/mail\"; }; };\n"
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
    "inside: { networks = [\"10.1.0.0/16\"]; trusted_relays = [\"10.9.0.25\"]; };\n"
    "calendars: { london: { timezone = \"Europe/London\"; hours: { mon-fri = [\"09:00-17:00\"]; }; }; };\n"
    "service_levels: {\n"
    "  standard: { answer_within = \"8h\"; calendar = \"london\"; ladder = ( { at = \"50%\"; tell = [\"owner\"]; },\n"
    "    { at = \"100%\"; tell = [\"owner\", \"cover\"]; } ); };\n"
    "  fast: { answer_within = \"2h\"; calendar = \"london\"; ladder = ( { at = \"100%\"; tell = [\"owner\"]; } );\n"
    "    chase = ( { at = \"50%\"; tell = [\"owner\"]; }, { at = \"100%+2h\"; tell = [\"owner\", \"supervisor\"]; } ); "
    "}; "
    "};\n";

static void write_file(const char *folder, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void print_problems(const GPtrArray *problems) {
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(g_ptr_array_index(problems, i));
        print_message("%s\n", line);
    }
}

static Instant moment(const char *at) {
    Instant t;
    assert_true(instant_parse(at ? at : "2026-11-16T10:00:00Z", &t));
    return t;
}

static void write_register(const char *folder, const char *name, const char *rows, const char *more) {
    g_autofree char *whole = g_strconcat(rows, more, NULL);
    write_file(folder, name, whole);
}

Firm *firm_new(const char *more) {
    return firm_with(more, &(FirmRows){NULL, NULL, NULL});
}

Firm *firm_with(const char *more, const FirmRows *rows) {
    Firm *firm = g_new0(Firm, 1);
    firm->folder = g_dir_make_tmp("lexgate-firm-XXXXXX", NULL);
    g_autofree char *whole = g_strconcat(conf, more, NULL);
    g_autofree char *path = g_build_filename(firm->folder, "lexgate.conf", NULL);
    write_file(firm->folder, "lexgate.conf", whole);
    write_register(firm->folder, "staff.csv", staff_csv, rows->staff);
    write_register(firm->folder, "clients.csv", clients_csv, rows->clients);
    write_register(firm->folder, "matters.csv", matters_csv, rows->matters);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    firm->policy = policy_load_offline(path, moment(NULL), &firm->registry, problems);
    if (!firm->policy)
        print_problems(problems);
    assert_non_null(firm->policy);
    return firm;
}

void firm_free(Firm *firm) {
    static const char *const names[] = {"lexgate.conf", "staff.csv", "clients.csv", "matters.csv"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(firm->folder, names[i], NULL);
        g_unlink(path);
    }
    g_rmdir(firm->folder);
    g_free(firm->folder);
    registry_free(firm->registry);
    policy_unref(firm->policy);
    g_free(firm);
}

static void add_words(GPtrArray *list, const char *words) {
    g_autoptr(GPtrArray) all = text_words(words ? words : "");
    for (guint i = 0; i < all->len; i++)
        g_ptr_array_add(list, address_normalise(g_ptr_array_index(all, i)));
}

static void replace(char **text, const char *with) {
    g_free(*text);
    *text = g_strdup(with ? with : "");
}

static Envelope *envelope_of(const Mail *mail) {
    Envelope *envelope = envelope_new();
    replace(&envelope->sender, mail->sender ? mail->sender : mail->from);
    add_words(envelope->recipients, mail->rcpt);
    envelope->login = g_strdup(mail->login);
    envelope->client_address = g_strdup(mail->ip ? mail->ip : "192.0.2.7");
    envelope->queue_id = g_strdup("4abc");
    envelope->received = moment(mail->at);
    return envelope;
}

static void add_proofs(Facts *facts, const char *letters) {
    static const char all[] = "nsocu";
    static const char *const whys[] = {"", "it is encrypted to a certificate of theirs",
                                       "it is encrypted to their OpenPGP key", "they need the password",
                                       "no certificate of theirs is known here"};
    for (guint i = 0; i < facts->envelope->recipients->len; i++) {
        char letter = letters && i < strlen(letters) ? letters[i] : 'n';
        Proof proof = (Proof)(strchr(all, letter) - all);
        g_array_append_val(facts->proofs, proof);
        g_ptr_array_add(facts->proof_whys, g_strdup(whys[proof]));
    }
}

static void add_keys(Facts *facts, const char *states) {
    g_autoptr(GPtrArray) words = text_words(states ? states : "");
    for (guint i = 0; i < words->len; i++) {
        g_ptr_array_add(facts->key_states, g_strdup(g_ptr_array_index(words, i)));
        g_ptr_array_add(facts->key_whys,
                        g_strdup_printf("their certificate is %s", (char *)g_ptr_array_index(words, i)));
    }
}

static void add_seals(Facts *facts, const char *seals) {
    g_autoptr(GPtrArray) words = text_words(seals ? seals : "");
    for (guint i = 0; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        RecipientKeys keys = {.there = {false}};
        keys.stale[SEAL_SMIME] = strchr(word, 'S') != NULL;
        keys.harvested[SEAL_SMIME] = strchr(word, 'h') != NULL;
        keys.there[SEAL_SMIME] = keys.stale[SEAL_SMIME] || strpbrk(word, "sh") != NULL;
        keys.there[SEAL_OPENPGP] = strchr(word, 'p') != NULL;
        g_array_append_val(facts->keys, keys);
    }
}

static void add_detections(Facts *facts, const char *detected) {
    g_autoptr(GPtrArray) words = text_words(detected ? detected : "");
    for (guint i = 0; i < words->len; i++) {
        g_auto(GStrv) parts = g_strsplit(g_ptr_array_index(words, i), ":", 3);
        Detection *detection = detection_new(parts[0], g_strdelimit(parts[2], "?", '\0'));
        detection->count = (unsigned)atoi(parts[1]);
        detection->unknown = g_str_has_suffix(g_ptr_array_index(words, i), "?");
        g_ptr_array_add(detection->masked, detection_mask("DE89370400440532013000"));
        g_ptr_array_add(facts->detections, detection);
    }
}

static void attach(Facts *facts, const AttachedFile *file) {
    AttachmentFact *fact = attachment_fact_new();
    replace(&fact->name, file->name);
    replace(&fact->kind, file->kind);
    replace(&fact->why, file->why);
    replace(&fact->text, file->text);
    if (file->author)
        g_ptr_array_add(fact->authors, g_strdup(file->author));
    if (file->entry)
        g_ptr_array_add(fact->entries, g_strdup(file->entry));
    fact->readable = !file->why;
    fact->size = file->size;
    fact->tracked_changes = file->tracked_changes;
    fact->comments = file->comments;
    fact->hidden = file->hidden;
    fact->macros = file->macros;
    g_ptr_array_add(facts->attachments, fact);
}

static Facts *facts_of(const Mail *mail) {
    Facts *facts = facts_new(envelope_of(mail));
    facts->judged = !mail->unjudged;
    facts->unreadable = mail->unreadable;
    add_words(facts->from, mail->from);
    add_words(facts->to, mail->to ? mail->to : mail->rcpt);
    add_words(facts->cc, mail->cc);
    add_words(facts->thread, mail->thread);
    facts->thread_weak = mail->weak;
    replace(&facts->thread_index, mail->conversation);
    facts->conversation_answered = text_equal(mail->conversation, "answered");
    add_words(facts->sender, mail->sender_header);
    add_words(facts->reply_to, mail->reply_to);
    g_auto(GStrv) names = g_strsplit(mail->names ? mail->names : "", "|", -1);
    for (char **name = names; *name; name++)
        g_ptr_array_add(facts->from_names, g_strdup(*name));
    if (mail->attached)
        attach(facts, mail->attached);
    replace(&facts->subject, mail->subject);
    replace(&facts->text, mail->text);
    replace(&facts->message_id, "this@client");
    replace(&facts->body_digest, "00ff");
    facts->language = mail->language;
    facts->asks = mail->asks;
    facts->automatic = mail->automatic;
    facts->encryption = mail->encryption;
    signature_fact_say(&facts->signature, mail->signature ? mail->signature : "none", "", "as the test says");
    g_ptr_array_add(facts->headers, header_fact_new("From", mail->from, mail->from));
    for (size_t i = 0; i < G_N_ELEMENTS(mail->header) && mail->header[i][0]; i++)
        g_ptr_array_add(facts->headers, header_fact_new(mail->header[i][0], mail->header[i][1], mail->header[i][1]));
    add_proofs(facts, mail->proofs);
    add_keys(facts, mail->keys);
    add_seals(facts, mail->seals);
    add_detections(facts, mail->detected);
    g_ptr_array_unref(facts->accounts);
    facts->accounts = text_words(mail->accounts ? mail->accounts : "");
    return facts;
}

static void add_hint(Hints *hints, const Mail *mail, const char *id) {
    ThreadHint *hint = thread_hint_new();
    replace(&hint->matter, mail->matter_in_thread);
    replace(&hint->client, mail->client_in_thread);
    replace(&hint->owner, mail->owner_in_thread);
    hint->encrypted = mail->encrypted_in_thread;
    if (text_equal(mail->deadline_in_thread, "*"))
        g_ptr_array_add(hint->deadlines, g_strconcat("dl-", id, NULL));
    else if (mail->deadline_in_thread)
        g_ptr_array_add(hint->deadlines, g_strdup(mail->deadline_in_thread));
    if (!mail->hints_of || text_equal(mail->hints_of, id))
        g_hash_table_replace(hints->threads, g_strdup(id), hint);
    else
        thread_hint_free(hint);
}

static Hints *hints_of(const Mail *mail, const Facts *facts) {
    Hints *hints = hints_new();
    hints->missing = mail->hints_missing;
    hints->correspondents_missing = mail->correspondents_missing;
    hints->from = g_strdup(mail->from_asked);
    g_ptr_array_unref(hints->queued);
    hints->queued = text_words(mail->queued ? mail->queued : "");
    g_auto(GStrv) pairs = g_strsplit(mail->known ? mail->known : "", " ", -1);
    for (char **pair = pairs; *pair; pair++) {
        g_auto(GStrv) sides = g_strsplit(*pair, "=", 2);
        if (sides[0] && sides[1])
            g_hash_table_replace(hints->correspondents, g_strdelimit(g_strdup(sides[0]), "_", ' '),
                                 text_words(sides[1]));
    }
    bool any =
        mail->matter_in_thread || mail->client_in_thread || mail->deadline_in_thread || mail->encrypted_in_thread;
    for (guint i = 0; any && i < facts->thread->len; i++)
        add_hint(hints, mail, g_ptr_array_index(facts->thread, i));
    if (any && text_equal(mail->conversation, "old"))
        add_hint(hints, mail, mail->conversation);
    return hints;
}

/* What a judge answers must be what `explain` tells, but for the reasons of rules that do not match. */
static void compare_brief(EngineInput in, const json_t *told) {
    in.brief = true;
    g_autoptr(Decision) decision = decide(&in);
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        json_t *rule = json_array_get(json_object_get(told, "rules"), i);
        if (result->match == MATCH_NO && result->rule->mode != MODE_OFF) {
            assert_int_equal(result->why->len, 0);
            json_object_set_new(rule, "why", json_array());
        }
    }
    json_t *brief = decision_to_json(decision, in.facts);
    assert_true(json_equal(brief, told));
    json_decref(brief);
}

Judged *firm_judge(Firm *firm, const Mail *mail) {
    Judged *judged = g_new0(Judged, 1);
    judged->facts = facts_of(mail);
    judged->hints = hints_of(mail, judged->facts);
    const EngineInput in = {.policy = firm->policy,
                            .registry = firm->registry,
                            .facts = judged->facts,
                            .hints = judged->hints,
                            .now = moment(mail->at),
                            .no_seal = {[SEAL_SMIME] = mail->no_smime}};
    judged->decision = decide(&in);
    judged->json = decision_to_json(judged->decision, judged->facts);
    json_t *told = json_deep_copy(judged->json);
    compare_brief(in, told);
    json_decref(told);
    return judged;
}

void judged_free(Judged *judged) {
    json_decref(judged->json);
    decision_free(judged->decision);
    hints_free(judged->hints);
    facts_free(judged->facts);
    g_free(judged);
}

const RuleResult *judged_rule(const Judged *judged, const char *id) {
    for (guint i = 0; i < judged->decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(judged->decision->rules, i);
        if (text_equal(result->rule->id, id))
            return result;
    }
    return NULL;
}

char *judged_why(const RuleResult *result) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < result->why->len; i++)
        g_string_append_printf(out, "%s%s", i ? "; " : "", (char *)g_ptr_array_index(result->why, i));
    return g_string_free(out, FALSE);
}

const DeadlineOp *judged_op(const Judged *judged, guint index) {
    const GPtrArray *ops = judged->decision->deadlines;
    return index < ops->len ? g_ptr_array_index(ops, index) : NULL;
}

const char *judged_header(const Judged *judged, const char *name) {
    for (guint i = 0; i < judged->decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(judged->decision->headers, i);
        if (text_equal(edit->op, "add") && text_equal(edit->name, name))
            return edit->value;
    }
    return NULL;
}

bool judged_says(const Judged *judged, const char *part) {
    for (guint i = 0; i < judged->decision->text->len; i++) {
        if (strstr(g_ptr_array_index(judged->decision->text, i), part))
            return true;
    }
    return false;
}

bool judged_odd(const Judged *judged, const char *anomaly) {
    return g_ptr_array_find_with_equal_func(judged->decision->anomalies, anomaly, g_str_equal, NULL);
}
