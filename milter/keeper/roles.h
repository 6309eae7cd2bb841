/* SPDX-License-Identifier: Apache-2.0 */
/* How the keeper starts the other roles, and what it tells the front afterwards.
 *
 * Every role is an exec of the same program: `lexgate-milter --role=front|judge`, with these descriptors, the standard
 * ones, and nothing else: front: 3 control socket (SEQPACKET), 4 listening socket, 5 policy source judge: 3 request
 * socket (SEQPACKET), 4 answer file (memory file of WIRE_ANSWER_MAX bytes or, under a limit, less), 5 policy source
 * argv after the role: where to log ("syslog" or "stderr"), generation, registry snapshot path, and for a judge its
 * class and slot. Control packets, keeper to front: {"judge": slot, "class": c, "generation": g} + 2 descriptors
 * (socket, answer file), sent once the judge said that it is ready; {"policy": g, "registry": path} + 1; {"stop":
 * true}. Front to keeper:
 * {"replace": slot, "generation": g, "why": "hang"}; {"ready": true, "generation": g}; {"refused": g}. */
#pragma once
#include <stdbool.h>

enum { ROLE_FD_CONTROL = 3, ROLE_FD_SECOND = 4, ROLE_FD_POLICY = 5 };

/* Bytes of one control packet, of a judge's answer file, and of the socket buffer that holds the largest request. */
enum { CONTROL_PACKET_MAX = 8192, ROLE_ANSWER_BYTES = 1048576, ROLE_ANSWER_LEAST = 65536, ROLE_REQUEST_ROOM = 524288 };

/* main() of each role: the exit status. argv without --role. */
int keeper_main(int argc, char **argv);

typedef struct {
    bool foreground;
    unsigned generation;
    const char *registry; /* path; borrowed from argv */
    unsigned class, slot; /* of a judge */
} RoleArguments;

/* First thing in a role that the keeper started: dies with the keeper (and at once when it is gone already), opens the
 * log, reads the arguments. False, with a line on standard error, when started by anybody else. */
bool role_begin(int argc, char **argv, RoleArguments *arguments);
