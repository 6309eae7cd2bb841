-- SPDX-License-Identifier: Apache-2.0
-- What names a deadline, thread or message that is not there yet waits for it: writers are independent, and whatever order their
-- changes come in, the end is the same.
local EARLY_DAYS = 60
local EARLY_MAX, EARLY_PERIOD, EARLY_PERIODS, EARLY_REPLIES = 32, 30 * DAY, 6, 3
local CLOCKS_APART = 300 -- seconds that two hosts may disagree
local handlers = {}

local any_early -- true, false, or nil: nobody has asked yet

local function early_keep(key, change)
    key = P .. 'e:' .. key
    if call('RPUSH', key, cjson.encode(change)) > EARLY_MAX then call('LPOP', key) end
    call('EXPIRE', key, EARLY_DAYS * DAY)
    call('SET', P .. 'early', '', 'EX', EARLY_DAYS * DAY)
    any_early = true
end

-- What is older than `since` spoke of another message: an MTA uses its queue ids again.
local function early_apply(key, since)
    if any_early == nil then any_early = call('EXISTS', P .. 'early') == 1 end
    if not any_early then return end
    local waiting = call('LRANGE', P .. 'e:' .. key, 0, -1)
    if #waiting == 0 then return end
    call('DEL', P .. 'e:' .. key)
    for _, json in ipairs(waiting) do
        local change = cjson.decode(json)
        if not since or change.t >= since - CLOCKS_APART then handlers[change.op](change) end
    end
end

-- Replies, for questions that another writer has still to tell of: the latest few in each thread by time and own id, and beside
-- them, once, what else is known of them. (In a block, as other parts are: Lua allows a script 200 names.)
local answer_keep, answered_early
do
local function period_of(t)
    return math.floor(t / EARLY_PERIOD)
end

local function answer_key(period, hash)
    return P .. 'x:' .. period .. ':' .. string.sub(hash, 1, 3)
end

local function reply_key(period, own)
    return P .. 'y:' .. period .. ':' .. string.sub(own, 1, 3)
end

local function answer_line(client, hash, period, t, own)
    local key, field, line = answer_key(period, hash), thread_field(client, hash), string.format('%07d %s', t - period * EARLY_PERIOD, own)
    local known, lines = call('HGET', key, field) or '', {}
    for other in string.gmatch(known, '[^;]+') do if other ~= line then lines[#lines + 1] = other end end
    lines[#lines + 1] = line
    table.sort(lines)
    if #lines > EARLY_REPLIES then table.remove(lines, 1) end
    call('HSET', key, field, table.concat(lines, ';'))
    call('EXPIRE', key, EARLY_DAYS * DAY)
end

function answer_keep(c)
    local own, period = own_of(c.threads), period_of(c.t)
    if #c.threads < 2 then return end
    local key = reply_key(period, own)
    call('HSET', key, own, string.format('%d %s %s %s %s', c.t, text(c.qid), text(c.track), text(c.by), text(c.as)))
    call('EXPIRE', key, EARLY_DAYS * DAY)
    for i = math.max(2, #c.threads - EARLY_MAX), #c.threads do
        answer_line(c.client, c.threads[i], period, c.t, own)
        if c.joint then answer_line(JOINT, c.threads[i], period, c.t, own) end
    end
end

local function reply_kept(period, own, t, start)
    local line = call('HGET', reply_key(period, own), own) or ''
    local qid, track, by, as = string.match(line, '^%d+ (%S*) (%S*) (%S*) ?(.*)$')
    return {math.max(t, start), own, by or '', qid or '', PENDING, 0, track or '', as or '', t < start and t or nil}
end

-- The replies to this question that came before it; `exact`: not by a clock that goes wrong.
function answered_early(client, ask, exact)
    local found, seen = {}, {}
    for period = period_of(ask.start - CLOCKS_APART), math.min(period_of(ask.start) + EARLY_PERIODS - 1, period_of(now + DAY)) do
        for i, hash in ipairs(ask.threads or {}) do
            local known = call('HGET', answer_key(period, hash), thread_field(client, hash)) or ''
            if ask.joint then known = known .. ';' .. (call('HGET', answer_key(period, hash), thread_field(JOINT, hash)) or '') end
            for at, own in string.gmatch(known, '(%d+) ([^;]*)') do
                at = tonumber(at) + period * EARLY_PERIOD
                if not seen[own] and not names(ask.threads, own) and (at >= ask.start or not exact and i == 1 and at >= ask.start - CLOCKS_APART) then
                    seen[own] = true
                    found[#found + 1] = reply_kept(period, own, at, ask.start)
                end
            end
        end
    end
    return found
end
end
