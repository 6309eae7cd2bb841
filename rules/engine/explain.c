/* SPDX-License-Identifier: Apache-2.0 */
/* A decision in words, as a page for whoever asks why. */
#include "engine/explain.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/copies.h"
#include "engine/expecting.h"
#include "engine/explain_attachments.h"
#include "engine/explain_people.h"
#include "engine/explain_rules.h"
#include "engine/inclear.h"
#include "engine/remarks.h"
#include "facts/oddities.h"
#include "engine/seals.h"
#include <string.h>

#define ADDRESS_MAX 400
#define NAMES_MAX 8

static const char *kind_words(const Person *person) {
    static const char *const words[] = {"staff", "client", "party to a matter", "prospect", "nobody we know"};
    return person->unknown ? "could not be looked up" : words[person->is];
}

static void tell_person(GString *page, const char *label, const Person *person) {
    g_autofree char *address = text_printable(person->address, strlen(person->address), ADDRESS_MAX);
    g_string_append_printf(page, "%-12s%s: %s", label, *address ? address : "(null return path)", kind_words(person));
    if (person->client)
        g_string_append_printf(page, " %s", person->client->id);
    explain_person(page, person);
    if (person->walled_off == MATCH_YES)
        g_string_append(page, ", walled off from the matter");
}

static const char *proof_words(Proof proof) {
    static const char *const words[] = {"not encrypted to them", "encrypted to them (S/MIME)",
                                        "encrypted to them (OpenPGP)", "in an encrypted document",
                                        "whether it is encrypted to them could not be found out"};
    return words[proof];
}

/* With the reason, where the words alone do not say it. */
static void tell_proof(GString *page, const Person *person) {
    bool proved = person->proof == PROOF_SMIME || person->proof == PROOF_OPENPGP;
    bool reason = !proved && *person->proof_why != '\0';
    g_string_append_printf(page, ", %s%s%s", proof_words(person->proof), reason ? ": " : "",
                           reason ? person->proof_why : "");
    if (proved && text_equal(person->key, "stale"))
        g_string_append_printf(page, "; %s", person->key_why);
}

static void tell_people(GString *page, const Decision *decision) {
    tell_person(page, "From", decision->sender);
    static const char *const proven[] = {", not proven to be the sender", ", logged in",
                                         ", vouched for by a trusted server"};
    g_string_append_printf(page, "%s\n", proven[decision->by]);
    explain_differences(page, decision);
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        tell_person(page, i ? "" : "To", person);
        if (person->matter)
            g_string_append_printf(page, ", matter %s, %s", *person->matter->id ? person->matter->id : "none",
                                   person->matter->unknown ? "could not be looked up"
                                                           : level_name(person->matter->level));
        if (person->seal != SEAL_NONE)
            g_string_append(page, ", the gateway encrypts it to them");
        else if (person->outside && decision->direction == DIRECTION_OUTGOING)
            tell_proof(page, person);
        explain_way(page, person);
        g_string_append_c(page, '\n');
    }
}

static void tell_matter(GString *page, const ResolvedMatter *matter) {
    static const char *const by[] = {"no matter applies: the default level", "it follows from the people",
                                     "it follows from the thread", "it is named in the mail"};
    if (!matter) {
        g_string_append_printf(page, "%-12snone\n", "Matter");
        return;
    }
    g_string_append_printf(page, "%-12s%s, %s%s (%s)\n", "Matter", *matter->id ? matter->id : "none",
                           matter->unknown ? "could not be looked up" : level_name(matter->level),
                           matter->privileged ? ", privileged" : "", by[matter->by]);
    if (matter->guessed)
        g_string_append_printf(
            page, "%-12swhat is known of threads is missing or not complete: all open matters count\n", "");
    for (guint i = 0; i < matter->candidates->len && i < NAMES_MAX; i++)
        g_string_append_printf(page, i ? ", %s" : "            the strictest of these counts: %s",
                               (char *)matter->candidates->pdata[i]);
    g_string_append(page, matter->candidates->len ? "\n" : "");
}

/* What stands in the clear may still be unreadable in other ways. */
static char *encryption_words(const Facts *facts) {
    if (facts->encryption == ENC_NONE)
        return g_strdup("not encrypted");
    return g_strconcat("encryption ", encryption_name(facts->encryption), *facts->encryption_why ? ": " : "",
                       facts->encryption_why, NULL);
}

