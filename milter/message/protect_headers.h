/* SPDX-License-Identifier: Apache-2.0 */
/* Header protection (RFC 9788): what people read of a header stands inside the encryption, and the subject there alone.
 *
 * All take a header block in clear, as it would go on. Pure. */
#pragma once
#include "message/slice.h"

/* Can it be done to this message? NULL: it can. "signed": what is signed must stay as it is. "ambiguous": programs differ
 * about what the content is. Static. */
const char *headers_hindrance(Slice head);

/* Is there anything that would stand inside alone? */
bool headers_have_secrets(Slice head);

/* The fields that stand inside: Content-* (the type says hp="cipher"), those that people read, and HP-Outer for each of
 * them as it stands outside. `displayed`: what headers_display() made stands in the text. */
void headers_write_inside(Slice head, bool displayed, GString *out);

/* Does the sender's type say something of header protection already? Then it is left as it is, in a layer of ours. */
bool headers_need_layer(Slice head);

/* The same in a multipart/mixed whose only part begins with the Content-* fields; its end is the caller's to write. */
void headers_write_layer(Slice head, const char *boundary, GString *out);

/* Does a field stand outside as it is? The first subject does as "[...]". */
bool headers_is_hidden(Slice name);

/* "Subject: …" and an empty line, to be put before the body, for programs that show nothing of a header inside; in the
 * charset and encoding of a message that is one plain text. NULL: it is none, or cannot have these words. Caller owns.
 */
GString *headers_display(Slice head);
