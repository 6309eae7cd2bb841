/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions: three-valued logic, groups that ask of one thing, and what follows from what could not be seen. */
#include "firm.h"
#include "engine/match.h"
#include "engine/views.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"

static void three_values_follow_kleene(void **state) {
    static const Match all[] = {MATCH_NO, MATCH_YES, MATCH_UNKNOWN};
    /* As numbers no < unknown < yes: and is the minimum, or the maximum, not the mirror. */
    static const int rank[] = {[MATCH_NO] = 0, [MATCH_UNKNOWN] = 1, [MATCH_YES] = 2};
    for (size_t a = 0; a < 3; a++) {
        assert_int_equal(rank[match_not(all[a])], 2 - rank[all[a]]);
        for (size_t b = 0; b < 3; b++) {
            assert_int_equal(rank[match_and(all[a], all[b])], MIN(rank[all[a]], rank[all[b]]));
            assert_int_equal(rank[match_or(all[a], all[b])], MAX(rank[all[a]], rank[all[b]]));
        }
    }
}

typedef struct {
    const char *when;
    Mail mail;
    Match match;
    const char *why; /* a part of the reasons; NULL: any */
} MatchCase;

static const AttachedFile letter = {.name = "letter.docx",
                                    .kind = "application/msword",
                                    .text = "the secret price",
                                    .author = "Bob Bill",
                                    .tracked_changes = true,
                                    .hidden = true,
                                    .size = 5000};
static const AttachedFile bundle = {
    .name = "b.zip", .kind = "application/zip", .entry = "setup.exe", .comments = true, .macros = true};
static const AttachedFile sealed = {.name = "c.zip", .kind = "application/zip", .why = "encrypted", .entry = "a.txt"};

