/* SPDX-License-Identifier: Apache-2.0 */
/* The front's main(): started by the keeper only, see keeper/roles.h for its descriptors and arguments. */
#pragma once

int front_main(int argc, char **argv);
