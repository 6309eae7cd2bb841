/* SPDX-License-Identifier: Apache-2.0 */
/* The peer every budget is measured beside: a libmilter filter that receives every step, answers none but the last, and
 * does nothing. */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <sysexits.h>

static sfsistat on_connect(SMFICTX *c, char *host, _SOCK_ADDR *address) {
    return (void)c, (void)host, (void)address, SMFIS_NOREPLY;
}
static sfsistat on_text(SMFICTX *c, char *text) {
    return (void)c, (void)text, SMFIS_NOREPLY;
}
static sfsistat on_envelope(SMFICTX *c, char **args) {
    return (void)c, (void)args, SMFIS_NOREPLY;
}
static sfsistat on_header(SMFICTX *c, char *name, char *value) {
    return (void)c, (void)name, (void)value, SMFIS_NOREPLY;
}
static sfsistat on_nothing(SMFICTX *c) {
    return (void)c, SMFIS_NOREPLY;
}
static sfsistat on_body(SMFICTX *c, unsigned char *data, size_t length) {
    return (void)c, (void)data, (void)length, SMFIS_NOREPLY;
}
static sfsistat on_end(SMFICTX *c) {
    return (void)c, SMFIS_CONTINUE;
}

static sfsistat on_negotiate(SMFICTX *c, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
                             unsigned long *a, unsigned long *b, unsigned long *x, unsigned long *y) {
    (void)c, (void)f2, (void)f3;
    *a = f0 & (SMFIF_ADDHDRS | SMFIF_CHGHDRS);
    *b = f1 & (SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA | SMFIP_NR_UNKN |
               SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_HDR_LEADSPC);
    *x = *y = 0;
    return SMFIS_CONTINUE;
}

int main(int argc, char **argv) {
    struct smfiDesc filter = {.xxfi_name = "receive-only",
                              .xxfi_version = SMFI_VERSION,
                              .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS,
                              .xxfi_connect = on_connect,
                              .xxfi_helo = on_text,
                              .xxfi_envfrom = on_envelope,
                              .xxfi_envrcpt = on_envelope,
                              .xxfi_header = on_header,
                              .xxfi_eoh = on_nothing,
                              .xxfi_body = on_body,
                              .xxfi_eom = on_end,
                              .xxfi_data = on_nothing,
                              .xxfi_negotiate = on_negotiate};
    if (argc != 2 || smfi_setconn(argv[1]) == MI_FAILURE || smfi_register(filter) == MI_FAILURE) {
        fprintf(stderr, "usage: receiveonly unix:PATH\n");
        return EX_USAGE;
    }
    return smfi_main();
}