static const MatchCase cases[] = {
    {"direction = \"outgoing\";", {.rcpt = JANE}, MATCH_YES, "the message is outgoing"},
    {"direction = [\"incoming\", \"internal\"];", {.rcpt = JANE}, MATCH_NO, "the message is outgoing"},
    {"matter: { level = [\"confidential\", \"strict\"]; };",
     {.rcpt = JANE},
     MATCH_YES,
     "matter 2026-0117 is confidential"},
    {"matter: { level = \"strict\"; };", {.rcpt = "x@else.test a@beta.test"}, MATCH_YES, "2026-0200"},
    /* The members of a group hold of one thing. */
    {"matter: { level = \"strict\"; client = \"harbour\"; };", {.rcpt = JANE " a@beta.test"}, MATCH_NO, NULL},
    {"recipient: { is = \"client\"; outside = true; };",
     {.rcpt = "bob@aldous.test " JANE},
     MATCH_YES,
     "is client harbour"},
    {"recipient: { is = \"staff\"; outside = true; };", {.rcpt = "bob@aldous.test " JANE}, MATCH_NO, NULL},
    {"recipient: { role = \"opposing-counsel\"; };", {.rcpt = "opp@other.test"}, MATCH_YES, "opposing-counsel"},
    {"recipient: { role = \"assistant\"; };", {.rcpt = "bob@aldous.test"}, MATCH_YES, "assistant"},
    {"recipient: { domain = \"*.TEST\"; address = \"ceo@*\"; };", {.rcpt = JANE}, MATCH_YES, NULL},
    {"sender: { by = \"login\"; team = \"disputes\"; };", {.rcpt = JANE, .login = "alice"}, MATCH_YES, NULL},
    {"any = ( { sender: { walled_off = true; }; }, { recipient: { walled_off = true; }; } );",
     {.rcpt = JANE " carol@aldous.test"},
     MATCH_YES,
     "carol@aldous.test is walled off"},
    {"recipients_over = 1;", {.rcpt = JANE " x@else.test"}, MATCH_YES, "has 2 recipients"},
    {"recipients_over = 2;", {.rcpt = JANE " x@else.test"}, MATCH_NO, "has 2 recipients"},
    {"out_of_hours = true;", {.rcpt = JANE}, MATCH_NO, "in working hours"},
    {"out_of_hours = true;", {.rcpt = JANE, .at = "2026-11-15T10:00:00Z"}, MATCH_YES, "outside working hours"},
    {"out_of_hours = false;", {.rcpt = JANE, .at = "2026-11-16T17:00:00Z"}, MATCH_NO, "outside working hours"},
    {"recipient: { blind_copy = true; };",
     {.rcpt = JANE " x@else.test", .to = JANE},
     MATCH_YES,
     "x@else.test is in neither"},
    {"recipient: { blind_copy = true; };", {.rcpt = JANE, .to = "x@else.test", .cc = JANE}, MATCH_NO, "in To or Cc"},
    {"recipient: { blind_copy = true; is = \"client\"; };", {.rcpt = JANE " x@else.test", .to = JANE}, MATCH_NO, NULL},
    {"recipient: { blind_copy = true; };", {.rcpt = JANE, .unjudged = true}, MATCH_NO, NULL},
    {"recipient: { beyond_thread = true; };", {.rcpt = "x@else.test"}, MATCH_NO, "continues no thread"},
    {"recipient: { beyond_thread = true; };", {.rcpt = "x@else.test", .thread = "q"}, MATCH_NO, "nothing is known"},
    {"recipient: { beyond_thread = true; };",
     {.rcpt = "x@else.test", .thread = "q", .hints_missing = true},
     MATCH_UNKNOWN,
     NULL},
    {"recipient: { beyond_thread = true; };",
     {.rcpt = JANE " x@else.test", .thread = "q", .client_in_thread = "harbour"},
     MATCH_YES,
     "x@else.test has nothing to do with the thread, which is about harbour"},
    {"recipient: { beyond_thread = true; };",
     {.rcpt = JANE " opp@other.test bob@aldous.test",
      .thread = "q",
      .client_in_thread = "harbour",
      .matter_in_thread = "2026-0117"},
     MATCH_NO,
     NULL},
    {"recipient: { beyond_thread = true; is = \"client\"; };",
     {.rcpt = "a@beta.test", .thread = "q", .client_in_thread = "harbour", .matter_in_thread = "2026-0117"},
     MATCH_YES,
     "about 2026-0117"},
    {"signature = [\"valid\", \"weak\"];",
     {.rcpt = JANE, .signature = "weak"},
     MATCH_YES,
     "signature is: weak; as the"},
    {"signature = \"valid\";", {.rcpt = JANE}, MATCH_NO, "signature is: none"},
    {"signature = \"valid\";", {.rcpt = JANE, .signature = "unknown"}, MATCH_UNKNOWN, "signature is: unknown"},
    {"signature = \"unknown\";", {.rcpt = JANE, .signature = "unknown"}, MATCH_YES, NULL},
    {"signature = \"valid\";", {.rcpt = JANE, .unjudged = true}, MATCH_UNKNOWN, "signature is: unknown"},
    {"sender_used_encryption = true;", {.rcpt = JANE}, MATCH_NO, "replies to no mail"},
    {"sender_used_encryption = true;", {.rcpt = JANE, .thread = "q"}, MATCH_NO, "no mail of this thread is known"},
    {"sender_used_encryption = true;",
     {.rcpt = JANE, .thread = "q", .hints_missing = true},
     MATCH_UNKNOWN,
     "could not be asked"},
    {"sender_used_encryption = true;",
     {.rcpt = JANE, .thread = "q r", .encrypted_in_thread = true},
     MATCH_YES,
     "the client's mail in this thread was encrypted"},
    {"sender_used_encryption = false;", {.rcpt = JANE, .thread = "q", .encrypted_in_thread = true}, MATCH_NO, NULL},
    {"sender_used_encryption = true;",
     {.from = JANE, .rcpt = ALICE, .encryption = ENC_SMIME},
     MATCH_YES,
     "the sender encrypted this mail"},
    {"sender_used_encryption = true;",
     {.from = JANE, .rcpt = ALICE, .encryption = ENC_BROKEN, .thread = "q", .encrypted_in_thread = true},
     MATCH_NO,
     "did not encrypt"},
    {"sender_used_encryption = true;", {.from = JANE, .rcpt = ALICE, .unjudged = true}, MATCH_UNKNOWN, "is unknown"},
    {"recipient: { language = [\"de\", \"EN\"]; };", {.rcpt = JANE}, MATCH_YES, "is en"},
    {"recipient: { language = \"de\"; };", {.rcpt = JANE}, MATCH_NO, "is en"},
    {"recipient: { language = \"de\"; };", {.rcpt = "x@else.test"}, MATCH_NO, "not known"},
    {"language = [\"de\", \"fr\"];", {.rcpt = JANE, .language = "de"}, MATCH_YES, "in language de"},
    {"language = \"de\";", {.rcpt = JANE, .language = "en"}, MATCH_NO, "in language en"},
    {"language = \"de\";", {.rcpt = JANE}, MATCH_UNKNOWN, "too short"},
    {"language = [\"de\", \"unknown\"];", {.rcpt = JANE}, MATCH_YES, "too short"},
    {"language = \"de\";", {.rcpt = JANE, .unjudged = true}, MATCH_UNKNOWN, "cannot be read"},
    {"recipient: { language_differs = true; };", {.rcpt = JANE, .language = "de"}, MATCH_YES, JANE " reads en"},
    {"recipient: { language_differs = true; };", {.rcpt = JANE, .language = "en"}, MATCH_NO, NULL},
    {"recipient: { language_differs = false; };", {.rcpt = JANE, .language = "en"}, MATCH_YES, NULL},
    {"recipient: { language_differs = true; };", {.rcpt = JANE}, MATCH_UNKNOWN, "too short"},
    {"recipient: { language_differs = true; };", {.rcpt = "x@else.test", .language = "de"}, MATCH_NO, "not known"},
    {"recipient: { language_differs = true; };", {.rcpt = "x@else.test", .unjudged = true}, MATCH_NO, "not known"},
    {"not: { automatic = true; };", {.rcpt = JANE}, MATCH_YES, "no program"},
    {"not: { automatic = true; };", {.rcpt = JANE, .automatic = AUTO_REPLY}, MATCH_NO, "auto-reply"},
    {"authenticated = true;", {.rcpt = JANE}, MATCH_NO, "nobody logged in"},
    {"size_over = 100;", {.rcpt = JANE}, MATCH_NO, "large ("},
    {"encryption = \"none\";", {.rcpt = JANE}, MATCH_YES, "the mail is not encrypted"},
    {"recipient: { is = \"other\"; };", {.rcpt = "x@else.test"}, MATCH_YES, "is nobody the firm knows"},
    {"sender: { by = \"login\"; };", {.rcpt = JANE}, MATCH_NO, "nothing proves who the sender is"},
    {"subject = \"^urgent\";", {.rcpt = JANE, .subject = "URGENT: rent"}, MATCH_YES, NULL},
    {"matter: { known = false; };", {.rcpt = "x@else.test"}, MATCH_YES, NULL},
    {"matter: { known = false; };", {.rcpt = "bob@aldous.test", .login = "alice"}, MATCH_YES, NULL},
    {"matter: { privileged = true; };", {.rcpt = JANE}, MATCH_YES, NULL},
    {"matter: { status = \"closed\"; };", {.rcpt = "a@oldco.test"}, MATCH_YES, NULL},
    {"anomaly = \"matter-*\";", {.rcpt = JANE, .subject = "[2026-0200]"}, MATCH_YES, "matter-mismatch"},
    {"header: { name = \"X-Thing\"; match = \"on\"; };",
     {.rcpt = JANE, .header = {{"x-thing", "on"}}},
     MATCH_YES,
     NULL},
    {"header: { name = \"X-Thing\"; present = false; };",
     {.rcpt = JANE, .header = {{"x-thing", "on"}}},
     MATCH_NO,
     NULL},
    {"header: { name = \"X-Thing\"; present = false; };", {.rcpt = JANE}, MATCH_YES, "no such header"},
    /* What the eye takes for the word is the word. */
    {"subject = \"bank details\";",
     {.rcpt = JANE,
      .subject = "our b\xC2\xAD"
                 "ank det\xE2\x80\x8B"
                 "ails"},
     MATCH_YES,
     NULL},
    {"subject = \"bank details\";", {.rcpt = JANE, .subject = "\xEF\xBD\x82\xEF\xBD\x81nk details"}, MATCH_YES, NULL},
    {"subject = \"bank details\";", {.rcpt = JANE, .subject = "b\xD0\xB0nk d\xD0\xB5t\xCE\xB1ils"}, MATCH_YES, NULL},
    {"subject = \"\xD0\xB1\xD0\xB0\xD0\xBD\xD0\xBA\";",
     {.rcpt = JANE, .subject = "\xD0\xB1\xD0\xB0\xD0\xBD\xD0\xBA"},
     MATCH_YES,
     NULL},
    {"subject = \"bank details\";", {.rcpt = JANE, .subject = "b\xC3\xA4nk details"}, MATCH_YES, NULL},
    {"subject = \"b\xC3\xA4nk\";", {.rcpt = JANE, .subject = "bank details"}, MATCH_NO, NULL},
    {"subject = \"b\xC3\xA4nk\";", {.rcpt = JANE, .subject = "\xEF\xBD\x82\xC3\xA4nk"}, MATCH_YES, NULL},
    {"subject = \"^second\";", {.rcpt = JANE, .subject = "first", .header = {{"Subject", "second"}}}, MATCH_YES, NULL},
    /* And so is the word in pieces. */
    {"subject = \"\\\\bbank\\\\s+details\\\\b\";",
     {.rcpt = JANE, .subject = "our b ank d\xD0\xB5tai ls."},
     MATCH_YES,
     NULL},
    {"subject = \"bank details\";", {.rcpt = JANE, .subject = "hillbank details"}, MATCH_YES, NULL},
    {"subject = \"bank details\";", {.rcpt = JANE, .subject = "hillb ank details"}, MATCH_NO, NULL},
    {"subject = \"iban\";", {.rcpt = JANE, .subject = "wi bank"}, MATCH_NO, NULL},
    {"subject = \"iban\";", {.rcpt = JANE, .subject = "our I B A N"}, MATCH_YES, NULL},
    {"header: { name = \"X-Note\"; match = \"top secret\"; };",
     {.rcpt = JANE, .header = {{"X-Note", "top sec ret"}}},
     MATCH_YES,
     NULL},
    {"header: { name = \"X-Note\"; match = \"secret\"; };",
     {.rcpt = JANE,
      .header = {{"X-Note", "s\xD0\xB5"
                            "cret"}}},
     MATCH_YES,
     NULL},
    {"attachment: { present = false; };", {.rcpt = JANE}, MATCH_YES, "no such attachment"},
    /* What could not be seen may be there. */
    {"attachment: { present = false; };", {.rcpt = JANE, .unreadable = true}, MATCH_UNKNOWN, "not everything could"},
    {"attachment: { name = \"*.exe\"; };", {.rcpt = JANE, .unreadable = true}, MATCH_UNKNOWN, NULL},
    {"text = \"secret\";", {.rcpt = JANE, .text = "all\n> top sec\n> ret"}, MATCH_NO, NULL},
    {"text = \"top secret\";", {.rcpt = JANE, .text = "all\n> top sec\n> ret"}, MATCH_YES, NULL},
    {"own_text = \"secret\";", {.rcpt = JANE, .text = "all\n> secret\n"}, MATCH_NO, "own text has nothing"},
    {"own_text = \"secret\";", {.rcpt = JANE, .text = "secret\n> all\n"}, MATCH_YES, NULL},
    {"own_text = \"secret\";", {.rcpt = JANE, .text = "> secret", .unreadable = true}, MATCH_UNKNOWN, NULL},
    {"text = \"secret\";", {.rcpt = JANE, .unreadable = true}, MATCH_UNKNOWN, NULL},
    {"text = \"secret\";", {.rcpt = JANE, .unjudged = true}, MATCH_UNKNOWN, NULL},
    {"text = \"secret\";", {.rcpt = JANE}, MATCH_NO, NULL},
    /* Attachments. */
    {"text = \"secret\";",
     {.rcpt = JANE, .attached = &letter},
     MATCH_YES,
     "the text of attachment letter.docx has \"secret\", for which the rule looks"},
    /* What was found is told, but no digits of it. */
    {"subject = \"(bank|account) details\";",
     {.rcpt = JANE, .subject = "Our Bank Details"},
     MATCH_YES,
     "the subject has \"Bank Details\", for which the rule looks"},
    {"text = \"[0-9]{4} ?[0-9]{4}\";",
     {.rcpt = JANE, .text = "it is 4111 1111"},
     MATCH_YES,
     "the text has \"#### ####\""},
    {"text = \"account details\";",
     {.rcpt = JANE, .text = "a c c o u n t  d e t a i l s"},
     MATCH_YES,
     "the text has \"accountdetails\""},
    {"own_text = \"secret\";", {.rcpt = JANE, .text = "secret\n> all\n"}, MATCH_YES, "own text has \"secret\", for"},
    {"header: { name = \"X-Note\"; match = \"se.*t\"; };",
     {.rcpt = JANE, .header = {{"X-Note", "a secret"}}},
     MATCH_YES,
     "header X-Note has \"secret\", for"},
    {"text = \"^\";", {.rcpt = JANE, .text = "x"}, MATCH_YES, "the text has what the rule looks for"},
    {"text = \"zebra\";", {.rcpt = JANE, .attached = &letter}, MATCH_NO, "the text has nothing"},
    {"text = \"zebra\";",
     {.rcpt = JANE, .attached = &sealed},
     MATCH_UNKNOWN,
     "attachment c.zip cannot be read (encrypted)"},
    {"attachment: { kind = \"*word\"; size_over = \"4K\"; };",
     {.rcpt = JANE, .attached = &letter},
     MATCH_YES,
     "5000 bytes"},
    {"attachment: { size_over = 5000; };", {.rcpt = JANE, .attached = &letter}, MATCH_NO, NULL},
    {"attachment: { kind = \"image/*\"; };", {.rcpt = JANE, .attached = &letter}, MATCH_NO, NULL},
    {"attachment: { tracked_changes = true; hidden = true; };",
     {.rcpt = JANE, .attached = &letter},
     MATCH_YES,
     "tracked changes"},
    {"attachment: { comments = true; };", {.rcpt = JANE, .attached = &letter}, MATCH_NO, "no comments"},
    {"attachment: { comments = true; };", {.rcpt = JANE, .attached = &bundle}, MATCH_YES, NULL},
    {"attachment: { tracked_changes = true; };", {.rcpt = JANE, .attached = &sealed}, MATCH_UNKNOWN, "may have"},
    {"attachment: { macros = true; };", {.rcpt = JANE, .attached = &bundle}, MATCH_YES, "has macros"},
    {"attachment: { macros = true; };", {.rcpt = JANE, .attached = &letter}, MATCH_NO, "no macros"},
    {"attachment: { macros = true; };", {.rcpt = JANE, .attached = &sealed}, MATCH_UNKNOWN, "may have"},
    {"attachment: { hidden = false; };", {.rcpt = JANE, .attached = &bundle}, MATCH_YES, NULL},
    {"attachment: { author = \"bob*\"; };", {.rcpt = JANE, .attached = &letter}, MATCH_YES, "Bob Bill"},
    {"attachment: { author = \"eve*\"; };", {.rcpt = JANE, .attached = &letter}, MATCH_NO, NULL},
    {"attachment: { entry = \"*.exe\"; };", {.rcpt = JANE, .attached = &bundle}, MATCH_YES, "setup.exe"},
    {"attachment: { entry = \"*.exe\"; };", {.rcpt = JANE, .attached = &sealed}, MATCH_UNKNOWN, NULL},
    {"attachment: { encrypted = true; };", {.rcpt = JANE, .attached = &sealed}, MATCH_YES, "c.zip is encrypted"},
    {"attachment: { encrypted = true; };", {.rcpt = JANE, .attached = &bundle}, MATCH_NO, NULL},
    {"encryption = \"none\";", {.rcpt = JANE, .unjudged = true}, MATCH_UNKNOWN, NULL},
    {"puts_off = true;",
     {.rcpt = JANE, .text = "I will come back to you on Friday."},
     MATCH_YES,
     "it puts the reader off: \"i will"},
    {"puts_off = true;", {.rcpt = JANE, .text = "The lease ends on Friday."}, MATCH_NO, "does not put"},
    {"puts_off = false;",
     {.rcpt = JANE, .text = "> I will come back to you on Friday.\n\nGood."},
     MATCH_YES,
     "does not put"},
    {"puts_off = true;", {.rcpt = JANE, .unjudged = true}, MATCH_UNKNOWN, "could be read"},
    {"puts_off = true;", {.rcpt = JANE, .text = "Noted.", .unreadable = true}, MATCH_UNKNOWN, "could be read"},
    {"marked_urgent = true;", {.rcpt = JANE, .header = {{"Importance", "high"}}}, MATCH_YES, "marked it as urgent"},
    {"marked_urgent = true;", {.rcpt = JANE, .header = {{"Importance", "low"}}}, MATCH_NO, "did not mark"},
    {"marked_urgent = true;", {.rcpt = JANE}, MATCH_NO, "did not mark"},
    {"asks = \"yes\";", {.rcpt = JANE}, MATCH_UNKNOWN, NULL},
    {"asks = [\"yes\", \"unknown\"];", {.rcpt = JANE}, MATCH_YES, NULL},
    {"recipient: { proof = \"none\"; };", {.rcpt = JANE, .proofs = "u"}, MATCH_UNKNOWN, NULL},
    {"recipient: { proof = \"none\"; };", {.rcpt = "bob@aldous.test"}, MATCH_NO, NULL},
    {"recipient: { certificate = \"expired\"; };", {.rcpt = JANE, .keys = "expired"}, MATCH_YES, "is expired"},
    {"recipient: { certificate = [\"none\", \"stale\"]; };", {.rcpt = JANE, .keys = "usable"}, MATCH_NO, "is usable"},
    {"recipient: { certificate = \"none\"; };", {.rcpt = "bob@aldous.test", .keys = "none"}, MATCH_NO, "not outside"},
    {"recipient: { certificate = \"none\"; };", {.rcpt = JANE}, MATCH_UNKNOWN, "could be looked up"},
    {"direction = \"incoming\"; text = \"secret\";", {.rcpt = JANE, .unjudged = true}, MATCH_NO, "outgoing"},
    /* What was found in the texts: one kind in one place. */
    {"detects: { kind = \"iban\"; };",
     {.rcpt = JANE, .detected = "iban:2:text"},
     MATCH_YES,
     "IBAN in the text: 2 (DE89…3000, …)"},
    {"detects: { kind = \"iban\"; };", {.rcpt = JANE}, MATCH_NO, "nothing of the kind was found"},
    {"detects: { kind = \"iban\"; };", {.rcpt = JANE, .unreadable = true}, MATCH_UNKNOWN, NULL},
    {"detects: { kind = \"iban\"; };", {.rcpt = JANE, .unjudged = true}, MATCH_UNKNOWN, NULL},
    {"not: { detects: { kind = \"iban\"; }; };", {.rcpt = JANE, .unreadable = true}, MATCH_UNKNOWN, NULL},
    {"detects: { kind = [\"us-ssn\", \"iban\"]; at_least = 2; };",
     {.rcpt = JANE, .detected = "iban:2:text"},
     MATCH_YES,
     "at least 2"},
    {"detects: { kind = \"iban\"; at_least = 3; };",
     {.rcpt = JANE, .detected = "iban:2:text iban:2:subject"},
     MATCH_NO,
     "IBAN in the text: 2"},
    {"detects: { kind = \"iban\"; at_least = 3; };",
     {.rcpt = JANE, .detected = "iban:2:text?"},
     MATCH_UNKNOWN,
     "perhaps more"},
    {"detects: { kind = \"iban\"; };", {.rcpt = JANE, .detected = "iban:0:text?"}, MATCH_UNKNOWN, NULL},
    {"detects: { kind = \"iban\"; at_least = 3; };",
     {.rcpt = JANE, .detected = "iban:2:text", .unreadable = true},
     MATCH_UNKNOWN,
     NULL},
    {"detects: { kind = \"iban\"; where = \"attachment:*\"; };",
     {.rcpt = JANE, .detected = "iban:2:text"},
     MATCH_NO,
     NULL},
    {"detects: { kind = \"iban\"; where = \"attachment:*\"; };",
     {.rcpt = JANE, .detected = "iban:1:attachment:a.docx"},
     MATCH_YES,
     "attachment:a.docx"},
    {"detects: { kind = \"iban\"; at_least = 2; where = \"subject\"; };",
     {.rcpt = JANE, .detected = "iban:2:text iban:1:subject"},
     MATCH_NO,
     NULL},
    /* The accounts of matter 2026-0117 are GB29NWBK60161331926819 and 20-20-15 55555555. */
    {"account_known = false;",
     {.rcpt = JANE, .accounts = "DE89370400440532013000"},
     MATCH_YES,
     "DE89…3000 is none that the matter knows"},
    {"account_known = false;", {.rcpt = JANE, .accounts = "GB29NWBK60161331926819"}, MATCH_NO, "knows each"},
    {"account_known = false;",
     {.rcpt = JANE, .accounts = "GB29NWBK60161331926819 60161331926819 20201555555555"},
     MATCH_NO,
     NULL},
    {"account_known = false;", {.rcpt = JANE, .accounts = "GB33BUKB20201555555555"}, MATCH_NO, NULL},
    {"account_known = false;", {.rcpt = JANE, .accounts = "20201555555555 20201555555556"}, MATCH_YES, NULL},
    {"account_known = true;", {.rcpt = JANE, .accounts = "20201555555555"}, MATCH_YES, NULL},
    {"account_known = true;", {.rcpt = JANE, .accounts = "20201555555556"}, MATCH_NO, NULL},
    {"account_known = true;", {.rcpt = JANE}, MATCH_NO, "no bank account"},
    {"account_known = false;", {.rcpt = JANE}, MATCH_NO, NULL},
    {"account_known = false;", {.rcpt = JANE, .unreadable = true}, MATCH_UNKNOWN, "not everything"},
    {"account_known = true;", {.rcpt = JANE, .accounts = "20201555555555", .unreadable = true}, MATCH_UNKNOWN, NULL},
    {"account_known = false;", {.rcpt = "x@else.test", .accounts = "20201555555555"}, MATCH_YES, NULL},
    {"automatic = true;", {.rcpt = JANE, .unjudged = true}, MATCH_NO, NULL}, /* headers are known */
};

