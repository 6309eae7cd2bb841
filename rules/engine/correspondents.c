/* SPDX-License-Identifier: Apache-2.0 */
/* The front asks for the addresses of the envelope and for the From that it saw; of another From nothing is known. */
#include "engine/correspondents.h"
#include "base/text.h"

static bool any_in(const GPtrArray *staff, const GPtrArray *insiders) {
    for (guint i = 0; i < insiders->len; i++)
        if (g_ptr_array_find_with_equal_func((GPtrArray *)staff, g_ptr_array_index(insiders, i), g_str_equal, NULL))
            return true;
    return false;
}

/* `asked`: if they were known, the hints would say so. */
static void ask(const EngineInput *in, Person *person, const char *name, bool asked, const GPtrArray *insiders) {
    const Hints *hints = in->hints;
    const GPtrArray *staff = hints ? g_hash_table_lookup(hints->correspondents, name) : NULL;
    if (staff) {
        person->first_time = MATCH_NO;
        person->new_to_staff = any_in(staff, insiders) ? MATCH_NO : MATCH_YES;
        return;
    }
    bool missing = !asked || (hints && (hints->missing || hints->correspondents_missing));
    person->first_time = person->new_to_staff = missing ? MATCH_UNKNOWN : MATCH_YES;
}

static void ask_of_sender(const EngineInput *in, Person *sender, const GPtrArray *insiders) {
    g_autofree char *envelope = correspondent_plain(in->facts->envelope->sender);
    g_autofree char *from = correspondent_plain(sender->mailbox), *name = correspondent_name(envelope, from);
    const char *seen = in->hints ? in->hints->from : NULL;
    ask(in, sender, name, *name && (!seen || text_equal(seen, from) || text_equal(name, envelope)), insiders);
}

static GPtrArray *insiders_of(const EngineInput *in, const Decision *decision) {
    GPtrArray *insiders = g_ptr_array_new_with_free_func(g_free);
    if (policy_is_ours(in->policy, in->facts->envelope->sender))
        g_ptr_array_add(insiders, correspondent_plain(in->facts->envelope->sender));
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->outside)
            g_ptr_array_add(insiders, correspondent_plain(person->address));
    }
    return insiders;
}

void correspondents_note(const EngineInput *in, Decision *decision) {
    g_autoptr(GPtrArray) insiders = insiders_of(in, decision);
    if (decision->sender->outside)
        ask_of_sender(in, decision->sender, insiders);
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        g_autofree char *address = person->outside ? correspondent_plain(person->address) : NULL;
        if (address)
            ask(in, person, address, true, insiders);
    }
}
