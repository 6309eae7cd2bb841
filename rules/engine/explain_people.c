/* SPDX-License-Identifier: Apache-2.0 */
/* What an address is beside its kind, said in the order in which people ask. */
#include "engine/explain_people.h"
#include "engine/lookalike.h"
#include "engine/people.h"

void explain_person(GString *page, const Person *person) {
    const char *role = person_role(person);
    if (role && *role)
        g_string_append_printf(page, ", %s", role);
    if (person->webmail)
        g_string_append(page, ", personal webmail");
    if (person->first_time == MATCH_YES)
        g_string_append(page, ", for the first time");
    else if (person->new_to_staff == MATCH_YES)
        g_string_append(page, ", known to colleagues only");
    for (int kind = 0; kind < LIKENESS_KINDS; kind++)
        if (person->alike[kind])
            g_string_append_printf(page, ", looks like %s (%s)", person->alike[kind],
                                   likeness_kind_name((LikenessKind)kind));
}

void explain_way(GString *page, const Person *person) {
    g_autoptr(Consent) consent = person->way == WAY_CONSENT ? consent_read(person->client->consent) : NULL;
    g_autofree char *said = consent ? consent_say(consent) : NULL;
    if (person->way != WAY_NONE)
        g_string_append_printf(page, ", goes by %s%s%s", way_name(person->way), said ? " in clear: " : "",
                               said ? said : "");
}

void explain_differences(GString *page, const Decision *decision) {
    for (guint i = 0; i < decision->differs_why->len; i++)
        g_string_append_printf(page, "%-12snot the same as %s\n", "", (char *)decision->differs_why->pdata[i]);
}