static void conditions_answer_as_the_table_says(void **state) {
    g_autoptr(GString) rules = g_string_new("rules: (");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_string_append_printf(rules,
                               "%s { id = \"r%zu\"; when: { %s }; stamp = ( { name = \"X-R\"; value = \"v\"; } ); }",
                               i ? "," : "", i, cases[i].when);
    g_string_append(rules, ");");
    g_autoptr(Firm) firm = firm_new(rules->str);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Mail mail = cases[i].mail;
        mail.from = ALICE;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        g_autofree char *id = g_strdup_printf("r%zu", i);
        const RuleResult *result = judged_rule(judged, id);
        g_autofree char *why = judged_why(result);
        print_message("%zu %s: %d, %s\n", i, cases[i].when, result->match, why);
        assert_int_equal(result->match, cases[i].match);
        if (cases[i].why)
            assert_non_null(strstr(why, cases[i].why));
    }
}

static char *repeated(const char *unit, unsigned count) {
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++)
        g_string_append(out, unit);
    return g_string_free(out, FALSE);
}

/* GLib puts marks in order, and composes, in quadratic time. */
static void a_view_of_much_text_is_cheap(void **state) {
    static const char *const units[] = {"Gr\xC3\xBC\xC3\x9F"
                                        "e aus M\xC3\xBCnchen. ",
                                        "u\xCC\x88", "\xCC\x81\xCC\xA3", "\xEF\xB7\xBA",
                                        "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *text = repeated(units[i], (1 << 20) / strlen(units[i]));
        CpuTrial trial = {.limit = 1, .what = units[i]};
        while (cpu_trial(&trial)) {
            View view = view_of(text, NULL);
            view_form(&view, FOLD_SEEN);
            view_clear(&view);
        }
    }
}

