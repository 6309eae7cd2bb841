-- SPDX-License-Identifier: Apache-2.0
-- What each change does to messages: on hold, never judged, to be told of, and what became of them; and what they teach.
local LESSONS_MAX = 1000

-- ---- Held and unjudged mail ----

-- kind: held, unjudged, notice. A queue id that comes again is a new message: the MTA has let go of the old one.
local function message_add(kind, c, raw, wait)
    local known = call('HGET', P .. kind, c.qid)
    if known and cjson.decode(known).track == c.track then return end
    call('HSET', P .. kind, c.qid, raw)
    sorted_add(P .. 'jobs', string.format('%d', c.t + (wait or 0)), kind .. ':' .. c.qid)
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
    if record.partly then call('SET', P .. 'part:' .. record.original, 'over ' .. c.qid, 'EX', EARLY_DAYS * DAY) end
    job_drop(kind .. ':' .. c.qid)
    return record
end

-- Copies of a message whose split did not come to its end lie on hold under one record, that of its last attempt; when it comes
-- to its end, the record of the whole takes them. Their notice waits: the MTA brings such a message again soon.
local PART_WAITS = 3600

local function with_copies(raw, copies)
    local list = '"copies":' .. cjson.encode(copies)
    local changed, count = string.gsub(raw, '"copies":%[[^%]]*%]', function() return list end, 1)
    return count > 0 and changed or string.gsub(raw, '}$', function() return ',' .. list .. '}' end)
end

local function copies_of_both(c, other)
    local all, known = {}, {}
    for _, list in ipairs({other.copies or {}, c.copies or {}}) do
        for _, id in ipairs(list) do
            if not known[id] then all[#all + 1] = id end
            known[id] = true
        end
    end
    return all
end

-- Where a message's part is: "QID", or "over QID" when somebody has released or refused it.
local function part_key(original)
    return P .. 'part:' .. original
end

local function part_of(c, place_now)
    local raw = place_now and call('HGET', P .. 'held', place_now)
    local other = raw and cjson.decode(raw)
    if other and other.partly and other.original == c.original then return other end
end

function handlers.held(c, raw)
    local place_now = c.original and call('GET', part_key(c.original))
    if c.partly and place_now == 'over ' .. c.qid then return end
    local part = part_of(c, place_now)
    if part then
        raw = with_copies(raw, copies_of_both(c, part))
        call('HDEL', P .. 'held', part.qid)
        job_drop('held:' .. part.qid)
    end
    if c.partly then
        call('SET', part_key(c.original), c.qid, 'EX', EARLY_DAYS * DAY)
    elseif place_now then
        call('DEL', part_key(c.original))
    end
    message_add('held', c, raw, c.partly and PART_WAITS)
end

handlers['held-sent'] = function(c)
    if call('HEXISTS', P .. 'held', c.qid) == 0 then return early_keep('held:' .. c.qid, c) end
    job_drop('held:' .. c.qid)
end

function handlers.released(c)
    local record = message_drop('held', c)
    for _, change in ipairs(record and record.ops or {}) do handlers[change.op](change) end
end

-- Somebody decided that a held question is none, or it is gone and nobody knows why: then it stays owed.
function handlers.removed(c)
    local record = message_drop('held', c)
    for _, change in ipairs(record and record.ops or {}) do
        local name = change.op == 'join' and 'j' .. (change.threads and change.threads[1] or '') or change.id
        local id, r = resolve(text(name))
        local asks = r and more(r).asks or {}
        for _, question in ipairs(change.op ~= 'clear' and asks or {}) do
            if question.id == name and question.held then
                if #asks == 1 and not c.gone and text(c.by) ~= '' then
                    handlers.act({op = 'act', act = 'close', id = name, t = c.t, by = text(c.by)})
                else
                    note(r, c, (c.gone or text(c.by) == '') and 'held-gone' or 'held-refused', c.by)
                    save(id, r)
                end
            end
        end
    end
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

-- ---- What the entries teach other gateways (peers.lua) ----

-- A number that the stream already passed is of a journal that was cut: the stream begins anew.
local function teach(writer, first, last, lesson)
    local key, id = P .. 'h:' .. writer, string.format('%.0f-0', last)
    local function add() return redis.pcall('XADD', key, 'MAXLEN', '~', LESSONS_MAX, id, 'f', string.format('%.0f', first), 'd', lesson) end
    local added = add()
    if type(added) == 'table' and added.err then
        call('DEL', key)
        add()
    end
end

-- ---- What the mail server's log says ----

local FATES_MAX, FATE_DAYS, ADDRESSED_DAYS = 32, 90, 30

-- Kept for whoever asks (fates.lua): the change as it came, once.
function handlers.fate(c, raw)
    local key = P .. 'f:' .. c.qid
    for _, known in ipairs(call('LRANGE', key, 0, -1)) do if known == raw then return end end
    if call('RPUSH', key, raw) > FATES_MAX then call('LPOP', key) end
    call('EXPIRE', key, FATE_DAYS * DAY)
end

-- A report by mail is believed of those to whom the message went, and may come by a gateway that has not heard of it.
function handlers.addressed(c)
    call('SET', P .. 'a:' .. c.qid, table.concat(c.to, ' '), 'EX', ADDRESSED_DAYS * DAY)
    early_apply('a:' .. c.qid)
end

function handlers.undelivered(c)
    local known = call('GET', P .. 'a:' .. c.qid)
    if not known then return early_keep('a:' .. c.qid, c) end
    local counts = false
    for i, hash in ipairs(c.rcpt) do
        if text(c.clients[i]) ~= '' and string.find(known, hash, 1, true) then
            counts = true
            handlers.bounced({qid = c.qid .. ':' .. c.clients[i], t = c.t, seq = c.seq})
        end
    end
    if counts then handlers.fate(c, cjson.encode(c)) end
end

function handlers.deferred(c, raw)
    message_add('deferred', c, raw)
end

handlers['deferred-sent'] = function(c)
    message_drop('deferred', c)
end
