-- SPDX-License-Identifier: Apache-2.0
-- What every script begins with: keys, deadline records, indexes, jobs. Called with ARGV[1] = "lexgate:{TAG}:" and
-- ARGV[2] = now (seconds); the script's own arguments follow.
--
-- A record is an array in MessagePack: names would cost more memory than many of the values. Threads and early marks lie in
-- hashes of a few dozen fields each, which Redis keeps as one compact block as long as a field is at most 64 bytes.
local P, now = ARGV[1], tonumber(ARGV[2])
local DAY = 86400

-- How much a script has done, by which it knows when others should have their turn.
local calls = 0
local redis_call = redis.call

local function call(...)
    calls = calls + 1
    return redis_call(...)
end

local CLIENT, MATTER, OWNER, LEVEL, STATE, SOFT, PRIORITY, GENERATION, START, DUE, UNTIL, STEPS, THREADS, SEALED, BY, HISTORY,
    QID, SINCE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
local MORE = 19 -- what is special of it (machine.lua)
local OPEN, SNOOZED, PROVISIONAL, ANSWERED, CLOSED = 1, 2, 3, 4, 5
local STATES = {'open', 'snoozed', 'provisional', 'answered', 'closed'}
local AT, TELL, SENT = 1, 2, 3 -- steps are flat: at, tell, sent (0 no, 1 yes, 2 passed over), at, …
local HISTORY_MAX, THREADS_MAX = 40, 64
local EXPECTED = '>' -- before a client: what we expect of them. Their questions have other threads and other indexes.
local EVENT = 6 -- history is flat: time, event, who, detail, why, message, time, …

-- What has long been over lies in the stream `record`, a compact block for many; `r:` says at which place of it.
local recorded = {} -- id → place, of those that were loaded from there

local function record_key(id)
    return P .. 'r:' .. string.sub(id, 1, 3)
end

local function record_drop(id, at)
    call('XDEL', P .. 'record', at)
    call('HDEL', record_key(id), id)
    recorded[id] = nil
end

local function raw_of(id)
    local raw = call('GET', P .. 'd:' .. id)
    if raw then return raw end
    local at = call('HGET', record_key(id), id)
    local entry = at and call('XRANGE', P .. 'record', at, at)[1]
    if not entry then return nil end
    recorded[id] = at
    return entry[2][4]
end

local function load(id)
    local raw = raw_of(id)
    return raw and cmsgpack.unpack(raw)
end

-- The values before the steps, behind the place where these begin: to read a whole record costs five times as much. A list of 16
-- values or more, as each record is, begins with three bytes.
local function outline(raw)
    return cmsgpack.unpack_limit(raw, UNTIL, 3)
end

-- The values of the steps, behind something else.
local function steps_in(raw, at)
    local count = string.byte(raw, at + 1) - 0x90
    if count > 15 then
        count = string.byte(raw, at + 2) * 256 + string.byte(raw, at + 3)
        at = at + 2
    end
    if count == 0 then return {0} end
    return {cmsgpack.unpack_limit(raw, count, at + 1)}
end

local function forget(id)
    call('DEL', P .. 'd:' .. id)
    local at = recorded[id] or call('HGET', record_key(id), id)
    if at then record_drop(id, at) end
end

-- Up to when what was over has gone into the stream, by when it was over; what was asked later is not in it.
local recorded_until

local function may_be_recorded(start)
    recorded_until = recorded_until or tonumber(call('GET', P .. 'recorded') or call('EXISTS', P .. 'record') == 1 and math.huge or -1)
    return start <= recorded_until + DAY -- hosts may disagree
end

-- Has the question of that time been told of, under its own or another name?
local function is_known(id, start)
    return call('EXISTS', P .. 'd:' .. id, P .. 'j:' .. id) > 0 or
        may_be_recorded(start) and call('HEXISTS', record_key(id), id) == 1
end

local function save(id, r)
    call('SET', P .. 'd:' .. id, cmsgpack.pack(r))
    if not recorded[id] then return end
    record_drop(id, recorded[id])
    if r[STATE] >= ANSWERED then call('ZADD', P .. 'fresh', r[SINCE], id) end -- it goes there again
end

-- A message that joined a deadline left its own id as another name of it.
local function resolve(id)
    local r = load(id)
    if r then return id, r end
    local other = call('GET', P .. 'j:' .. id)
    if other then return other, load(other) end
end

local function state_at(state, till)
    if state == SNOOZED and till <= now then return OPEN end
    return state
end

local function text(value)
    return type(value) == 'string' and value or ''
end

-- The opening is kept; of what came behind it the oldest give way to their number.
local function history_shorten(h)
    if h[EVENT + 2] ~= 'omitted' then
        h[EVENT + 2], h[EVENT + 3], h[EVENT + 4], h[EVENT + 5], h[EVENT + 6] = 'omitted', '', '1', '', ''
    end
    h[EVENT + 4] = string.format('%d', h[EVENT + 4] + 1)
    for _ = 1, EVENT do table.remove(h, 2 * EVENT + 1) end
end

-- What change `c` did, at the time and by the message it names.
local function note(r, c, event, who, detail)
    local h = r[HISTORY]
    local n = #h
    h[n + 1], h[n + 2], h[n + 3] = c.t, event, text(who)
    h[n + 4], h[n + 5], h[n + 6] = detail or '', text(c.why), text(c.track)
    if #h > EVENT * HISTORY_MAX then history_shorten(h) end
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

-- EXPECTED or '', and the client's name.
local function side_of(client)
    if string.byte(client) ~= 62 then return '', client end
    return EXPECTED, string.sub(client, 2)
end

-- Times that fall together (a night's questions are due at the same second of the next day) lie in the order of their changes
-- and not of their ids, which would be compared all over Redis's memory. The part of a second that says so is below one half.
local place = '.000000' -- of the change that is applied, among those of its second

local function place_of(seq)
    return string.format('.%06d', (seq or 0) % 262144)
end

-- Indexes by due time, of what is not done. Those of a client and a matter are small, and Redis keeps whole numbers in less.
local function indexes_of(r)
    local side, client = side_of(r[CLIENT])
    side = P .. side
    return side .. 'all', side .. 'o:' .. r[OWNER], side .. 'c:' .. client, r[MATTER] ~= '' and side .. 'm:' .. r[MATTER] or nil
end

local function index_add(id, r)
    local due, all, owner, client, matter = string.format('%d', r[DUE]), indexes_of(r)
    sorted_add(all, due .. place, id)
    sorted_add(owner, due .. place, id)
    sorted_add(client, due, id)
    if matter then sorted_add(matter, due, id) end
end

local function index_drop(id, r)
    for _, key in ipairs({indexes_of(r)}) do sorted_drop(key, id) end
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

local function step_time(r, index)
    return math.max(step(r, index, AT), r[STATE] == SNOOZED and r[UNTIL] or 0)
end

local function step_job_drop(id, r)
    job_drop(step_key(id, r, next_step(r)))
end

local function step_job_add(id, r)
    local i = next_step(r)
    if (r[STATE] == OPEN or r[STATE] == SNOOZED) and i < step_count(r) then
        sorted_add(P .. 'jobs', step_time(r, i) .. place, step_key(id, r, i))
    end
end

-- How many deadlines mail without proof opened in the name of a client in an hour: hash and field. A key for each would cost more
-- than a tenth of the deadline.
local function cap_place(client, hour)
    return P .. 'cap:' .. hour .. ':' .. string.sub(client, -2), client
end

-- As the C side reads it (store/decode.c).
local function shown(id, raw)
    return string.char(0xd9, #id) .. id .. raw -- packed as a text of up to 255 bytes
end
