-- SPDX-License-Identifier: Apache-2.0
-- What each change does to deadlines (store/changes.md); to messages on hold and the like, mail.lua. batch.lua calls the handlers.
local CAP_DAYS, CAP_KEPT_DAYS = 2, 90

-- ---- What became of a reply ----

-- q:QID names what the message with this queue id answers, and what became of it ("!2@T"), in whatever order.
local function fate_of(qid, since)
    if qid == RECEIVED then return DELIVERED, since end
    local fate, at = PENDING, 0
    for word, t in string.gmatch(qid ~= '' and call('GET', P .. 'q:' .. qid) or '', '!(%d)@(%d+)') do
        word, t = tonumber(word), tonumber(t)
        if t >= since - CLOCKS_APART and word > fate then fate, at = word, t end
    end
    return fate, at
end

do
-- Its replies, and the fresh mails that may be.
local function mails_of(r)
    local all = {}
    for _, list in ipairs({more(r).replies or {}, more(r).fresh or {}}) do
        for _, mail in ipairs(list) do all[#all + 1] = mail end
    end
    return all
end

local function fate_set(c, fate, event)
    local key, word = P .. 'q:' .. c.qid, string.format('!%d@%d ', fate, c.t)
    local known = call('GET', key) or ''
    if not string.find(known, word, 1, true) then call('APPEND', key, word) end
    call('EXPIRE', key, QUEUE_DAYS * DAY)
    local seen = {}
    for name in string.gmatch(known, '[^%s!]%S*') do
        local id, r = resolve(name)
        local changed = false
        for _, reply in ipairs(r and not seen[id] and mails_of(r) or {}) do
            if reply[R_QID] == c.qid and c.t >= reply[R_T] - CLOCKS_APART and reply[R_FATE] < fate then
                reply[R_FATE], reply[R_AT], changed = fate, c.t, true
            end
        end
        if changed then
            seen[id] = true
            note(r, c, event)
            settle(id, r)
        end
    end
end

function handlers.sent(c)
    fate_set(c, DELIVERED, 'sent')
end

function handlers.bounced(c)
    fate_set(c, FAILED, 'reopened')
    local promised = call('GET', P .. 'h:' .. c.qid)
    if promised then handlers.act({op = 'act', act = 'close', id = promised, t = c.t, by = 'its bounce'}) end
    local id, r = call('GET', P .. 'h:' .. EXPECTED .. c.qid), nil
    if id then id, r = resolve(id) end
    for _, question in ipairs(r and more(r).asks or {}) do
        if question.sent_as == c.qid and (not question.lost or c.t < question.lost) then
            if not question.lost then note(r, c, 'never-asked') end
            question.lost = c.t
            settle(id, r)
        end
    end
end
end

-- ---- Questions and replies ----

local function reply_add(id, r, reply)
    local m = more(r)
    if has_reply(r, reply) then return end
    m.replies = m.replies or {}
    if #m.replies >= REPLIES_MAX then table.remove(m.replies, 2) end
    reply[R_FATE], reply[R_AT] = fate_of(reply[R_QID], reply[R_T])
    m.replies[#m.replies + 1] = reply
    reply_names(reply[R_QID], id)
    note(r, {t = reply[R_T], track = reply[R_TRACK]}, may_clear(r, reply) and 'reply' or 'perhaps', reply[R_BY])
end

-- ---- Mail that may be an answer ----

local fresh_add, fresh_early
do
local FRESH_MAX, SUGGESTED_MAX, LOOKED_AT = 8, 5, 50 -- mails a deadline, deadlines a mail, and among how many they are looked for

-- Was it waiting at that time? What is told of later may say so of earlier times.
local function waited_at(r, t)
    local m = more(r)
    for _, act in ipairs(m.acts or {}) do
        if is_end(act) and act.t <= t and act.t > reopened_at(m) then return false end
    end
    for _, reply in ipairs(m.replies or {}) do
        if reply[R_T] <= t and reply[R_T] >= reopened_at(m) and may_clear(r, reply) and (reply[R_FATE] ~= FAILED or reply[R_AT] > t) then
            return false
        end
    end
    return true
end

-- A mail in no thread of it, which may be the answer; whoever owns it is asked.
function fresh_add(id, r, mail)
    local m = more(r)
    for _, other in ipairs(m.fresh or {}) do if same_reply(other, mail) then return end end
    if r[START] > mail[R_T] or r[SOFT] == 1 or not waited_at(r, mail[R_T]) then return end
    m.fresh = m.fresh or {}
    if #m.fresh >= FRESH_MAX then return end
    mail[R_FATE], mail[R_AT] = fate_of(mail[R_QID], mail[R_T])
    m.fresh[#m.fresh + 1] = mail
    reply_names(mail[R_QID], id)
    note(r, {t = mail[R_T], track = mail[R_TRACK]}, 'perhaps', mail[R_BY])
end

-- For questions of this matter that are told of late: the latest mail. Threads are named by hashes, which have no colon.
local function fresh_hash(matter)
    return string.sub('---' .. matter, -3) .. ':' .. matter
end

function fresh_early(id, r)
    local mails = answered_early(r[CLIENT], {threads = {fresh_hash(r[MATTER])}, start = r[START]}, true)
    for _, mail in ipairs(mails) do fresh_add(id, r, mail) end
end

function handlers.suggest(c)
    local matter, own = text(c.matter), own_of(c.threads)
    local side, client = side_of(c.client)
    local index = side .. (matter ~= '' and 'm:' .. matter or 'c:' .. client)
    sorted_settle(P .. index)
    local left = SUGGESTED_MAX
    for _, id in ipairs(call('ZRANGE', P .. index, 0, LOOKED_AT - 1)) do
        local r = left > 0 and load(id)
        if r and r[CLIENT] == c.client and r[MATTER] == matter then
            fresh_add(id, r, {c.t, own, text(c.by), text(c.qid), PENDING, 0, text(c.track), text(c.as)})
            settle(id, r)
            left = left - 1
        end
    end
    answer_keep({client = c.client, threads = {own, fresh_hash(matter)}, t = c.t, qid = c.qid, track = c.track, by = c.by, as = c.as})
end

-- The owner was asked whether that mail was the answer.
handlers['ask-sent'] = function(c)
    local id, r = resolve(c.id)
    if not r then return early_keep(c.id, c) end
    local m = more(r)
    m.asked = m.asked or {}
    for _, own in ipairs(m.asked) do if own == c.own then return end end
    if #m.asked >= FRESH_MAX then table.remove(m.asked, 1) end
    m.asked[#m.asked + 1] = c.own
    note(r, c, 'asked-owner', c.to)
    settle(id, r)
end
end

-- ---- Questions ----

-- What most questions have not: `kind` (holding: a promise of ours; expected: what we ask of the client), `urgent`, `held` (the
-- queue id of one that is on hold).
local SPECIAL = {{'kind', 'promised'}, {'urgent', 'urgent'}, {'marked', 'marked-urgent'}, {'held', 'on-hold'}}

local function special(id, r, c)
    for _, each in ipairs(SPECIAL) do
        local name, event = each[1], each[2]
        if c[name] then
            if name ~= 'marked' then asks_keep(id, r)[1][name] = c[name] end
            note(r, c, c[name] == 'expected' and 'expects' or event, '', name == 'held' and c.held or '')
        end
    end
    -- What is not delivered promises and asks nothing.
    if c.kind and c.sent_as then
        local side = side_of(c.client)
        if side == EXPECTED then more(r).asks[1].sent_as = c.sent_as end
        call('SET', P .. 'h:' .. side .. c.sent_as, id, 'EX', QUEUE_DAYS * DAY)
        local fate, at = fate_of(c.sent_as, c.start)
        if fate == FAILED then early_keep(id, {op = 'bounced', qid = c.sent_as, t = at}) end
    end
end

-- Mail that proves no sender opens so many an hour in the name of one client, by the time of receipt. What is beyond is counted,
-- and somebody is told once.
local function is_beyond_cap(c)
    if c.again then call('SET', P .. 'n:' .. c.id, '', 'EX', CAP_KEPT_DAYS * DAY) end
    if not c.cap then return false end
    local hour = string.format('%d', math.floor(c.start / 3600))
    local key, field = cap_place(c.client, hour)
    local count = call('HINCRBY', key, field, 1)
    if count == 1 then call('EXPIRE', key, CAP_DAYS * DAY) end
    if count <= c.cap then return false end
    call('EXPIRE', key, CAP_KEPT_DAYS * DAY) -- audit.lua asks
    -- What joins one that waits opens none.
    for _, found in ipairs(in_threads(c.client, c.threads)) do
        if waits(found[2]) then
            call('HINCRBY', key, field, -1)
            return false
        end
    end
    local name = c.client .. ':' .. hour
    if count == c.cap + 1 and call('EXISTS', P .. 'cap-told:' .. name) == 0 then
        sorted_add(P .. 'jobs', string.format('%d', c.t), 'capped:' .. name)
    end
    return true
end

-- Opened before its own mail was told of, by an act that told it `again`: now that mail counts.
local function count_late(c)
    if not c.cap or call('DEL', P .. 'n:' .. c.id) == 0 then return end
    local key, field = cap_place(c.client, string.format('%d', math.floor(c.start / 3600)))
    if call('HINCRBY', key, field, 1) == 1 then call('EXPIRE', key, CAP_DAYS * DAY) end
end

handlers['capped-told'] = function(c)
    call('SET', P .. 'cap-told:' .. c.key, '', 'EX', CAP_DAYS * DAY)
    job_drop('capped:' .. c.key)
end

-- A question that its own deadline begins with, and is over at once where its answer was told of before it.
local function ask(c)
    local r = {c.client, text(c.matter), text(c.owner), text(c.sl), OPEN, c.soft and 1 or 0, 0, 0, c.start, c.due, 0,
        flat_steps(c.steps), {}, text(c.p), '', {}, '', c.start}
    local id, one = c.id, {threads = c.threads, start = c.start, joint = c.joint}
    if c.clears or c.joint then r[MORE] = {clears = c.clears, joint = c.joint} end
    note(r, c, 'opened')
    r[THREADS] = threads_of({one})
    special(id, r, c)
    for _, reply in ipairs(answered_early(c.client, one)) do reply_add(id, r, reply) end
    fresh_early(id, r)
    if r[MORE] then derive(r) end
    stand_up(id, r)
    absorb(id, r)
    early_apply(id)
end

-- The client's own question, in a thread of its own: it may be what is expected of them, where that is anything.
local function fresh_received(c)
    sorted_settle(P .. EXPECTED .. 'c:' .. c.client)
    if call('EXISTS', P .. EXPECTED .. 'c:' .. c.client) == 0 then return end
    handlers.suggest({client = EXPECTED .. c.client, matter = c.matter, t = c.start, by = c.client, qid = RECEIVED, threads = c.threads,
        track = c.track})
end

-- A question that was on hold has been released: now it may be shown.
local function let_go(c)
    if c.fresh and not c.held then fresh_received(c) end
    local id, r = resolve(c.id)
    for _, question in ipairs(r and not c.held and more(r).asks or {}) do
        if question.id == c.id and question.held then
            question.held, question.p = nil, text(c.p)
            note(r, c, 'let-go')
            settle(id, r)
        end
    end
end

local begin_sooner
do
-- What was said of a question by a clock behind its start took effect with that.
local function took_effect(r, c)
    local m, latest_start = more(r), 0
    for _, question in ipairs(m.asks) do latest_start = math.max(latest_start, question.start) end
    for _, reply in ipairs(m.replies or {}) do
        if reply[R_SAID] then reply[R_T] = math.max(reply[R_SAID], latest_start) end
    end
    for _, act in ipairs(m.acts or {}) do
        if act.id == c.id and act.said then act.t = math.max(act.said, c.start) + act.t % 1 end
    end
end

-- Does what ended another deadline of its threads reach this one of several questions now?
local function leaves(id, r, c)
    local m = more(r)
    if #m.asks < 2 or m.replies or end_of(m) then return false end
    for _, found in ipairs(in_threads(c.client, c.threads, id)) do
        local over = more(found[2])
        if (over.replies or end_of(over)) and ends_reach(found[2], r, {{id = c.id, start = c.start, threads = c.threads}}) then return true end
    end
    return false
end

-- Replies reach it that did not, and it may be one with what had ended before it was asked.
local function reached_sooner(c)
    for _, reply in ipairs(answered_early(c.client, {threads = c.threads, start = c.start, joint = c.joint})) do
        local id, r = resolve(c.id)
        if not has_reply(r, reply) then
            grow_reached(id, r, function(question)
                return not names(question.threads, reply[R_OWN]) and question.start <= reply[R_T]
            end, function(part_id, part) reply_add(part_id, part, reply) end)
        end
    end
    local id, r = resolve(c.id)
    local ended = end_of(more(r))
    if ended and ended.id == c.id and ended.said then -- what was asked after it goes on by itself
        grow_reached(id, r, function(question) return question.id == c.id or question.start <= ended.t end, function() end)
        id, r = resolve(c.id)
    end
    if leaves(id, r, c) then
        grow_reached(id, r, function(question) return question.id == c.id end, function() end)
    else
        absorb(id, r)
    end
end

-- A message that came twice, by two gateways, is owed from the first time on, whichever of them tells of it first.
function begin_sooner(c)
    local id, r = resolve(c.id)
    for _, question in ipairs(r and asks_of(id, r) or {}) do
        if question.id == c.id and c.start < question.start then
            local asks = asks_keep(id, r)
            stand_down(id, r)
            forget(id)
            for _, kept in ipairs(asks) do
                if kept.id == c.id then kept.start, kept.due, kept.steps = c.start, c.due, flat_steps(c.steps) end
            end
            table.sort(asks, comes_before)
            id = asks[1].id
            alias(id, asks)
            took_effect(r, c)
            derive(r)
            stand_up(id, r)
            return reached_sooner(c)
        end
    end
end
end

-- From lexgate-escalated for a message that was never judged (c.qid): the threads are in the record of that message.
function handlers.open(c)
    if c.qid then
        local record = call('HGET', P .. 'unjudged', c.qid)
        if not record then return early_keep('unjudged:' .. c.qid, c) end
        record = cjson.decode(record)
        c.threads, c.track = record.threads, record.track
    end
    if c.kind == 'expected' then c.client = EXPECTED .. c.client end
    if is_known(c.id, c.start) then
        count_late(c)
        begin_sooner(c)
        return not c.again and let_go(c)
    end
    if not is_beyond_cap(c) then ask(c) end
    if c.fresh and not c.held then fresh_received(c) end
end

-- Judged as one that joins: its threads say which, and whether that still waits.
function handlers.join(c)
    local own = c.threads and c.threads[1]
    if not own or not c.start or not c.due then return end
    c.id = 'j' .. own
    if is_known(c.id, c.start) then
        begin_sooner(c)
        return let_go(c)
    end
    if not is_beyond_cap(c) then ask(c) end
end

-- A question that itself names the answer is newer than it, and one that the answer names is older, whatever the clocks of two
-- hosts say.
local function clear_one(id, r, c, named)
    if text(c.client) ~= '' and r[CLIENT] ~= c.client and not (c.joint and more(r).joint) then return end
    local own, t, known = own_of(c.threads), c.t, {}
    for i, hash in ipairs(c.threads or {}) do known[hash] = i > 1 end
    for _, question in ipairs(asks_of(id, r)) do
        if question.id == named or known[question.threads[1] or ''] and question.start <= c.t + CLOCKS_APART then
            t = math.max(t, question.start)
        end
    end
    grow_reached(id, r, function(question)
        return not names(question.threads, own) and question.start <= t
    end, function(part_id, part)
        reply_add(part_id, part, {t, own, text(c.by), text(c.qid), PENDING, 0, text(c.track), text(c.as), c.t < t and c.t or nil})
        if c.puts_off then note(part, {t = t, track = c.track}, 'puts-off') end
    end)
end

-- The hints that named an id may be old: what else is open in the thread is answered by the same reply.
function handlers.clear(c)
    local own_id
    if text(c.id) ~= '' then
        local id, r = resolve(c.id)
        own_id = id
        if r then clear_one(id, r, c, c.id) else early_keep(c.id, c) end
    end
    for _, client in ipairs({c.client, c.joint and JOINT or nil}) do
        for _, found in ipairs(in_threads(client, {unpack(c.threads or {}, 2)}, own_id)) do
            local r = load(found[1])
            if r then clear_one(found[1], r, c) end
        end
    end
    if c.threads and c.threads[1] then answer_keep(c) end
end

-- Mail of the client in these threads: what was expected of them in it has come.
function handlers.receive(c)
    handlers.clear({client = EXPECTED .. c.client, by = c.client, qid = RECEIVED, t = c.t, track = c.track, threads = c.threads})
end

-- ---- Acts of people ----

do
local ACTS = {answer = 'answered', keep = 'kept', close = 'closed', reopen = 'reopened', snooze = 'snoozed',
    assign = 'handed-over', priority = 'priority', merge = 'merged', merged = 'merged-in',
    recompute = 'recomputed'}

-- What people see of it beside who did it.
local function detail_of(c)
    if c.act == 'recompute' then return string.format('%d %d', c.was or c.due, c.due) end
    return c['until'] and string.format('%d', c['until']) or c.owner or c.priority and string.format('%d', c.priority) or c.into or c.detail or c.reason
end

-- Which of the deadline's questions it was said of, and when: not before that was asked. In one second it is the order of its
-- writer that counts, so that who closes what they have just opened again closes it.
local function act_on(id, r, c)
    local on
    for _, question in ipairs(asks_of(id, r)) do if question.id == c.id then on = question end end
    on = on or asks_of(id, r)[1]
    return {act = c.act, id = on.id, t = math.max(c.t, on.start) + tonumber('0' .. place_of(c.seq)), said = c.t < on.start and c.t or nil,
        by = text(c.by), owner = c.owner, ['until'] = c['until'], steps = c.steps, due = c.due, priority = c.priority, into = c.into,
        own = c.own, from = c.act == 'merged' and c.detail or nil}, on
end

local function act_add(id, r, c, act)
    local m = more(r)
    if act.act ~= 'reopen' and not is_end(act) then asks_keep(id, r) end
    m.acts = m.acts or {}
    if #m.acts >= ACTS_MAX then
        if NEW_GENERATION[table.remove(m.acts, 1).act] then m.generation = (m.generation or 0) + 1 end
    end
    m.acts[#m.acts + 1] = act
    note(r, c, c.reason and 'closed-as' or ACTS[c.act], c.by, detail_of(c))
end

-- The other one hears of it, as of a question more; whether or not this one is known, and once.
local function tell_other(c)
    if c.act ~= 'merge' then return end
    handlers.act({op = 'act', seq = c.seq, act = 'merged', id = c.into, t = c.t, by = c.by, detail = c.id})
end

local function has_heard(r, act)
    for _, other in ipairs(act.from and more(r).acts or {}) do
        if other.from == act.from and other.t == act.t then return true end
    end
    return false
end

function handlers.act(c)
    if not ACTS[c.act] then error('no such act') end
    if c.into == c.id then return end
    local id, r = resolve(c.id)
    if not r then
        early_keep(c.id, c)
        return tell_other(c)
    end
    local act, on = act_on(id, r, c)
    if has_heard(r, act) then return end
    local into = c.act == 'merge' and resolve(c.into)
    grow_reached(id, r, function(question)
        return not is_end(act) or question.id == on.id or into ~= id and question.start <= act.t
    end, function(part_id, part) act_add(part_id, part, c, act) end)
    tell_other(c)
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
    local id, r = resolve(c.id)
    if not r then return early_keep(c.id, c) end
    local m = more(r)
    m.told = m.told or {}
    for _, told in ipairs(m.told) do if told.step == c.step and told.t == c.t then return end end
    if #m.told >= TOLD_MAX then return end
    m.told[#m.told + 1] = {id = act_on(id, r, c).id, step = c.step, t = c.t, next = type(c.next) == 'table' and c.next[1] and c.next or nil}
    note(r, c, 'told', c.to, c.step < step_count(r) and step(r, c.step, TELL) or '')
    settle(id, r)
end
end
