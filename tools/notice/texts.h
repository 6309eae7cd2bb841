/* SPDX-License-Identifier: Apache-2.0 */
/* The words of our mails, as templates (notice/template.h). The HTML ones are the inside of TEXT_FRAME_HTML. */
#pragma once

extern const char TEXT_STEP[], TEXT_STEP_HTML[];
extern const char TEXT_ASK[], TEXT_ASK_HTML[];
extern const char TEXT_EXPECTED[], TEXT_EXPECTED_HTML[];
extern const char TEXT_ASK_EXPECTED[], TEXT_ASK_EXPECTED_HTML[];
extern const char TEXT_DIGEST[], TEXT_DIGEST_HTML[];
extern const char TEXT_HELD[], TEXT_HELD_HTML[];
extern const char TEXT_REPORT[], TEXT_REPORT_HTML[];
extern const char TEXT_TROUBLE[], TEXT_TROUBLE_HTML[];
extern const char TEXT_DELAY[], TEXT_DELAY_HTML[];
extern const char TEXT_CERTS[], TEXT_CERTS_HTML[];

/* Values: heading, body (HTML), firm. */
extern const char TEXT_FRAME_HTML[];
