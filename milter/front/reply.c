/* SPDX-License-Identifier: Apache-2.0 */
/* libmilter takes up to 32 lines as separate arguments, of at most 980 bytes, and reads % as the start of something. */
#include "front/reply.h"
#include <string.h>

enum { LINES = 32, LINE_BYTES = 980 };

static char *reply_line(const char *text) {
    GString *line = g_string_new(NULL);
    for (; *text && line->len < LINE_BYTES - 2; text++) {
        if (*text == '%')
            g_string_append_c(line, '%');
        g_string_append_c(line, (unsigned char)*text < ' ' ? ' ' : *text);
    }
    return g_string_free(line, FALSE);
}

sfsistat reply_refuse(SMFICTX *ctx, const Answer *answer) {
    bool later = answer->action == ACTION_DEFER;
    char code[8];
    g_snprintf(code, sizeof code, "%d", answer->code);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < answer->text->len && i < LINES; i++)
        g_ptr_array_add(lines, reply_line(g_ptr_array_index(answer->text, i)));
    if (lines->len == 0)
        g_ptr_array_add(lines, g_strdup("Message refused by policy."));
    char *l[LINES] = {0};
    memcpy(l, lines->pdata, lines->len * sizeof *l);
    /* Without its text the refusal still stands: libmilter then gives its own. */
    (void)smfi_setmlreply(ctx, code, answer->status, l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7], l[8], l[9], l[10],
                          l[11], l[12], l[13], l[14], l[15], l[16], l[17], l[18], l[19], l[20], l[21], l[22], l[23],
                          l[24], l[25], l[26], l[27], l[28], l[29], l[30], l[31], NULL);
    return later ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

sfsistat reply_not_copied(SMFICTX *ctx, const GPtrArray *recipients) {
    g_autoptr(GString) text = g_string_new("Recipients need separate copies of this message, and one cannot be sent");
    if (recipients)
        g_string_append_printf(text, ": to %.320s", (const char *)g_ptr_array_index(recipients, 0));
    if (recipients && recipients->len > 1)
        g_string_append_printf(text, " and %u more", recipients->len - 1);
    g_string_append_c(text, '.');
    g_autofree char *line = reply_line(text->str);
    (void)smfi_setreply(ctx, "554", "5.3.0", line);
    return SMFIS_REJECT;
}

sfsistat reply_defer(SMFICTX *ctx, const char *status, const char *text) {
    (void)smfi_setreply(ctx, "451", (char *)status, (char *)text);
    return SMFIS_TEMPFAIL;
}
