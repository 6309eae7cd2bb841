-- SPDX-License-Identifier: Apache-2.0
-- One answer owed, as sets that only grow: the questions that it is owed to, the replies to them and what became of these, what
-- people did, which steps were told. All else in a record follows from them (`derive`), so that several writers may tell of them in
-- any order. deadline/deadline.h has the table of what follows from what.
--
-- Questions of one client that share a thread are one deadline unless a reply or an end lies between them: `absorb` makes one of two,
-- `split` two of one when the reply is told of late. The sets of a deadline of which nothing special is known are in its record
-- alone; r[MORE] has, where there is any, `asks` (as the changes came: id, start, due, steps, …), `replies`, `acts`, `told`,
-- `fresh` (mails that may be replies, in no thread of it), `asked` (which of these somebody was asked about).
local PENDING, DELIVERED, FAILED = 0, 1, 2
local R_T, R_OWN, R_BY, R_QID, R_FATE, R_AT, R_TRACK, R_AS, R_SAID = 1, 2, 3, 4, 5, 6, 7, 8, 9 -- a reply, or a fresh mail
local OWN_LENGTH, IDS_MAX, ASKS_MAX, REPLIES_MAX, ACTS_MAX, TOLD_MAX = 12, 8, 16, 16, 32, 32
local ALIAS_DAYS, QUEUE_DAYS = 90, 14
local JOINT = '*' -- in the place of a client's id, which cannot be that
local RECEIVED = '-' -- the queue id of what came to us: it has arrived
local NEW_GENERATION = {assign = true, snooze = true, reopen = true}

local function waits(r)
    return r[STATE] == OPEN or r[STATE] == SNOOZED
end

local function is_over(r)
    return r[STATE] == ANSWERED or r[STATE] == CLOSED
end

local function own_of(threads)
    return string.sub(threads and threads[1] or '', 1, OWN_LENGTH)
end

local function names(threads, own)
    for _, hash in ipairs(own ~= '' and threads or {}) do
        if string.sub(hash, 1, OWN_LENGTH) == own then return true end
    end
    return false
end

-- ---- Threads: which deadlines of a client a hashed Message-ID leads to ----

-- What is over lies apart, so that the others stay small (lib.lua).
local function thread_key(hash, over)
    return P .. (over and 'u:' or 't:') .. string.sub(hash, 1, 3)
end

-- At most 64 bytes, however long a client's name is.
local function thread_field(client, hash)
    return #client + #hash < 64 and client .. ' ' .. hash or redis.sha1hex(client) .. hash
end

-- Asked for once in a batch: nobody else writes meanwhile.
local known_threads = {[true] = {}, [false] = {}}

