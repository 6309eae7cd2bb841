-- SPDX-License-Identifier: Apache-2.0
-- What every script begins with: keys, deadline records, indexes, jobs. Called with ARGV[1] = "lexgate:{TAG}:" and
-- ARGV[2] = now (seconds); the script's own arguments follow.
--
-- A record is an array in MessagePack: names would cost more memory than many of the values. Threads and early marks lie in
-- hashes of a few dozen fields each, which Redis keeps as one compact block as long as a field is at most 64 bytes.
local P, now = ARGV[1], tonumber(ARGV[2])
local call = redis.call
local DAY = 86400

local CLIENT, MATTER, OWNER, LEVEL, STATE, SOFT, PRIORITY, GENERATION, START, DUE, UNTIL, STEPS, THREADS, SEALED, BY, HISTORY,
    QID, SINCE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
local OPEN, SNOOZED, PROVISIONAL, ANSWERED, CLOSED = 1, 2, 3, 4, 5
local STATES = {'open', 'snoozed', 'provisional', 'answered', 'closed'}
local AT, TELL, SENT = 1, 2, 3 -- steps are flat: at, tell, sent (0 no, 1 yes, 2 passed over), at, …
local HISTORY_MAX, THREADS_MAX = 60, 64

local function load(id)
    local raw = call('GET', P .. 'd:' .. id)
    return raw and cmsgpack.unpack(raw)
end

local function save(id, r)
    call('SET', P .. 'd:' .. id, cmsgpack.pack(r))
end

-- A message that joined a deadline left its own id as another name of it.
local function resolve(id)
    local r = load(id)
    if r then return id, r end
    local other = call('GET', P .. 'j:' .. id)
    if other then return other, load(other) end
end

local function state_at(r)
    if r[STATE] == SNOOZED and r[UNTIL] <= now then return OPEN end
    return r[STATE]
end

local function note(r, t, phrase)
    local h = r[HISTORY]
    h[#h + 1] = t
    h[#h + 1] = phrase
    if #h > 2 * HISTORY_MAX then
        table.remove(h, 1)
        table.remove(h, 1)
    end
end

local function step_count(r)
    return #r[STEPS] / 3
end

local function step(r, index, field)
    return r[STEPS][index * 3 + field]
end

-- Sorted sets. Many messages of a batch go into the same few, and one call for all of them costs a third of many: what is
-- to be added waits until the script ends, or somebody needs the set.
local ADD_MAX = 500
local adding = {}

local function sorted_settle(key)
    local pairs_of = adding[key]
    adding[key] = nil
    if pairs_of then call('ZADD', key, unpack(pairs_of)) end
end

local function sorted_add(key, score, member)
    local pairs_of = adding[key] or {}
    adding[key] = pairs_of
    pairs_of[#pairs_of + 1] = score
    pairs_of[#pairs_of + 1] = member
    if #pairs_of >= 2 * ADD_MAX then sorted_settle(key) end
end

local function sorted_drop(key, member)
    sorted_settle(key)
    return call('ZREM', key, member)
end

-- One set that cannot be written keeps nothing out of the others. Gives what was wrong, or nil.
local function sorted_settle_all()
    local why
    for key in pairs(adding) do
        local done, message = pcall(sorted_settle, key)
        if not done then why = message end
    end
    return why
end

-- Indexes by due time, of what is not done.
local function each_index(r, f)
    f(P .. 'all')
    f(P .. 'o:' .. r[OWNER])
    f(P .. 'c:' .. r[CLIENT])
    if r[MATTER] ~= '' then f(P .. 'm:' .. r[MATTER]) end
end

-- Times that fall together (a night's questions are due at the same second of the next day) lie in the order of their changes
-- and not of their ids, which would be compared all over Redis's memory. The part of a second that says so is below one half.
local place = '.000000' -- of the change that is applied, among those of its second

local function place_of(seq)
    return string.format('.%06d', (seq or 0) % 262144)
end

local function index_add(id, r)
    local due = r[DUE] .. place
    each_index(r, function(key) sorted_add(key, due, id) end)
end

local function index_drop(id, r)
    each_index(r, function(key) sorted_drop(key, id) end)
end

-- Jobs: one for the next step of each open deadline, and one for each message that is held, unjudged or to be
-- told of.
local function job_drop(key)
    if sorted_drop(P .. 'jobs', key) == 1 then call('HDEL', P .. 'leases', key) end
end

local function step_key(id, r, index)
    return string.format('step:%s:%d:%d', id, r[GENERATION], index)
end

-- The step to come: the one behind the last that was sent or passed over.
local function next_step(r)
    for i = step_count(r) - 1, 0, -1 do
        if step(r, i, SENT) ~= 0 then return i + 1 end
    end
    return 0
end

local function step_job_drop(id, r)
    job_drop(step_key(id, r, next_step(r)))
end

local function step_job_add(id, r)
    local i = next_step(r)
    if (r[STATE] == OPEN or r[STATE] == SNOOZED) and i < step_count(r) then
        local at = math.max(step(r, i, AT), r[STATE] == SNOOZED and r[UNTIL] or 0)
        sorted_add(P .. 'jobs', at .. place, step_key(id, r, i))
    end
end

-- As the C side reads it (store/decode.c); steps and history stay flat.
local function to_json(id, r)
    return cjson.encode({id = id, client = r[CLIENT], matter = r[MATTER], owner = r[OWNER], sl = r[LEVEL],
        state = STATES[r[STATE]], soft = r[SOFT] == 1, priority = r[PRIORITY], generation = r[GENERATION],
        start = r[START], due = r[DUE], ['until'] = r[UNTIL], steps = r[STEPS], p = r[SEALED], by = r[BY], history = r[HISTORY]})
end
