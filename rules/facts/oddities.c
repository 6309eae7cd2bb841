/* SPDX-License-Identifier: Apache-2.0 */
/* The list of facts/vocabulary in words, in the same order. */
#include "facts/oddities.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name, *words;
} oddities[] = {
    {"limit:headers", "it has more headers than are looked at"},
    {"limit:addresses", "it has more addresses than are looked at"},
    {"limit:references", "it names more earlier messages than are looked at"},
    {"limit:parameters", "a header has more parameters than are looked at"},
    {"limit:parts", "it has more parts than are looked at"},
    {"limit:depth", "its parts lie deeper in one another than is looked at"},
    {"limit:boundary", "the line that divides its parts is too long"},
    {"limit:text", "its text is longer than is looked at"},
    {"limit:readings", "it can be read in more ways than are looked at"},
    {"limit:size", "it is larger than what is looked at"},
    {"limit:attachment:*", "the attachment %s is larger than what is looked at"},
    {"duplicate-header:content-type", "it says twice what kind of text it is, and programs believe either"},
    {"duplicate-header:content-transfer-encoding", "it says twice how it is encoded, and programs believe either"},
    {"duplicate-header:content-disposition", "it says twice whether a part is an attachment"},
    {"duplicate-header:mime-version", "the header MIME-Version stands twice"},
    {"duplicate-header:from", "it has two From headers, and programs show either"},
    {"duplicate-header:sender", "the header Sender stands twice"},
    {"duplicate-header:reply-to", "it says twice where answers go"},
    {"duplicate-header:to", "the header To stands twice"},
    {"duplicate-header:cc", "the header Cc stands twice"},
    {"duplicate-header:bcc", "the header Bcc stands twice"},
    {"duplicate-header:subject", "it has two subjects, and programs show either"},
    {"duplicate-header:date", "it has two dates"},
    {"duplicate-header:message-id", "it has two Message-IDs"},
    {"duplicate-header:in-reply-to", "it says twice what it answers"},
    {"duplicate-header:references", "the header References stands twice"},
    {"duplicate-header:thread-index", "the header Thread-Index stands twice"},
    {"missing-header:from", "it has no From with an address in it"},
    {"odd-address:from", "the address in From is written as few programs write one"},
    {"odd-address:sender", "the address in Sender is written as few programs write one"},
    {"odd-address:reply-to", "the address in Reply-To is written as few programs write one"},
    {"header-syntax", "a line of its header is no header"},
    {"8bit-header", "a header holds letters that should have been encoded"},
    {"blank-header-line", "a blank line stands in its header, where some programs end it"},
    {"encoded-words:subject", "programs decode its subject differently"},
    {"ambiguous-boundary", "programs see its parts end in different places"},
    {"boundary-prefix", "the line that divides its parts begins another one, so that programs find different parts"},
    {"multipart-without-boundary", "it should have parts, and does not say what divides them"},
    {"ambiguous-structure", "programs find different parts in it"},
    {"encoded-multipart", "its parts are encoded as a whole, which not all programs decode"},
    {"boundary-goes-on", "a line that divides its parts goes on behind them"},
    {"missing-boundary-end", "the line that ends its parts is missing"},
    {"parts-after-end", "parts follow behind the end of all parts"},
    {"unparsable", "it cannot be taken apart"},
    {"unknown-encoding", "a part is encoded in a way that is not known"},
    {"bad-encoding", "a part is not encoded as it says"},
    {"decoding:base64@*", "programs decode the base64 of part %s differently"},
    {"decoding:quoted-printable@*", "programs decode the quoted-printable of part %s differently"},
    {"decoding:identity@*", "programs decode part %s differently"},
    {"decoding:unknown@*", "how part %s is to be decoded is not known"},
    {"encoded-message", "an enclosed message is encoded, which not all programs decode"},
    {"text-outside-parts", "words stand before or behind all of its parts"},
    {"message-partial", "it is a piece of a message whose rest comes apart"},
    {"message-external-body", "a part of it lies elsewhere and is fetched when it is read"},
    {"openpgp-legacy-format", "it is encrypted in a form of GnuPG that few other programs read"},
    {"two-charsets", "a text names two sets of characters"},
    {"charset:*", "a text is not in the characters that it names (%s), or nobody knows those"},
    {"charset-doubted:*", "a text is perhaps not in the characters that it names (%s)"},
    {"bidi-override", "hidden characters turn the order of letters round, so that it reads otherwise than it is"},
    {"html:hidden-text", "its page hides words from whoever reads it"},
    {"html:reversed-text", "its page shows words that are written backwards"},
    {"html:file", "its page carries a file in a link"},
    {"inline-file", "a file stands in the text itself"},
    {"inline-file:yenc", "a file stands in the text itself (yEnc), and is not read"},
    {"inline-file:binhex", "a file stands in the text itself (BinHex), and is not read"},
    {"tnef", "it carries its attachments in Outlook's winmail.dat"},
    {"two-names", "an attachment goes by different names"},
    {"two-formats:*", "the attachment %s is two kinds of file at once"},
    {"attachment-type-differs:*", "the attachment %s is not what its name or type says"},
    {"attachment-damaged:*", "the attachment %s is damaged"},
    {"ambiguous-archive:*", "the archive %s holds different files for different programs"},
    {"nul", "it holds bytes of zero, where some programs stop reading"},
    {"bare-cr", "it holds a carriage return without a line feed"},
    {"bare-lf", "it holds a line feed without a carriage return"},
    {"long-line", "it has lines longer than Internet mail may have"},
    {"from-mismatch", "whoever logged in may not write in the name that From gives"},
    {"unknown-login", "whoever logged in is not in the register of staff"},
    {"unproven-staff", "From is a colleague's address, and nothing proves that it is theirs"},
    {"lookalike:staff-name", "the sender's name looks like a colleague's"},
    {"lookalike:client-domain", "a domain looks like a client's"},
    {"lookalike:firm-domain", "a domain looks like the firm's own"},
    {"matter-mismatch", "it, or its thread, names a matter that not all its people have"},
    {"matter-unknown", "it names a matter that the register does not have"},
    {"message-id-reused", "its Message-ID is that of another message of the thread"},
};

/* What "*" at the end of the name stands for; NULL when the oddity is another one. Borrowed. */
static const char *rest_of(const char *anomaly, const char *name) {
    size_t length = strcspn(name, "*");
    if (strncmp(anomaly, name, length) != 0 || (!name[length] && anomaly[length]))
        return NULL;
    return anomaly + length;
}

const char *oddity_words(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(oddities); i++)
        if (strcmp(oddities[i].name, name) == 0)
            return oddities[i].words;
    return NULL;
}

char *oddity_say(const char *anomaly) {
    for (size_t i = 0; i < G_N_ELEMENTS(oddities); i++) {
        const char *rest = rest_of(anomaly, oddities[i].name), *gap = strstr(oddities[i].words, "%s");
        if (!rest)
            continue;
        if (!gap)
            return g_strdup_printf("%s (%s)", oddities[i].words, anomaly);
        return g_strdup_printf("%.*s%s%s (%s)", (int)(gap - oddities[i].words), oddities[i].words, rest,
                               gap + strlen("%s"), oddities[i].name);
    }
    return g_strdup(anomaly);
}
