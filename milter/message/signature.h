/* SPDX-License-Identifier: Apache-2.0 */
/* Is the message signed as a whole, by whom, and are these the bytes? A signature over a part of it, over an attached
 * or forwarded message, or one that covers something else for some mail programs, is not the message's own. */
#pragma once
#include "crypto/certs.h"
#include "message/tree.h"

/* Fills facts->signature. `message` is what the tree was made of; `tree` NULL: the content was not seen or is over a
 * limit. */
void signature_judge(Facts *facts, const Tree *tree, Slice message, const CertStore *certs);
