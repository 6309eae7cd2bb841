/* SPDX-License-Identifier: Apache-2.0 */
/* Routes are followed only while the domain is ours: what another firm's server makes of an address is its own affair.
 */
#include "engine/mailbox.h"
#include "base/text.h"
#include <string.h>

enum { HOPS_MAX = 8 };

/* <@relay.test,@other.test:jane@client.test>, which servers ignore but for its end (RFC 5321, appendix C). */
static void drop_source_route(char *address) {
    char *colon = *address == '@' ? strchr(address, ':') : NULL;
    if (colon)
        memmove(address, colon + 1, strlen(colon + 1) + 1);
}

/* "firm.test." is the same name as "firm.test". */
static void drop_final_dot(char *address) {
    size_t length = strlen(address);
    if (length && address[length - 1] == '.')
        address[length - 1] = '\0';
}

/* "jane"@client.test and "j\ane"@client.test are jane@client.test. */
static void drop_quotes(char *address) {
    char *at = strrchr(address, '@'), *to = address;
    if (!at || at - address < 2 || *address != '"' || at[-1] != '"')
        return;
    for (char *from = address + 1; from < at - 1; from++) {
        if (*from == '\\' && from + 1 < at - 1)
            from++;
        *to++ = *from;
    }
    memmove(to, at, strlen(at) + 1);
}

/* Where our own server would send this local part; NULL when it is one of our mailboxes. Caller owns. */
static char *next_hop(const char *local) {
    const char *mark = strrchr(local, '@');
    if (!mark)
        mark = strrchr(local, '%');
    if (mark && mark > local && strchr(mark, '.'))
        return g_strdup_printf("%.*s@%s", (int)(mark - local), local, mark + 1);
    mark = strchr(local, '!');
    const char *dot = mark ? memchr(local, '.', (size_t)(mark - local)) : NULL;
    return dot && mark[1] ? g_strdup_printf("%s@%.*s", mark + 1, (int)(mark - local), local) : NULL;
}

char *mailbox_of(const Policy *policy, const char *address) {
    char *clean = address_normalise(address);
    for (int hops = 0;; hops++) {
        drop_source_route(clean);
        drop_final_dot(clean);
        drop_quotes(clean);
        if (hops == HOPS_MAX || !policy_is_ours(policy, clean))
            return clean;
        g_autofree char *local = g_strndup(clean, (gsize)(strrchr(clean, '@') - clean));
        char *next = next_hop(local);
        if (!next)
            return clean;
        g_free(clean);
        clean = address_normalise(next);
        g_free(next);
    }
}