static void tell_content(GString *page, const Decision *decision, const Facts *facts) {
    g_autofree char *encryption = encryption_words(facts);
    if (!facts->judged)
        g_string_append_printf(page, "%-12sit could not be read: what rules ask of it is unknown\n", "Content");
    else
        g_string_append_printf(page, "%-12s%s; wants an answer: %s\n", "Content", encryption, asks_name(facts->asks));
    if (facts->judged && *facts->signature.why)
        g_string_append_printf(page, "%-12ssignature %s: %s\n", "", facts->signature.state, facts->signature.why);
    if (decision->used_encryption == MATCH_YES && decision->direction == DIRECTION_OUTGOING)
        g_string_append_printf(page, "%-12s%s\n", "", decision->used_encryption_why);
    if (decision->automatic != AUTO_NONE)
        g_string_append_printf(page, "%-12swritten by a program (%s): %s\n", "", automatic_name(decision->automatic),
                               decision->automatic_why);
    if (facts->bounce_failed->len)
        g_string_append_printf(
            page,
            "%-12sreports that %u recipient(s) did not get a mail that bears our mark; where that is "
            "genuine, what it answered is open again\n",
            "", facts->bounce_failed->len);
    if (facts->language)
        g_string_append_printf(page, "%-12s%s, confidence %u %%\n", "Language", facts->language,
                               facts->language_confidence);
    explain_attachments(page, facts);
    for (guint i = 0; i < decision->anomalies->len; i++) {
        g_autofree char *said = oddity_say(decision->anomalies->pdata[i]);
        g_string_append_printf(page, "%-12s%s\n", i ? "" : "Oddities", said);
    }
}

static void tell_detections(GString *page, const Facts *facts) {
    for (guint i = 0; i < facts->detections->len; i++) {
        const Detection *detection = g_ptr_array_index(facts->detections, i);
        g_string_append_printf(page, "%-12s%u %s in the %s%s\n", i ? "" : "Found", detection->count,
                               detection->detector, detection->where,
                               detection->unknown ? ", perhaps more: the search took too long" : "");
        for (guint m = 0; m < detection->masked->len; m++)
            g_string_append_printf(page, "%-14s%s\n", "", (char *)detection->masked->pdata[m]);
    }
}

static void tell_edits(GString *page, const Decision *decision) {
    for (guint i = 0; i < decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(decision->headers, i);
        if (text_equal(edit->op, "delete"))
            g_string_append_printf(page, "  removes header %s (number %u)\n", edit->name, edit->index);
        else
            g_string_append_printf(page, "  %s %s: %s\n", text_equal(edit->op, "add") ? "adds" : "changes", edit->name,
                                   edit->value);
    }
    for (guint i = 0; i < decision->add_recipients->len; i++)
        g_string_append_printf(page, "  %s %s\n", decision->redirected ? "goes to" : "copies to",
                               (char *)decision->add_recipients->pdata[i]);
    for (guint i = 0; i < decision->remove_recipients->len; i++)
        g_string_append_printf(page, "  does not go to %s\n", (char *)decision->remove_recipients->pdata[i]);
    for (guint i = 0; i < decision->notify->len; i++)
        g_string_append_printf(page, "  tells %s by a notice\n", (char *)decision->notify->pdata[i]);
}

static void tell_steps(GString *page, const DeadlineOp *op) {
    char text[INSTANT_TEXT];
    for (guint i = 0; i < op->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(op->steps, i);
        instant_format(step->at, text);
        if (text_equal(step->tell, DEADLINE_SILENCE))
            g_string_append_printf(page, "      %s closed by silence\n", text);
        else
            g_string_append_printf(page, "      %s tells %s%s\n", text, step->tell,
                                   op->soft ? ", among others in one mail" : "");
    }
}

