/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts for a test's own Redis: what it holds, as model_of() says it (times less ARGV[1]); and snapshots in its
 * database 1. */
#pragma once
#include "redis.h"
#include "model.h"
#include <hiredis/hiredis.h>

#define COPY(from, to)                                                                                                 \
    "redis.call('SELECT', " to ") redis.call('FLUSHDB') redis.call('SELECT', " from ") "                               \
    "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', " to ") end "                 \
    "redis.call('SELECT', 0)"
#define SNAPSHOT COPY("0", "1")
#define ROLL_BACK COPY("1", "0")
#define WIPE "redis.call('FLUSHDB')"
#define CLEAN "redis.call('FLUSHALL')"

#define DUMP                                                                                                           \
    "local P, base, lines = 'lexgate:{test}:', tonumber(ARGV[1]), {} "                                                 \
    "local function add(...) lines[#lines + 1] = string.format(...) end "                                              \
    "local function time(t) t = math.floor(tonumber(t)) return t > 0 and t - base or 0 end "                           \
    "local states = {'open', 'snoozed', 'provisional', 'answered', 'closed'} "                                         \
    "local function deadline(id, raw) "                                                                                \
    "  local r, steps = cmsgpack.unpack(raw), '' "                                                                     \
    "  for i = 1, #r[12], 3 do steps = steps .. string.format(' %d,%s,%d', time(r[12][i]), r[12][i+1], r[12][i+2]) end " \
    "  add('d %s %s soft=%d owner=%s start=%d due=%d until=%d priority=%d gen=%d by=%s%s', id, states[r[5]], r[6], r[3], " \
    "    time(r[9]), time(r[10]), time(r[11]), r[7], r[8], r[15], steps) "                                             \
    "end "                                                                                                             \
    "local function sorted(name, key) "                                                                                \
    "  local all = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') "                                                    \
    "  for i = 1, #all, 2 do add('%s %s %d', name, all[i], time(all[i + 1])) end "                                     \
    "end "                                                                                                             \
    "local function threads(name, key) "                                                                               \
    "  local all = redis.call('HGETALL', key) "                                                                        \
    "  for i = 1, #all, 2 do for id in string.gmatch(all[i + 1], '%S+') do add('%s %s %s', name, all[i], id) end end " \
    "end "                                                                                                             \
    "for _, key in ipairs(redis.call('KEYS', P .. '*')) do "                                                           \
    "  local name = string.sub(key, #P + 1) "                                                                          \
    "  local bare = string.gsub(name, '^>', '') "                                                                      \
    "  local kind, rest = string.match(bare, '^(%a+):(.*)$') "                                                         \
    "  if kind == 'd' then deadline(rest, redis.call('GET', key)) "                                                    \
    "  elseif kind == 'j' then add('j %s %s', rest, redis.call('GET', key)) "                                          \
    "  elseif kind == 't' or kind == 'u' then threads(kind, key) "                                                     \
    "  elseif name == 'jobs' then sorted('job', key) "                                                                 \
    "  elseif bare == 'all' or name == 'prov' or name == 'done' or kind == 'o' or kind == 'c' or kind == 'm' then "    \
    "    sorted(name, key) end "                                                                                       \
    "end "                                                                                                             \
    "table.sort(lines) return table.concat(lines, '\\n')"

/* What a script says; caller owns. */
static inline char *redis_script(redisContext *raw, const char *text) {
    redisReply *reply = redisCommand(raw, "EVAL %s 0 %d", text, BASE);
    char *out = g_strdup(reply && reply->type != REDIS_REPLY_NIL ? reply->str : "");
    if (!reply || reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s", reply ? reply->str : raw->errstr);
    freeReplyObject(reply);
    return out;
}
