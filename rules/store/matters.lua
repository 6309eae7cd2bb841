-- SPDX-License-Identifier: Apache-2.0
-- Which entries still matter, behind audit.lua. What opens something matters until that has been over for OPEN_DAYS, a question that
-- acts name for NAMED_DAYS, what ends or changes something for END_DAYS: the writers' checkpoints are made at different times, up to
-- APART_DAYS (fill.lua), and one that brings a question back must find its end in another's, and that the question it was said of.
--   matters RETENTION CHANGE …  of each change: "1" it matters, "0" it does not, "2" nobody can know (what it ends lies in another
--                               journal), "3" what it opened is missing, and nothing said of it can be believed
--   since SECONDS               what is younger than this matters without being asked for; nothing while a writer catches up
local OPEN_DAYS, NAMED_DAYS, END_DAYS, SILENT_DAYS, LOOKED_AT = 15, 30, 45, 60, 50

local function is_recent(r, days)
    return r and (not is_over(r) or r[SINCE] > now - days * DAY) and true or false
end

-- Under any of its names, which are kept as long as it matters.
local function is_recent_id(id, days)
    local other, r = resolve(text(id))
    if other and other ~= id and is_recent(r, days) then call('EXPIRE', P .. 'j:' .. id, ALIAS_DAYS * DAY) end
    return is_recent(r, days)
end

-- What an index names and is not there may have been lost: it is not taken for over.
local function is_recent_thread(client, threads, days)
    for _, over in ipairs({false, true}) do
        for _, hash in ipairs(threads or {}) do
            for _, id in ipairs(thread_ids(client, hash, over)) do
                local r = load(id)
                if not r or is_recent(r, days) then return true end
            end
        end
    end
    return false
end

-- Does a mail known by `field` belong to what waits for this client?
local function waits_with(index, lists, field, value)
    local ids = call('ZRANGE', P .. index, 0, LOOKED_AT)
    for _, id in ipairs(ids) do
        local r = load(id)
        for _, list in ipairs(lists) do
            for _, mail in ipairs(r and r[MORE] and r[MORE][list] or {}) do if mail[field] == value then return true end end
        end
    end
    return #ids > LOOKED_AT
end

local function is_recent_answer(qid)
    for name in string.gmatch(call('GET', P .. 'q:' .. qid) or '', '%S+') do
        local fate = string.sub(name, 1, 1) == '!'
        if not fate and (is_recent_id(name, END_DAYS) or not is_known(name, 0)) then return true end
    end
    local promised, expected = call('GET', P .. 'h:' .. qid), call('GET', P .. 'h:' .. EXPECTED .. qid)
    return promised and is_recent_id(promised, END_DAYS) or expected and is_recent_id(expected, END_DAYS) or
        waits_with('c:' .. (string.match(qid, '^[^:]*:(.*)$') or ''), {'replies', 'fresh'}, R_QID, qid)
end

-- Has anybody acted on this very question?
local function is_named(id)
    local _, r = resolve(text(id))
    for _, act in ipairs(r and more(r).acts or {}) do if act.id == id then return true end end
    return false
end

local matters = {}
local retention

function matters.open(c)
    if c.op == 'join' then c.id = 'j' .. (c.threads and c.threads[1] or '') end
    if c.fresh and waits_with(EXPECTED .. 'c:' .. c.client, {'fresh'}, R_OWN, own_of(c.threads)) then return '1' end
    return is_recent_id(c.id, is_named(c.id) and NAMED_DAYS or OPEN_DAYS) and '1' or c.start and is_missing(c, retention) and '3' or '0'
end
matters.join = matters.open

function matters.clear(c)
    local threads = {unpack(c.threads or {}, 2)}
    return is_recent_id(c.id, END_DAYS) or is_recent_thread(c.client, threads, END_DAYS) or
        c.joint and is_recent_thread(JOINT, threads, END_DAYS)