local function thread_ids(client, hash, over)
    local field, ids = thread_field(client, hash), {}
    local known = known_threads[over][field]
    if known == nil then
        known = call('HGET', thread_key(hash, over), field) or ''
        known_threads[over][field] = known
    end
    for id in string.gmatch(known, '%S+') do ids[#ids + 1] = id end
    return ids
end

local function thread_put(client, hash, over, ids)
    local field, line = thread_field(client, hash), table.concat(ids, ' ')
    known_threads[over][field] = nil -- until it is written
    if line == '' then
        call('HDEL', thread_key(hash, over), field)
    else
        call('HSET', thread_key(hash, over), field, line)
    end
    known_threads[over][field] = line
end

local function thread_add(id, client, hash, over)
    local ids = thread_ids(client, hash, over)
    for _, other in ipairs(ids) do if other == id then return end end
    if #ids >= IDS_MAX then table.remove(ids, 1) end
    ids[#ids + 1] = id
    thread_put(client, hash, over, ids)
end

-- Under which names it is found: its client's, and where clients are answered jointly also that of all of them.
local function each_place(r, f)
    for _, hash in ipairs(r[THREADS]) do
        f(r[CLIENT], hash, is_over(r))
        if r[MORE] and r[MORE].joint then f(JOINT, hash, is_over(r)) end
    end
end

local function threads_add(id, r)
    each_place(r, function(client, hash, over) thread_add(id, client, hash, over) end)
end

local function threads_drop(id, r)
    each_place(r, function(client, hash, over)
        local kept = {}
        for _, other in ipairs(thread_ids(client, hash, over)) do if other ~= id then kept[#kept + 1] = other end end
        thread_put(client, hash, over, kept)
    end)
end

-- Without repeats, as many as a record may have.
local function threads_of(asks)
    local known, list = {}, {}
    for _, ask in ipairs(asks) do
        for _, hash in ipairs(ask.threads or {}) do
            if not known[hash] and #list < THREADS_MAX then
                known[hash] = true
                list[#list + 1] = hash
            end
        end
    end
    return list
end

-- All deadlines of the client in these threads but `id`, each once: {id, record}, …
local function in_threads(client, threads, id)
    local seen, found = {[id or ''] = true}, {}
    for _, over in ipairs({false, true}) do
        for _, hash in ipairs(threads or {}) do
            for _, other in ipairs(thread_ids(client, hash, over)) do
                local r = not seen[other] and load(other)
                seen[other] = true
                if r then found[#found + 1] = {other, r} end
            end
        end
    end
    return found
end

-- ---- What follows ----

local function flat_steps(steps)
    local flat = {}
    for _, s in ipairs(steps or {}) do
        flat[#flat + 1] = s[1]
        flat[#flat + 1] = s[2]
        flat[#flat + 1] = 0
    end
    return flat
end

local function more(r)
    r[MORE] = r[MORE] or {}
    return r[MORE]
end

-- The steps of a record that only has its own, as they were before anybody was told.
local function untold_steps(r)
    local steps = {}
    for i = 1, 3 * (more(r).first or step_count(r)) do steps[i] = i % 3 == 0 and 0 or r[STEPS][i] end
    return steps
end

-- Its questions. A record with one has it in its own members until these say something else (`asks_keep`).
local function asks_of(id, r)
    local h = r[HISTORY]
    return more(r).asks or
        {{id = id, start = r[START], due = r[DUE], steps = untold_steps(r), matter = r[MATTER], owner = r[OWNER], sl = r[LEVEL],
            p = r[SEALED], threads = r[THREADS], soft = r[SOFT] == 1, why = h[5], track = h[6],
            clears = more(r).clears, joint = more(r).joint}}
end

local function asks_keep(id, r)
    more(r).asks = asks_of(id, r)
    return more(r).asks
end

-- Of several acts of one kind the latest rules; of those in one second one of them, whoever tells first.
local function latest(acts, kind, value)
    local found
    for _, act in ipairs(acts or {}) do
        if act.act == kind and (not found or act.t > found.t or act.t == found.t and act[value] > found[value]) then found = act end
    end
    return found
end

-- When it was last opened again by hand; -1: never.
local function reopened_at(m)
    local at = -1
    for _, act in ipairs(m.acts or {}) do if act.act == 'reopen' then at = math.max(at, act.t) end end
    return at
end

local ENDS = {answer = ANSWERED, close = CLOSED, merge = CLOSED}

local function is_end(act)
    return ENDS[act.act] ~= nil
end

-- Who ended it, a reply aside: the first to do so since it was last opened again.
local function end_of(m)
    local found
    for _, act in ipairs(m.acts or {}) do
        if is_end(act) and act.t > reopened_at(m) and
            (not found or act.t < found.t or act.t == found.t and act.act .. act.by < found.act .. found.by) then
            found = act
        end
    end
    return found
end

-- Who owned it then.
local function owner_at(r, t)
    local m, found = more(r), nil
    for _, act in ipairs(m.acts or {}) do
        if act.act == 'assign' and act.t <= t and (not found or act.t > found.t or act.t == found.t and act.owner > found.owner) then
            found = act
        end
    end
    return found and found.owner or m.asks and m.asks[1].owner or r[OWNER]
end

-- May this reply answer it? `clears` of the first question says who else than the owner: words, nil anybody.
local function may_clear(r, reply)
    local m, whose = more(r), {}
    local words = m.asks and m.asks[1].clears or not m.asks and m.clears
    if not words then return true end
    for word in string.gmatch(words .. ' ' .. owner_at(r, reply[R_T]), '%S+') do whose[word] = word ~= 'owner' end
    for name in string.gmatch(reply[R_BY] .. ' ' .. (reply[R_AS] or ''), '%S+') do if whose[name] then return true end end
    return false
end

-- What may have answered it, and nobody has said no to yet: a fresh mail to its client, a reply of somebody who may not
-- answer. The first of them, and whether somebody was asked about any.
local function suggestion_of(r)
    local m, found, asked = more(r), nil, false
    local function consider(mail)
        if mail[R_FATE] == FAILED then return end
        for _, act in ipairs(m.acts or {}) do
            if act.act == 'keep' and (math.floor(act.t) > mail[R_T] or act.own == mail[R_OWN]) then return end
        end
        for _, own in ipairs(m.asked or {}) do asked = asked or own == mail[R_OWN] end
        if not found or mail[R_T] < found[R_T] or mail[R_T] == found[R_T] and mail[R_OWN] < found[R_OWN] then found = mail end
    end
    for _, mail in ipairs(m.fresh or {}) do consider(mail) end
    for _, reply in ipairs(m.replies or {}) do if not may_clear(r, reply) then consider(reply) end end
    return found, asked
end

-- The reply that counts: the first that was delivered, else the first under way.
local function reply_of(r)
    local m, found = more(r), nil
    local function before(a, b)
        if a[R_FATE] ~= b[R_FATE] then return a[R_FATE] > b[R_FATE] end
        local x, y = a[R_FATE] == DELIVERED and a[R_AT] or a[R_T], b[R_FATE] == DELIVERED and b[R_AT] or b[R_T]
        return x < y or x == y and a[R_QID] .. a[R_BY] < b[R_QID] .. b[R_BY]
    end
    for _, reply in ipairs(m.replies or {}) do
        if reply[R_FATE] ~= FAILED and reply[R_T] >= reopened_at(m) and may_clear(r, reply) and
            (not found or before(reply, found)) then
            found = reply
        end
    end
    return found
end

-- What follows from all of it. (In a block: Lua allows a script 200 names.)
local derive
do
-- When the last of our questions to a client was reported as not delivered; -1: one was not.
local function lost_at(m)
    local at = -1
    for _, ask in ipairs(m.asks or {}) do
        if not ask.lost then return -1 end
        at = math.max(at, ask.lost)
    end
    return at
end

local function derive_state(r)
    local m = more(r)
    local ended, reply, snooze, lost = end_of(m), reply_of(r), latest(m.acts, 'snooze', 'until'), lost_at(m)
    local opened, generation = reopened_at(m), m.generation or 0
    for _, act in ipairs(m.acts or {}) do if NEW_GENERATION[act.act] then generation = generation + 1 end end
    for _, other in ipairs(m.replies or {}) do
        if other[R_FATE] == FAILED and may_clear(r, other) then
            generation = generation + 1
            if other[R_T] >= reopened_at(m) then opened = math.max(opened, other[R_AT]) end
        end
    end
    r[GENERATION], r[BY], r[QID] = generation, '', ''
    if ended then
        r[STATE], r[BY], r[SINCE] = ENDS[ended.act], ended.by, math.floor(ended.t)
    elseif lost > reopened_at(m) then
        r[STATE], r[BY], r[SINCE] = CLOSED, 'its bounce', lost
    elseif reply then
        r[STATE], r[BY], r[QID] = reply[R_FATE] == DELIVERED and ANSWERED or PROVISIONAL, reply[R_BY], reply[R_QID]
        r[SINCE] = reply[R_FATE] == DELIVERED and reply[R_AT] or reply[R_T]
    else
        r[STATE] = snooze and snooze.t >= opened and SNOOZED or OPEN
        r[SINCE] = math.floor(math.max(r[START], opened))
    end
    r[UNTIL] = snooze and snooze['until'] or 0
    local mail = waits(r) and r[SOFT] == 0 and suggestion_of(r)
    m.suggested = mail and {mail[R_T], mail[R_BY], mail[R_OWN]} or nil
end

-- The latest act that counted this question's time anew; `wanted`: of those with steps behind a snooze until then (0: with none).
local function recount_of(m, ask, wanted)
    local found
    for _, act in ipairs(m.acts or {}) do
        if act.act == 'recompute' and act.id == ask.id and (not wanted or (act['until'] or 0) == wanted) and
            (not found or act.t > found.t or act.t == found.t and act.due > found.due) then
            found = act
        end
    end
    return found
end

-- Whose time holds: the first one's, or that of an urgent one that is due sooner; of ours to a client the latest that was not lost.
local function lead_of(m)
    local asks = m.asks
    local lead = asks[1]
    local function due_of(ask)
        return (recount_of(m, ask) or ask).due
    end
    if lead.kind == 'expected' then
        for _, ask in ipairs(asks) do if not ask.lost or lead.lost then lead = ask end end
        return lead
    end
    for _, ask in ipairs(asks) do
        if ask.urgent and not ask.soft and due_of(ask) < due_of(lead) then lead = ask end
    end
    return lead
end

-- The steps before they were counted anew, and as they were each time: what was told of one of them stays told.
local function ladders_of(m, base, till)
    local ladders, lead = {base}, m.asks and lead_of(m)
    for _, act in ipairs(lead and m.acts or {}) do
        if act.act == 'recompute' and act.id == lead.id and (act['until'] or 0) == till then
            ladders[#ladders + 1] = flat_steps(act.steps)
        end
    end
    return ladders
end

local function was_due(ladders, index, t)
    for _, steps in ipairs(ladders) do
        local at = steps[index * 3 + AT]
        if at and at <= t then return true end
    end
    return false
end

-- The steps from the start, and what was told of them by then; those that a claim passed over stay so.
local function derive_steps(r)
    local m, old = more(r), r[STEPS]
    local snooze = latest(m.acts, 'snooze', 'until')
    if not snooze and not m.asks and not m.told then return end
    local steps = snooze and flat_steps(snooze.steps) or m.asks and {unpack(lead_of(m).steps)} or untold_steps(r)
    local till = snooze and snooze['until'] or 0
    local again, ladders = m.asks and recount_of(m, lead_of(m), till), ladders_of(m, steps, till)
    if again then steps = flat_steps(again.steps) end
    ladders[#ladders + 1] = steps
    r[STEPS] = steps
    table.sort(m.told or {}, function(a, b) return a.step < b.step or a.step == b.step and a.t < b.t end)
    for _, told in ipairs(m.told or {}) do
        local count = step_count(r)
        local i = again and math.min(told.step, count - 1) or told.step
        if i >= 0 and i < count and was_due(ladders, told.step, told.t) then
            for k = 0, i - 1 do
                if step(r, k, SENT) == 0 then steps[k * 3 + SENT] = 2 end
            end
            steps[i * 3 + SENT] = 1
            if told.next and i == count - 1 then
                if not m.asks then m.first = m.first or count end
                for _, value in ipairs({told.next[1], told.next[2], 0}) do steps[#steps + 1] = value end
            end
        end
    end
    local same, count = true, math.min(#old, #steps)
    for i = 1, count do same = same and (i % 3 == 0 or old[i] == steps[i]) end
    for i = 3, same and count or 0, 3 do
        if old[i] == 2 and steps[i] == 0 then steps[i] = 2 end
    end
end

local function derive_questions(r)
    local m, chased = more(r), 0
    local first, lead, owner = m.asks[1], lead_of(m), latest(m.acts, 'assign', 'owner')
    if lead.kind == 'expected' then first = lead end
    local set = latest(m.acts, 'priority', 'priority')
    for i, ask in ipairs(m.asks) do
        if i > 1 and not ask.soft and (not set or ask.start > set.t) then chased = chased + 1 end
    end
    for _, act in ipairs(m.acts or {}) do
        if act.act == 'merged' and (not set or act.t > set.t) then chased = chased + 1 end
    end
    r[START], r[DUE], r[MATTER], r[LEVEL], r[SEALED] = first.start, (recount_of(m, lead) or lead).due, first.matter, lead.sl, first.p
    m.clears, m.joint = first.clears, first.joint
    m.lead = lead ~= first and {lead.id, lead.start} or nil
    r[SOFT], r[OWNER] = first.soft and 1 or 0, owner and owner.owner or first.owner
    r[PRIORITY] = (set and set.priority or 0) + chased + (m.chased or 0)
end

function derive(r)
    if more(r).asks then derive_questions(r) end
    derive_state(r)
    derive_steps(r)
end
end
