-- SPDX-License-Identifier: Apache-2.0
-- Sets a writer's mark back: ARGV[3..4] = writer, number. For a journal that was cut: what Redis knows beyond it stays.
-- Its lessons are of entries that are no longer there.
call('DEL', P .. 'h:' .. ARGV[3])
local head = string.match(call('HGET', P .. 'writers', ARGV[3]) or '', '^%d+ (%d+)') or ARGV[4]
return call('HSET', P .. 'writers', ARGV[3], ARGV[4] .. ' ' .. head .. ' ' .. now)
