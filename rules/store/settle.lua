-- SPDX-License-Identifier: Apache-2.0
-- What a deadline's sets (machine.lua) make of the rest: its jobs, its place in the indexes, and two that become one or one
-- that becomes two.

-- ---- Its place in jobs and indexes ----

-- What is over; while it is fresh it has a key of its own.
local function done_add(id, r)
    call('ZADD', P .. 'done', r[SINCE], id)
    call('ZADD', P .. 'fresh', r[SINCE], id)
end

local function done_drop(id)
    call('ZREM', P .. 'done', id)
    call('ZREM', P .. 'fresh', id)
end

-- The job of asking the owner whether that was the answer: its key, and when; nil where there is nothing to ask.
local function ask_job(id, r)
    local mail, asked = suggestion_of(r)
    if not mail or asked or not more(r).suggested then return end
    return 'ask:' .. id .. ':' .. mail[R_OWN], mail[R_T]
end

local function ask_settle(id, r)
    if not r[MORE] then return end
    local key, at = ask_job(id, r)
    if r[MORE].ask == key then return end
    if r[MORE].ask then job_drop(r[MORE].ask) end
    if key then sorted_add(P .. 'jobs', at .. place, key) end
    r[MORE].ask = key
end

local function ask_drop(r)
    if not r[MORE] or not r[MORE].ask then return end
    job_drop(r[MORE].ask)
    r[MORE].ask = nil
end

local function stand_down(id, r)
    step_job_drop(id, r)
    ask_drop(r)
    if not is_over(r) then index_drop(id, r) end
    if r[STATE] == PROVISIONAL then call('ZREM', P .. 'prov', id) end
    if is_over(r) then done_drop(id) end
    threads_drop(id, r)
end

local function stand_up(id, r)
    step_job_add(id, r)
    ask_settle(id, r)
    if not is_over(r) then index_add(id, r) end
    if r[STATE] == PROVISIONAL then call('ZADD', P .. 'prov', r[SINCE], id) end
    if is_over(r) then done_add(id, r) end
    threads_add(id, r)
    save(id, r)
end

local function same_job(id, a, b)
    local i, k = next_step(a), next_step(b)
    return waits(a) and waits(b) and step_key(id, a, i) == step_key(id, b, k) and i < step_count(a) and i < step_count(b) and
        step_time(a, i) == step_time(b, k)
end

local function same_index(a, b)
    return is_over(a) == is_over(b) and a[OWNER] == b[OWNER] and a[MATTER] == b[MATTER] and a[DUE] == b[DUE]
end

-- After its sets have grown. What stays as it was is left alone: a job may be leased.
local function settle(id, r)
    local old = {unpack(r, 1, SINCE)}
    old[MORE] = r[MORE] and {joint = r[MORE].joint}
    derive(r)
    if not same_job(id, old, r) then
        step_job_drop(id, old)
        step_job_add(id, r)
    end
    if not same_index(old, r) then
        if not is_over(old) then index_drop(id, old) end
        if not is_over(r) then index_add(id, r) end
    end
    if old[STATE] ~= r[STATE] or old[SINCE] ~= r[SINCE] then
        if old[STATE] == PROVISIONAL then call('ZREM', P .. 'prov', id) end
        if is_over(old) then done_drop(id) end
        if r[STATE] == PROVISIONAL then call('ZADD', P .. 'prov', r[SINCE], id) end
        if is_over(r) then done_add(id, r) end
    end
    if is_over(old) ~= is_over(r) then
        threads_drop(id, old)
        threads_add(id, r)
    end
    ask_settle(id, r)
    save(id, r)
end

-- ---- Its history ----

