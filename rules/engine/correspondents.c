/* SPDX-License-Identifier: Apache-2.0 */
/* The front asks for the envelope's addresses: it reads no From. A From of another owner is known to nobody's hints. */
#include "engine/correspondents.h"
#include "base/domain.h"
#include "base/text.h"

/* As the front writes them. Caller owns. */
static char *plain(const char *written) {
    g_autofree char *address = address_normalise(written);
    return address_without_detail(address, NULL);
}

static bool any_in(const GPtrArray *staff, const GPtrArray *insiders) {
    for (guint i = 0; i < insiders->len; i++)
        if (g_ptr_array_find_with_equal_func((GPtrArray *)staff, g_ptr_array_index(insiders, i), g_str_equal, NULL))
            return true;
    return false;
}

static void ask(const EngineInput *in, Person *person, const char *address, const GPtrArray *insiders) {
    const Hints *hints = in->hints;
    const GPtrArray *staff = hints ? g_hash_table_lookup(hints->correspondents, address) : NULL;
    if (staff) {
        person->first_time = MATCH_NO;
        person->new_to_staff = any_in(staff, insiders) ? MATCH_NO : MATCH_YES;
        return;
    }
    bool missing = hints && (hints->missing || hints->correspondents_missing);
    person->first_time = person->new_to_staff = missing ? MATCH_UNKNOWN : MATCH_YES;
}

/* What is known of the envelope's sender is known of From when both are of one owner; a first envelope is a first
 * message, whoever it says it is from. */
static void ask_of_sender(const EngineInput *in, Person *sender, const GPtrArray *insiders) {
    g_autofree char *envelope = plain(in->facts->envelope->sender), *from = plain(sender->mailbox);
    ask(in, sender, envelope, insiders);
    bool same = *envelope && domain_same_owner(address_domain(envelope), address_domain(from));
    if (!*envelope || (!same && sender->first_time == MATCH_NO))
        sender->first_time = sender->new_to_staff = MATCH_UNKNOWN;
}

static GPtrArray *insiders_of(const EngineInput *in, const Decision *decision) {
    GPtrArray *insiders = g_ptr_array_new_with_free_func(g_free);
    if (policy_is_ours(in->policy, in->facts->envelope->sender))
        g_ptr_array_add(insiders, plain(in->facts->envelope->sender));
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->outside)
            g_ptr_array_add(insiders, plain(person->address));
    }
    return insiders;
}

void correspondents_note(const EngineInput *in, Decision *decision) {
    g_autoptr(GPtrArray) insiders = insiders_of(in, decision);
    if (decision->sender->outside)
        ask_of_sender(in, decision->sender, insiders);
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        g_autofree char *address = person->outside ? plain(person->address) : NULL;
        if (address)
            ask(in, person, address, insiders);
    }
}