end

function matters.receive(c)
    return is_recent_thread(EXPECTED .. c.client, {unpack(c.threads or {}, 2)}, END_DAYS)
end

function matters.suggest(c)
    local matter = text(c.matter)
    return waits_with(matter ~= '' and 'm:' .. matter or 'c:' .. c.client, {'fresh'}, R_OWN, own_of(c.threads))
end

function matters.act(c)
    return is_recent_id(c.id, END_DAYS) or c.into and is_recent_id(c.into, END_DAYS) or
        not is_known(c.id, 0) and c.t > now - ALIAS_LASTS
end
matters['step-sent'], matters['ask-sent'] = matters.act, matters.act

matters['step-sending'] = function(c)
    return c['until'] > now
end

local function waits_as(kind)
    return function(c)
        local raw = call('HGET', P .. kind, c.qid)
        return raw and cjson.decode(raw).track == c.track and true or false
    end
end
matters.notice, matters.deferred = waits_as('notice'), waits_as('deferred')

function matters.held(c)
    if waits_as('held')(c) then return true end
    for _, op in ipairs(c.ops or {}) do
        local does = matters[op.op](op)
        if does and does ~= '0' then return true end
    end
    return false
end

function matters.unjudged(c)
    if waits_as('unjudged')(c) then return true end
    if text(c.client) == '' then return c.t > now - ALIAS_DAYS * DAY end
    return is_recent_thread(c.client, c.threads, OPEN_DAYS)
end

function matters.sent(c)
    return is_recent_answer(c.qid)
end
matters.bounced = matters.sent

function matters.undelivered(c)
    for _, client in ipairs(c.clients or {}) do if is_recent_answer(c.qid .. ':' .. client) then return true end end
    return false
end

function matters.addressed() -- lies in one entry with the answer
    return false
end
matters.fate = matters.addressed

-- The oldest entry that matters to any writer; 0 where one of them has not said so.
local function oldest()
    local at = now
    local writers = call('HKEYS', P .. 'writers')
    for _, writer in ipairs(writers) do
        if writer ~= 'doctor' then at = math.min(at, tonumber(call('HGET', P .. 'oldest', writer) or 0)) end
    end
    return at
end

-- What takes away a record of another journal's: as long as that may come again.
local COMPLETES = {released = true, removed = true, ['held-sent'] = true, ['notice-sent'] = true, ['deferred-sent'] = true,
    ['unjudged-done'] = true, ['capped-told'] = true}

local function matter_of(c, from)
    if COMPLETES[c.op] then return c.t >= from and '2' or '0' end
    local does = not matters[c.op] or matters[c.op](c)
    return does == true and '1' or does or '0'
end

local function all_matters(first)
    local found, from = {}, oldest() - OPEN_DAYS * DAY
    retention = tonumber(ARGV[4])
    for i = first, #ARGV do found[#found + 1] = matter_of(cjson.decode(ARGV[i]), from) end
    return found
end

-- A gateway that cannot reach Redis may tell later of questions that others have answered.
local function since(seconds)
    local writers, at = call('HGETALL', P .. 'writers'), now
    for i = 1, #writers, 2 do
        local mark, head, moved = string.match(writers[i + 1], '^(%d+) (%d+) (%d+)$')
        if writers[i] ~= 'doctor' then
            if not mark or tonumber(mark) < tonumber(head) then return {} end
            if tonumber(moved) > now - SILENT_DAYS * DAY then at = math.min(at, tonumber(moved)) end
        end
    end
    return {string.format('%d', at - seconds)}
end

if ARGV[3] == 'matters' then return all_matters(5) end
if ARGV[3] == 'since' then return since(tonumber(ARGV[4])) end
if ARGV[3] == 'compare' then return compare(tonumber(ARGV[4]), 5) end
if mending then return mend(ARGV[4], 5) end
return look(ARGV[4], ARGV[5])