local function history_join(r, other)
    local events, h = {}, {}
    for _, list in ipairs({r[HISTORY], other[HISTORY]}) do
        for i = 1, #list, EVENT do events[#events + 1] = {unpack(list, i, i + EVENT - 1)} end
    end
    table.sort(events, function(a, b) return a[1] < b[1] end)
    for i, event in ipairs(events) do
        if i > 1 and event[2] == 'opened' then event[2] = 'asked-again' end
        for _, value in ipairs(event) do h[#h + 1] = value end
    end
    r[HISTORY] = h
    while #h > EVENT * HISTORY_MAX do history_shorten(h) end
end

-- The part that begins as the whole did keeps what happened; the other one begins.
local function history_split(id, r, part_id, part)
    local first = part[MORE].asks[1]
    if part_id == id then
        part[HISTORY] = r[HISTORY]
    else
        note(part, {t = first.start, why = first.why, track = first.track}, 'opened')
        if first.kind then note(part, {t = first.start, track = first.track}, 'promised') end
    end
end

-- ---- Two of one, one of two ----

-- Questions before copied-in mail and thanks, then by time: what the first says holds.
local function comes_before(a, b)
    if a.soft ~= b.soft then return not a.soft end
    return a.start < b.start or a.start == b.start and a.id < b.id
end

local function began_at(asks)
    local at = asks[1].start
    for _, ask in ipairs(asks) do at = math.min(at, ask.start) end
    return at
end

local function same_reply(a, b)
    return a[R_OWN] == b[R_OWN] and a[R_QID] == b[R_QID]
end

local function has_reply(r, reply)
    for _, other in ipairs(more(r).replies or {}) do if same_reply(other, reply) then return true end end
    return false
end

-- Is every reply to this one, and every end, one of the other's questions too?
local function ends_reach(r, other, asks)
    for _, ask in ipairs(asks) do
        for _, reply in ipairs(more(r).replies or {}) do
            if (ask.start > reply[R_T] or names(ask.threads, reply[R_OWN])) and not has_reply(other, reply) then return false end
        end
        for _, act in ipairs(more(r).acts or {}) do
            if is_end(act) and (ask.start > act.t or ask.id == act.into) then return false end
        end
    end
    return true
end

local function add_all(list, others)
    for _, other in ipairs(others or {}) do list[#list + 1] = other end
    return #list > 0 and list or nil
end

-- One that both have lies where it lies latest: behind each question that it names.
local function replies_of(a, b)
    local list = add_all({}, a)
    for _, reply in ipairs(b or {}) do
        local known
        for _, one in ipairs(list or {}) do known = known or same_reply(one, reply) and one end
        if known then
            known[R_T], known[R_SAID] = math.max(known[R_T], reply[R_T]), known[R_SAID] or reply[R_SAID]
        else
            list = add_all(list or {}, {reply})
        end
    end
    return list
end

-- Each question's own id leads to the deadline that it belongs to.
local function alias(id, asks)
    for _, ask in ipairs(asks) do
        if ask.id == id then
            call('DEL', P .. 'j:' .. id)
        else
            call('SET', P .. 'j:' .. ask.id, id, 'EX', ALIAS_DAYS * DAY)
        end
    end
end

-- One deadline of two; it is called after its first question. Gives id and record.
local function unite(id, r, other_id, other)
    local asks = add_all(asks_keep(id, r), asks_of(other_id, other))
    local m, o = more(r), more(other)
    table.sort(asks, comes_before)
    stand_down(id, r)
    stand_down(other_id, other)
    forget(id)
    forget(other_id)
    m.replies = replies_of(m.replies, o.replies)
    m.acts, m.told = add_all(m.acts or {}, o.acts), add_all(m.told or {}, o.told)
    m.fresh, m.asked = replies_of(m.fresh, o.fresh), add_all(m.asked or {}, o.asked)
    m.chased, m.generation = (m.chased or 0) + (o.chased or 0), (m.generation or 0) + (o.generation or 0)
    history_join(r, other)
    if #asks > ASKS_MAX then -- the latest must stay: it is the one that a reply may not have seen
        alias(asks[1].id, {table.remove(asks, ASKS_MAX / 2)})
        m.chased = m.chased + 1
    end
    id = asks[1].id
    r[THREADS] = threads_of(asks)
    alias(id, asks)
    derive(r)
    stand_up(id, r)
    return id, r
end

-- Makes one of this and whatever in its threads belongs to it, what began first before the others: that one waited when this was
-- asked.
local function absorb(id, r)
    local first, from
    for _, found in ipairs(in_threads(r[CLIENT], r[THREADS], id)) do
        local other_id, other = found[1], found[2]
        local began = began_at(asks_of(other_id, other))
        if (not from or began < from) and ends_reach(r, other, asks_of(other_id, other)) and
            ends_reach(other, r, asks_of(id, r)) then
            first, from = found, began
        end
    end
    if first then absorb(unite(id, r, first[1], first[2])) end
end

local part_of
do
local function of_asks(list, asks)
    local ids, kept = {}, {}
    for _, ask in ipairs(asks) do ids[ask.id] = true end
    for _, entry in ipairs(list or {}) do if ids[entry.id] then kept[#kept + 1] = entry end end
    return #kept > 0 and kept or nil
end

-- A fresh mail may answer what was asked before it.
local function fresh_of(list, asks)
    local kept = {}
    for _, mail in ipairs(list or {}) do if asks[1].start <= mail[R_T] then kept[#kept + 1] = {unpack(mail)} end end
    return #kept > 0 and kept or nil
end

function part_of(r, asks)
    local part, m = {unpack(r, 1, SINCE)}, more(r)
    part[HISTORY], part[THREADS], part[STEPS] = {}, threads_of(asks), {}
    part[MORE] = {asks = asks, replies = add_all({}, m.replies), acts = of_asks(m.acts, asks), told = of_asks(m.told, asks),
        fresh = fresh_of(m.fresh, asks), asked = add_all({}, m.asked)}
    local latest_start = 0
    for _, ask in ipairs(asks) do latest_start = math.max(latest_start, ask.start) end
    for i, reply in ipairs(part[MORE].replies or {}) do
        reply = {unpack(reply)}
        if reply[R_SAID] then reply[R_T] = math.max(reply[R_SAID], latest_start) end
        part[MORE].replies[i] = reply
    end
    return part
end
end

local function reply_names(qid, id)
    if qid == '' or qid == RECEIVED then return end
    call('APPEND', P .. 'q:' .. qid, id .. ' ')
    call('EXPIRE', P .. 'q:' .. qid, QUEUE_DAYS * DAY)
end

-- What `grow` adds is for those questions that `reached` says; where there are others, these become a deadline of their own. False:
-- it reaches none.
local function grow_reached(id, r, reached, grow)
    local here, there = {}, {}
    for _, ask in ipairs(asks_of(id, r)) do
        local list = reached(ask) and here or there
        list[#list + 1] = ask
    end
    if #here == 0 then return false end
    if #there == 0 then
        grow(id, r, here)
        settle(id, r)
        return true
    end
    stand_down(id, r)
    forget(id)
    for _, asks in ipairs({here, there}) do
        local part, part_id = part_of(r, asks), asks[1].id
        alias(part_id, asks)
        history_split(id, r, part_id, part)
        if asks == here then grow(part_id, part, here) end
        derive(part)
        stand_up(part_id, part)
        for _, reply in ipairs(part[MORE].replies or {}) do reply_names(reply[R_QID], part_id) end
    end
    for _, asks in ipairs({here, there}) do
        local part = load(asks[1].id) -- it may have been taken by another
        if part then absorb(asks[1].id, part) end
    end
    return true
end