static void tell_deadline(GString *page, const DeadlineOp *op, bool held) {
    char text[INSTANT_TEXT];
    if (text_equal(op->op, "clear")) {
        g_string_append_printf(page, "  answers %s of client %s, once the message is %s\n",
                               *op->id ? op->id : "what is open in this thread", op->client,
                               held ? "released and sent" : "sent");
        return;
    }
    if (text_equal(op->op, "suggest")) {
        g_string_append_printf(page,
                               "  begins a thread of its own, so it answers nothing by itself; of what client %s waits "
                               "for%s%s the owners are asked \"was this the answer?\"\n",
                               op->client, *op->matter ? " in matter " : "", op->matter);
        return;
    }
    if (op->kind == OWED_EXPECTED || text_equal(op->op, "receive")) {
        expecting_tell(page, op, held);
        tell_steps(page, op);
        return;
    }
    if (op->kind == OWED_HOLDING) {
        g_string_append_printf(page, "  opens %s for what is promised to %s of client %s%s%s%s: due %s, %s, %s\n",
                               op->id, op->party, op->client, *op->matter ? ", matter " : "", op->matter,
                               held ? ", once the message is released" : "", instant_format(op->due, text),
                               op->service_level, op->owner);
        tell_steps(page, op);
        return;
    }
    bool joins = text_equal(op->op, "join");
    g_string_append_printf(page, "  %s %s%s for client %s%s%s: due %s, %s, %s\n", joins ? "joins" : "opens",
                           op->soft ? "a soft deadline " : "", op->id, op->client, *op->matter ? ", matter " : "",
                           op->matter, instant_format(op->due, text), op->service_level, op->owner);
    g_autofree char *local = op->hours ? calendar_say(op->hours, op->due) : NULL;
    if (local)
        g_string_append_printf(page, "      in the hours of %s: %s there\n", op->calendar, local);
    tell_steps(page, op);
    if (op->soft)
        g_string_append_printf(page, "      soft: %s\n",
                               text_equal(op->soft_why, SOFT_COPIED_IN)      ? "the firm is only copied in"
                               : text_equal(op->soft_why, SOFT_ABSENCE_NOTE) ? "its subject is that of an absence note"
                                                                             : "it wants no answer");
    if (op->urgent)
        g_string_append(page, "      urgent by a rule: a deadline that it joins takes this one's time along\n");
    if (op->marked && !op->urgent)
        g_string_append(page, "      its sender marked it as urgent, which alone raises nothing\n");
}

static char *page_of(const Decision *decision, const Facts *facts, bool each_rule) {
    static const char *const ends[] = {"goes on its way",
                                       "is held until its sender confirms it",
                                       "is held until somebody in charge releases it",
                                       "is put off: the server tries again later",
                                       "is refused",
                                       "is dropped"};
    GString *page = g_string_new(NULL);
    g_string_append_printf(page, "This %s message %s.%s\n\n", direction_name(decision->direction),
                           ends[decision->action], decision->observe ? " (The whole policy only observes.)" : "");
    explain_why(page, decision);
    if (decision->text->len)
        g_string_append(page, decision->by == BY_NONE ? "A sender who is not proven to be staff reads only\n"
                                                      : "What the sender reads\n");
    for (guint i = 0; i < decision->text->len; i++)
        g_string_append_printf(page, "  %s\n", (char *)decision->text->pdata[i]);
    if (decision->by == BY_NONE && (decision->action == ACTION_HOLD || decision->action == ACTION_CONFIRM))
        g_string_append(
            page, "  In the firm a manager is told, and lets it in or refuses it (lexgate held, release, refuse).\n");
    g_string_append(page, decision->text->len ? "\nThe message\n" : "The message\n");
    tell_people(page, decision);
    tell_matter(page, decision->matter);
    tell_content(page, decision, facts);
    tell_detections(page, facts);
    explain_other_rules(page, decision, each_rule);
    g_string_append_printf(page, "\nWhat is done: %s (%d %s)\n", action_name(decision->action), decision->code,
                           decision->status);
    tell_edits(page, decision);
    remarks_tell(page, decision);
    seals_tell(page, decision);
    copies_tell(page, decision);
    inclear_tell(page, decision);
    for (guint i = 0; i < decision->deadlines->len; i++)
        tell_deadline(page, g_ptr_array_index(decision->deadlines, i), decision->action != ACTION_ACCEPT);
    if (decision->holding_why)
        g_string_append_printf(page, "      %s\n", decision->holding_why);
    if (decision->expecting_why)
        g_string_append_printf(page, "      %s\n", decision->expecting_why);
    g_string_append_printf(page, "Reference: %s\n", decision->track);
    return g_string_free(page, FALSE);
}

char *explain_text(const Decision *decision, const Facts *facts) {
    return page_of(decision, facts, false);
}

char *explain_text_all(const Decision *decision, const Facts *facts) {
    return page_of(decision, facts, true);
}
