-- SPDX-License-Identifier: Apache-2.0
-- Applies one batch of one writer's changes (store/changes.md) and moves its mark: ARGV[3..6] = writer, first, last, head; the
-- changes follow, one JSON text each. Writers are independent: whatever order their changes come in, the end is the same. What
-- names a deadline, thread or message that is not there yet waits for it ("early").
local EARLY_DAYS, DONE_DAYS, ALIAS_DAYS, QUEUE_DAYS, FINAL_DAYS = 60, 90, 90, 14, 7
local EARLY_MAX, EARLY_PERIOD, EARLY_PERIODS, OWN_LENGTH = 32, 30 * DAY, 6, 12
local CLOCKS_APART = 300 -- seconds that two hosts may disagree
local DONE_TRIM, FINAL_TRIM, IDS_MAX = 20, 10, 8
local handlers = {}

-- ---- Threads: which deadlines of a client a hashed Message-ID leads to ----

local function thread_key(hash)
    return P .. 't:' .. string.sub(hash, 1, 3)
end

-- Asked for once in a batch: nobody else writes meanwhile.
local known_threads = {}

local function thread_ids(client, hash)
    local field, ids = client .. ' ' .. hash, {}
    local known = known_threads[field]
    if known == nil then
        known = call('HGET', thread_key(hash), field) or ''
        known_threads[field] = known
    end
    for id in string.gmatch(known, '%S+') do ids[#ids + 1] = id end
    return ids
end

local function thread_put(client, hash, ids)
    local field, text = client .. ' ' .. hash, table.concat(ids, ' ')
    known_threads[field] = nil -- until it is written
    if text == '' then
        call('HDEL', thread_key(hash), field)
    else
        call('HSET', thread_key(hash), field, text)
    end
    known_threads[field] = text
end

local function thread_add(id, r, hash)
    local ids = thread_ids(r[CLIENT], hash)
    for _, other in ipairs(ids) do if other == id then return end end
    if #ids >= IDS_MAX then table.remove(ids, 1) end
    ids[#ids + 1] = id
    thread_put(r[CLIENT], hash, ids)
end

local function threads_drop(id, r)
    for _, hash in ipairs(r[THREADS]) do
        local kept = {}
        for _, other in ipairs(thread_ids(r[CLIENT], hash)) do if other ~= id then kept[#kept + 1] = other end end
        thread_put(r[CLIENT], hash, kept)
    end
end

local function threads_take(id, r, threads)
    local known = {}
    for _, hash in ipairs(r[THREADS]) do known[hash] = true end
    for _, hash in ipairs(threads or {}) do
        if not known[hash] and #r[THREADS] < THREADS_MAX then
            known[hash] = true
            r[THREADS][#r[THREADS] + 1] = hash
            thread_add(id, r, hash)
        end
    end
end

local function find(client, threads, wanted)
    for _, hash in ipairs(threads or {}) do
        for _, id in ipairs(thread_ids(client, hash)) do
            local r = load(id)
            if r and wanted(r) then return id, r end
        end
    end
end

local function waits(r)
    return r[STATE] == OPEN or r[STATE] == SNOOZED
end

-- ---- Early: what came before what it speaks of ----

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

-- An answer in a thread, for questions that another writer has still to tell of: the latest one for each hash.
local function period_of(t)
    return math.floor(t / EARLY_PERIOD)
end

local function answer_key(period, hash)
    return P .. 'x:' .. period .. ':' .. string.sub(hash, 1, 3)
end

local function answer_keep(c)
    local own = string.sub(c.threads[1] or '', 1, OWN_LENGTH)
    for i = math.max(2, #c.threads - EARLY_MAX), #c.threads do
        local key, field = answer_key(period_of(c.t), c.threads[i]), c.client .. ' ' .. c.threads[i]
        local known = call('HGET', key, field)
        if not known or tonumber(string.match(known, '^%d+')) <= c.t then
            call('HSET', key, field, string.format('%d %s %s', c.t, own, c.by or ''))
            call('EXPIRE', key, EARLY_DAYS * DAY)
        end
    end
end

-- Who answered this question before it came; nil: nobody.
local function answered_early(r)
    local named = {}
    for _, hash in ipairs(r[THREADS]) do named[string.sub(hash, 1, OWN_LENGTH)] = true end
    local first = period_of(r[START])
    for period = first, math.min(first + EARLY_PERIODS - 1, period_of(now + CLOCKS_APART)) do
        for _, hash in ipairs(r[THREADS]) do
            local known = call('HGET', answer_key(period, hash), r[CLIENT] .. ' ' .. hash)
            local at, own, by = string.match(known or '', '^(%d+) (%S*) (.*)$')
            if at and tonumber(at) >= r[START] and not named[own] then return by, tonumber(at) end
        end
    end
end

-- ---- One deadline's states ----

local function finish(id, r, state, t)
    step_job_drop(id, r)
    index_drop(id, r)
    threads_drop(id, r)
    r[STATE], r[SINCE] = state, t
    call('ZREM', P .. 'prov', id)
    call('ZADD', P .. 'done', t, id)
    save(id, r)
end

local function provisional(id, r, by, t, qid)
    step_job_drop(id, r)
    r[STATE], r[BY], r[QID], r[SINCE] = PROVISIONAL, by or '', qid or '', t
    note(r, t, 'reply by ' .. (by or ''))
    call('ZADD', P .. 'prov', t, id)
    if qid then
        call('APPEND', P .. 'q:' .. qid, id .. ' ')
        call('EXPIRE', P .. 'q:' .. qid, QUEUE_DAYS * DAY)
    end
    save(id, r)
end

local function flat_steps(steps)
    local flat = {}
    for _, s in ipairs(steps or {}) do
        flat[#flat + 1] = s[1]
        flat[#flat + 1] = s[2]
        flat[#flat + 1] = 0
    end
    return flat
end

local function text(value)
    return type(value) == 'string' and value or ''
end

-- The client asked again. The earlier question rules, in whatever order two writers tell of them.
local function join_to(id, r, c)
    if c.soft then
        save(id, r)
        return
    end
    r[PRIORITY] = r[PRIORITY] + 1
    note(r, c.t, 'asked again')
    if c.start and c.due and c.start < r[START] then
        step_job_drop(id, r)
        index_drop(id, r)
        r[START], r[DUE], r[STEPS] = c.start, c.due, flat_steps(c.steps)
        index_add(id, r)
        step_job_add(id, r)
    end
    save(id, r)
end

local function open_new(c)
    local r = {c.client, text(c.matter), text(c.owner), text(c.sl), OPEN, c.soft and 1 or 0, 0, 0, c.start, c.due, 0,
        flat_steps(c.steps), {}, text(c.p), '', {}, '', c.start}
    threads_take(c.id, r, c.threads)
    index_add(c.id, r)
    step_job_add(c.id, r)
    save(c.id, r)
    local by, at = answered_early(r)
    if by then provisional(c.id, r, by, at) end
    early_apply(c.id)
end

-- From lexgate-escalated for a message that was never judged (c.qid): the threads are in the record of that message.
function handlers.open(c)
    if c.qid then
        local record = call('HGET', P .. 'unjudged', c.qid)
        if not record then return early_keep('unjudged:' .. c.qid, c) end
        c.threads = cjson.decode(record).threads
    end
    if call('EXISTS', P .. 'd:' .. c.id, P .. 'j:' .. c.id) > 0 then return end
    local id, r = find(c.client, c.threads, function(other) return waits(other) and (other[SOFT] == 0 or c.soft) end)
    if not id then return open_new(c) end
    call('SET', P .. 'j:' .. c.id, id, 'EX', ALIAS_DAYS * DAY)
    threads_take(id, r, c.threads)
    join_to(id, r, c)
    early_apply(c.id)
end

function handlers.join(c)
    local id, r
    if text(c.id) ~= '' then
        id, r = resolve(c.id)
        if not r then return early_keep(c.id, c) end
    else
        id, r = find(c.client, c.threads, waits)
    end
    local own = c.threads and c.threads[1]
    if own and not call('SET', P .. 'j:' .. c.client .. ' ' .. own, id or '', 'NX', 'EX', ALIAS_DAYS * DAY) then return end
    if r and waits(r) and r[CLIENT] == c.client and (r[SOFT] == 0 or c.soft) then
        threads_take(id, r, c.threads)
        return join_to(id, r, c)
    end
    -- What the message wanted to join was answered meanwhile: it is a question of its own.
    if own and c.start and c.due then
        c.id = 'j' .. own
        handlers.open(c)
    end
end

local function names(r, hash)
    for _, other in ipairs(r[THREADS]) do if other == hash then return true end end
    return false
end

-- A question that itself names the answer is newer than it, whatever the clocks of two hosts say.
local function clear_one(id, r, c)
    if c.threads and c.threads[1] and names(r, c.threads[1]) then return end
    if waits(r) and r[START] <= c.t and (text(c.client) == '' or r[CLIENT] == c.client) then
        provisional(id, r, c.by, c.t, c.qid)
    end
end

-- The hints that named an id may be old: what else is open in the thread is answered by the same reply.
function handlers.clear(c)
    if text(c.id) ~= '' then
        local id, r = resolve(c.id)
        if r then clear_one(id, r, c) else early_keep(c.id, c) end
    end
    for _, hash in ipairs(c.threads or {}) do
        for _, id in ipairs(thread_ids(c.client, hash)) do
            local r = load(id)
            if r then clear_one(id, r, c) end
        end
    end
    if c.threads and c.threads[1] then answer_keep(c) end
end

-- ---- Acts of people ----

local acts = {}

function acts.answer(id, r, c)
    r[BY] = text(c.by)
    note(r, c.t, 'answered, says ' .. r[BY])
    finish(id, r, ANSWERED, c.t)
end

function acts.close(id, r, c)
    r[BY] = text(c.by)
    note(r, c.t, 'closed by ' .. r[BY])
    finish(id, r, CLOSED, c.t)
end

-- A reply that is told of before an older snooze stays a reply.
function acts.snooze(id, r, c)
    step_job_drop(id, r)
    if waits(r) then r[STATE] = SNOOZED end
    r[UNTIL], r[GENERATION], r[STEPS] = c['until'], r[GENERATION] + 1, flat_steps(c.steps)
    note(r, c.t, 'snoozed by ' .. text(c.by))
    step_job_add(id, r)
    save(id, r)
end

function acts.assign(id, r, c)
    step_job_drop(id, r)
    index_drop(id, r)
    r[OWNER], r[GENERATION] = c.owner, r[GENERATION] + 1
    note(r, c.t, 'handed to ' .. c.owner .. ' by ' .. text(c.by))
    index_add(id, r)
    step_job_add(id, r)
    save(id, r)
end

function handlers.act(c)
    local id, r = resolve(c.id)
    if not r then return early_keep(c.id, c) end
    if r[STATE] == ANSWERED or r[STATE] == CLOSED then return end
    acts[c.act](id, r, c)
    if c.act == 'snooze' or c.act == 'assign' then early_apply(id) end
end

-- Somebody is at it until then. A claim says so already, but a wipe takes the claim away and brings only the journals back.
handlers['step-sending'] = function(c)
    if c['until'] <= now then return end
    local id, r = resolve(c.id)
    if not r then return early_keep(c.id, c) end
    local i = next_step(r)
    if c.gen ~= r[GENERATION] or i > c.step or i >= step_count(r) then return end
    local key = step_key(id, r, i)
    sorted_settle(P .. 'jobs')
    if call('HEXISTS', P .. 'leases', key) == 0 then call('ZADD', P .. 'jobs', 'XX', c['until'], key) end
end

handlers['step-sent'] = function(c)
    job_drop(string.format('step:%s:%d:%d', c.id, c.gen, c.step))
    local id, r = resolve(c.id)
    if not r or c.gen > r[GENERATION] then return early_keep(id or c.id, c) end
    if c.gen < r[GENERATION] or c.step >= step_count(r) then return end
    step_job_drop(id, r)
    for i = 0, c.step - 1 do
        if step(r, i, SENT) == 0 then r[STEPS][i * 3 + SENT] = 2 end
    end
    r[STEPS][c.step * 3 + SENT] = 1
    note(r, c.t, 'told ' .. step(r, c.step, TELL))
    if type(c.next) == 'table' and c.next[1] then
        for _, value in ipairs({c.next[1], c.next[2], 0}) do r[STEPS][#r[STEPS] + 1] = value end
    end
    step_job_add(id, r)
    save(id, r)
end

-- ---- What became of the reply ----

local function cleared_by(qid, f)
    for id in string.gmatch(call('GET', P .. 'q:' .. qid) or '', '%S+') do
        local r = load(id)
        if r and r[QID] == qid then f(id, r) end
    end
end

function handlers.sent(c)
    cleared_by(c.qid, function(id, r)
        if r[STATE] ~= PROVISIONAL then return end
        note(r, c.t, 'reply sent')
        finish(id, r, ANSWERED, c.t)
    end)
end

function handlers.bounced(c)
    cleared_by(c.qid, function(id, r)
        if r[STATE] == CLOSED then return end
        call('ZREM', P .. 'prov', id)
        call('ZREM', P .. 'done', id)
        local threads = r[THREADS]
        r[STATE], r[BY], r[QID], r[GENERATION], r[THREADS] = OPEN, '', '', r[GENERATION] + 1, {}
        threads_take(id, r, threads)
        note(r, c.t, 'opened again: the reply was not delivered')
        index_add(id, r)
        step_job_add(id, r)
        save(id, r)
        early_apply(id)
    end)
end

-- ---- Held and unjudged mail ----

-- kind: held, unjudged, notice. A queue id that comes again is a new message: the MTA has let go of the old one.
local function message_add(kind, c, raw)
    local known = call('HGET', P .. kind, c.qid)
    if known and cjson.decode(known).track == c.track then return end
    call('HSET', P .. kind, c.qid, raw)
    sorted_add(P .. 'jobs', string.format('%d', c.t), kind .. ':' .. c.qid)
    early_apply(kind .. ':' .. c.qid, c.t)
end

-- The record of what is over; nil when it is not there yet.
local function message_drop(kind, c)
    local raw = call('HGET', P .. kind, c.qid)
    if not raw then
        early_keep(kind .. ':' .. c.qid, c)
        return
    end
    local record = cjson.decode(raw)
    if c.t < record.t - CLOCKS_APART then return end
    call('HDEL', P .. kind, c.qid)
    job_drop(kind .. ':' .. c.qid)
    return record
end

function handlers.held(c, raw)
    message_add('held', c, raw)
end

handlers['held-sent'] = function(c)
    if call('HEXISTS', P .. 'held', c.qid) == 0 then return early_keep('held:' .. c.qid, c) end
    job_drop('held:' .. c.qid)
end

function handlers.released(c)
    local record = message_drop('held', c)
    for _, change in ipairs(record and record.ops or {}) do handlers[change.op](change) end
end

function handlers.removed(c)
    message_drop('held', c)
end

function handlers.unjudged(c, raw)
    message_add('unjudged', c, raw)
end

handlers['unjudged-done'] = function(c)
    message_drop('unjudged', c)
end

function handlers.notice(c, raw)
    message_add('notice', c, raw)
end

handlers['notice-sent'] = function(c)
    message_drop('notice', c)
end

-- ---- The batch ----

-- A little at each call: replies of which nothing bad was heard are final, what has long been done is forgotten.
local function keep_house()
    for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'prov', '-inf', now - FINAL_DAYS * DAY, 'LIMIT', 0, FINAL_TRIM)) do
        local r = load(id)
        if r and r[STATE] == PROVISIONAL then finish(id, r, ANSWERED, r[SINCE]) else call('ZREM', P .. 'prov', id) end
    end
    for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'done', '-inf', now - DONE_DAYS * DAY, 'LIMIT', 0, DONE_TRIM)) do
        call('ZREM', P .. 'done', id)
        call('DEL', P .. 'd:' .. id)
    end
end

local writer, first, last, head = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if call('EXISTS', P .. 'wiping') == 1 then return {'wiping'} end
local mark, _, moved = string.match(call('HGET', P .. 'writers', writer) or '0 0 0', '^(%d+) (%d+) (%d+)$')
if first ~= tonumber(mark) + 1 then return {'mark', mark} end
if last >= first or head == last then moved = now end
-- First of all: where Redis refuses to write, it refuses here, and nothing was done.
call('HSET', P .. 'writers', writer, string.format('%.0f %.0f %.0f', last, math.max(head, last), moved))
local bad, why = 0, ''

local function failed(message)
    bad = bad + 1
    why = type(message) == 'table' and message.err or tostring(message)
end

for i = 7, #ARGV do
    local done, message = pcall(function()
        local change = cjson.decode(ARGV[i])
        place = place_of(change.seq)
        handlers[change.op](change, ARGV[i])
    end)
    if not done then failed(message) end
end
keep_house()
local unsettled = sorted_settle_all()
if unsettled then failed(unsettled) end
return {'done', tostring(bad), why}
