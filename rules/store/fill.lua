-- SPDX-License-Identifier: Apache-2.0
-- How a writer fills a Redis that has nothing of it: ARGV[3..6] = writer, "ck" (from a checkpoint) or "all", seconds (when that was
-- made; of the first entry), up to which entry the checkpoint speaks. Gives
--   whole   from the mark on, every entry
--   listed  up to there only what the checkpoint lists
--   apart   this does not go together with how others filled it: all has to be read, by all
--   wiping  not now
-- Checkpoints go together that were made within APART_DAYS: what one lists as open the other still lists as ended (matters.lua).
local APART_DAYS = 14
local writer, kind, made, through = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

local function parts(text)
    local is, at, to = string.match(text, '^(%l+) (%-?%d+) (%d+)$')
    return is, tonumber(at), tonumber(to)
end

local function fits(other_kind, other_made)
    if kind == 'ck' and made - other_made > APART_DAYS * DAY then return false end
    return other_kind ~= 'ck' or other_made - made <= APART_DAYS * DAY
end

if call('EXISTS', P .. 'wiping') == 1 then return 'wiping' end
local filled = {}
local flat = call('HGETALL', P .. 'filled')
for i = 1, #flat, 2 do filled[flat[i]] = flat[i + 1] end
if filled['*'] then return 'whole' end

local mark = tonumber(string.match(call('HGET', P .. 'writers', writer) or '0', '^%d+'))
if mark > 0 then
    local was, was_made, was_through = parts(filled[writer] or 'all 0 0')
    if was ~= 'ck' or mark >= was_through then return 'whole' end
    return kind == 'ck' and made == was_made and through == was_through and 'listed' or 'apart'
end

-- Others are in, and never had to fill it: it was not wiped.
if #flat == 0 then
    local writers = call('HGETALL', P .. 'writers')
    for i = 1, #writers, 2 do
        if writers[i] ~= writer and writers[i] ~= 'doctor' and tonumber(string.match(writers[i + 1], '^%d+')) > 0 then return 'whole' end
    end
end
for other, line in pairs(filled) do
    local other_kind, other_made = parts(line)
    if other ~= writer and not fits(other_kind, other_made) then return 'apart' end
end
call('HSET', P .. 'filled', writer, string.format('%s %.0f %.0f', kind, made, through))
return kind == 'ck' and 'listed' or 'whole'
