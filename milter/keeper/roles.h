/* SPDX-License-Identifier: Apache-2.0 */
/* How the keeper starts the other roles, and what it tells the front afterwards.
 *
 * Every role is an exec of the same program: `lexgate-milter --role=front|judge`, with these descriptors and nothing else:
 *   front: 3 control socket (SEQPACKET), 4 listening socket, 5 policy source
 *   judge: 3 request socket (SEQPACKET), 4 answer file (memory file of WIRE_ANSWER_MAX bytes), 5 policy source
 * argv after the role: generation, registry snapshot path, and for a judge its class and slot.
 * Control packets, keeper to front: {"judge": slot, "class": c, "generation": g} + 2 descriptors; {"policy": g, "registry": path} + 1;
 * {"stop": true}. Front to keeper: {"replace": slot, "generation": g, "why": "hang"}; {"ready": true}. */
#pragma once

enum { ROLE_FD_CONTROL = 3, ROLE_FD_SECOND = 4, ROLE_FD_POLICY = 5 };

/* main() of each role: the exit status. argv without --role. */
int keeper_main(int argc, char **argv);
