/* SPDX-License-Identifier: Apache-2.0 */
/* Clean-ups that GMime does not define itself: `g_autoptr(GMimeMessage)` and friends drop one reference. */
#pragma once
#include <gmime/gmime.h>

#define LEXGATE_GMIME_AUTO(type) G_DEFINE_AUTOPTR_CLEANUP_FUNC(type, g_object_unref)
LEXGATE_GMIME_AUTO(GMimeMessage)
LEXGATE_GMIME_AUTO(GMimeParser)
LEXGATE_GMIME_AUTO(GMimeStream)
LEXGATE_GMIME_AUTO(GMimeFilter)
