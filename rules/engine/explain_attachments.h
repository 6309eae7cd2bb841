/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of `lexgate explain` about attachments. */
#pragma once
#include "facts/facts.h"

void explain_attachments(GString *page, const Facts *facts);
