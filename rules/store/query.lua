-- SPDX-License-Identifier: Apache-2.0
-- One page of deadlines in the order of an index: ARGV[3..10] = index ("all", "o:OWNER", …, "done"), from score, how many of that
-- very score to skip, how many to look at, owner, client, matter, state ("" each: any); ARGV[11] = "1": only late ones; ARGV[12]
-- below. Gives the score and skip to go on with ("" at the end), then deadlines (`shown`). It looks at few records at a time: Redis
-- serves others too.
local index, from, skip, look = P .. ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local owner, client, matter, state, late = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11] == '1'
local side, page = ARGV[12], nil -- EXPECTED: what clients owe us; '': what is owed to them
if ARGV[3] == 'done' then -- the newest first: nobody asks for the oldest of what is over
    page = call('ZREVRANGEBYSCORE', index, from == '-inf' and '+inf' or from, '-inf', 'WITHSCORES', 'LIMIT', skip, look)
else
    page = call('ZRANGEBYSCORE', index, from, late and '(' .. now or '+inf', 'WITHSCORES', 'LIMIT', skip, look)
end

local function wanted(raw)
    local _, its_client, its_matter, its_owner, _, its_state, _, _, _, _, due, till = outline(raw)
    local is = state_at(its_state, till)
    local of_side, of_client = side_of(its_client)
    return of_side == side and (owner == '' or its_owner == owner) and (client == '' or of_client == client) and
        (matter == '' or its_matter == matter) and (state == '' or STATES[is] == state) and
        (not late or due < now and (is == OPEN or is == SNOOZED))
end

local result = {'', '0'}
for i = 1, #page, 2 do
    local raw = raw_of(page[i])
    if raw and wanted(raw) then result[#result + 1] = shown(page[i], raw) end
end
if #page == 2 * look then
    local score, same = page[#page], 0
    for i = #page, 2, -2 do
        if page[i] ~= score then break end
        same = same + 1
    end
    if same == look and from == score then same = same + skip end
    result[1], result[2] = score, tostring(same)
end
return result
