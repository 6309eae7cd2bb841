/* SPDX-License-Identifier: Apache-2.0 */
/* Is the message encrypted, and to whom? (DESIGN section 5) Any part that is readable means no. */
#pragma once
#include "crypto/certs.h"
#include "message/tree.h"

/* Sets facts->encryption and its why, and one proof with its why for each envelope recipient. `top` NULL: the content
 * was not seen or is over a limit. Call it after contents_read(): what made the facts unreadable makes the answer
 * unknown. */
void encrypted_judge(Facts *facts, Part *top, const CertStore *certs);
