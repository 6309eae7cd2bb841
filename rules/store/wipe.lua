-- SPDX-License-Identifier: Apache-2.0
-- Begins a wipe: ARGV[3] = seconds for which no batch is applied. The writers are kept with their marks at zero, so that nothing is
-- claimed until each of them has brought its part back.
call('SET', P .. 'wiping', '1', 'EX', ARGV[3])
-- `lexgate rebuild` is also for a Redis that holds nonsense.
if call('TYPE', P .. 'writers').ok ~= 'hash' then call('DEL', P .. 'writers') end
local writers = call('HGETALL', P .. 'writers')
for i = 1, #writers, 2 do
    local head = string.match(writers[i + 1], '^%d+ (%d+)') or '0'
    call('HSET', P .. 'writers', writers[i], string.format('0 %s %d', head, now))
end
return 'wiping'