/* A letter and its mark stay together wherever the text is cut; a reading that shows nothing new is none. */
static void a_view_shows_what_is_new(void **state) {
    g_autofree char *apart = repeated("u\xCC\x88", 1000), *together = repeated("\xC3\xBC", 1000);
    View view = view_of(apart, NULL), plain = view_of("Plain Text", NULL), city = view_of("M\xC3\xBCnchen", NULL);
    assert_string_equal(view_form(&view, FOLD_SEEN), together);
    for (Fold fold = FOLD_SEEN; fold <= FOLD_ALIKE; fold++)
        assert_null(view_form(&plain, fold));
    assert_null(view_form(&city, FOLD_SEEN));
    assert_string_equal(view_form(&city, FOLD_WORDS), "munchen");
    assert_null(view_form(&city, FOLD_ALIKE));
    assert_string_equal(view_bare(&plain)->text, "plaintext");
    view_clear(&view);
    view_clear(&plain);
    view_clear(&city);
}

/* A pattern that matches everywhere, and never a word, must not be tried without end. */
static void a_split_word_is_sought_in_linear_time(void **state) {
    g_autofree char *text = repeated("ab ", 350000);
    static const char *const patterns[] = {"bab", "a.*x?", "b.{1,60}a", "b[^x]*"};
    g_autofree char *quarter = g_strndup(text, strlen(text) / 4);
    View view = view_of(text, NULL), shorter = view_of(quarter, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        int code;
        PCRE2_SIZE at;
        pcre2_code *pattern =
            pcre2_compile((PCRE2_SPTR)patterns[i], PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
        pcre2_jit_compile(pattern, PCRE2_JIT_COMPLETE);
        CpuRatio ratio = {.most = 8, .what = patterns[i]};
        while (cpu_ratio(&ratio))
            assert_int_not_equal(view_bare_match(ratio.larger ? &view : &shorter, pattern, NULL), MATCH_YES);
        pcre2_code_free(pattern);
    }
    view_clear(&view);
    view_clear(&shorter);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_of_much_text_is_cheap),          cmocka_unit_test(a_view_shows_what_is_new),
        cmocka_unit_test(a_split_word_is_sought_in_linear_time), cmocka_unit_test(three_values_follow_kleene),
        cmocka_unit_test(conditions_answer_as_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
