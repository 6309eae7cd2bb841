-- SPDX-License-Identifier: Apache-2.0
-- Leases due jobs: ARGV[3..7] = writer, its mark, lease (seconds), how many, token. Gives flat: key, packed record of a deadline or JSON, step index; or
-- nothing while a writer catches up, since its next change may be the reply that ends a deadline.
local writer, own_mark, lease, max, token = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local CATCHING_UP = 60

local function all_are_in()
    local writers = call('HGETALL', P .. 'writers')
    local own = own_mark == 0
    for i = 1, #writers, 2 do
        local mark, head, moved = string.match(writers[i + 1], '^(%d+) (%d+) (%d+)$')
        if tonumber(mark) < tonumber(head) and now - tonumber(moved) < CATCHING_UP then return false end
        if writers[i] == writer then own = tonumber(mark) >= own_mark end
    end
    return own
end

local jobs, times, leases, count = {}, {}, {}, 0
local gone, changed = {}, {} -- jobs; keys of records and what they say now
local lease_end = string.format('%d', now + lease)

-- Leased at the end of each round, in one call, as all that is written: a thousand due jobs are common after a night.
local function give(key, what, index)
    count = count + 1
    times[#times + 1], times[#times + 2] = lease_end, key
    leases[#leases + 1], leases[#leases + 2] = key, token
    jobs[#jobs + 1], jobs[#jobs + 2], jobs[#jobs + 3] = key, what, tostring(index)
end

local function lease_all()
    local why = sorted_settle_all()
    if why then error(why) end
    if #times == 0 then return end
    if #gone > 0 then
        call('MSET', unpack(changed))
        call('ZREM', P .. 'jobs', unpack(gone))
        call('HDEL', P .. 'leases', unpack(gone))
    end
    call('ZADD', P .. 'jobs', unpack(times))
    call('HSET', P .. 'leases', unpack(leases))
    times, leases, gone, changed = {}, {}, {}, {}
end

-- Where the steps of a deadline begin that is open, of this generation; nil of others.
local function steps_of_open(raw, wanted)
    local at, _, _, _, _, state, _, _, generation, _, _, till = outline(raw)
    if state_at(state, till) == OPEN and generation == wanted then return at end
end

-- Of the steps that came due together only the last is told: after a day of rest nobody gets five mails of one deadline.
local function latest_due(raw, at, index)
    local steps, latest = steps_in(raw, at), nil
    for i = index, (#steps - 1) / 3 - 1 do
        if steps[1 + i * 3 + AT] <= now then latest = i end
    end
    return latest
end

local function pass_over(key, id, raw, index, latest)
    local r = cmsgpack.unpack(raw)
    for i = index, latest - 1 do
        if step(r, i, SENT) == 0 then r[STEPS][i * 3 + SENT] = 2 end
    end
    raw = cmsgpack.pack(r)
    changed[#changed + 1], changed[#changed + 2] = P .. 'd:' .. id, raw
    gone[#gone + 1] = key
    give(step_key(id, r, latest), raw, latest)
end

local function take_step(key, id, generation, index, raw)
    raw = raw or raw_of(id)
    local at = raw and steps_of_open(raw, generation)
    if not at then return job_drop(key) end
    local latest = latest_due(raw, at, index)
    if latest == index then return give(key, raw, index) end
    if latest then return pass_over(key, id, raw, index, latest) end
    job_drop(key)
    step_job_add(id, cmsgpack.unpack(raw))
end

-- Whether a mail was the answer: asked while the question waits.
local function take_ask(key, id)
    local r = load(id)
    if not r or r[STATE] > SNOOZED or not r[MORE] or r[MORE].ask ~= key then return job_drop(key) end
    give(key, cmsgpack.pack(r), -1)
end

local function take(key)
    local id = string.match(key, '^ask:([^:]+):')
    if id then return take_ask(key, id) end
    local kind, qid = string.match(key, '^(%a+):(.+)$')
    local record = (kind == 'held' or kind == 'unjudged' or kind == 'notice' or kind == 'deferred') and call('HGET', P .. kind, qid)
    if kind == 'capped' then
        local client, hour = string.match(qid, '^(.*):(%d+)$')
        local count = client and call('HGET', cap_place(client, hour))
        record = cjson.encode({key = qid, count = tonumber(count or 0)})
    end
    if record then give(key, record, -1) else job_drop(key) end
end

-- The steps' records in one call.
local function take_all(keys)
    local steps, ids, generations, indexes, records, n = {}, {}, {}, {}, {}, 0
    for _, key in ipairs(keys) do
        local id, generation, index = string.match(key, '^step:([^:]+):(%d+):(%d+)$')
        if id then
            n = n + 1
            steps[n], ids[n], generations[n], indexes[n], records[n] = key, id, tonumber(generation), tonumber(index), P .. 'd:' .. id
        else
            take(key)
        end
    end
    if n == 0 then return end
    records = call('MGET', unpack(records))
    for i = 1, n do
        -- A record that makes no sense holds up no other.
        if not pcall(take_step, steps[i], ids[i], generations[i], indexes[i], records[i]) then give(steps[i], '', indexes[i]) end
    end
end

if not all_are_in() then return {} end
for _ = 1, 4 do
    local due = call('ZRANGEBYSCORE', P .. 'jobs', '-inf', now + 0.5, 'LIMIT', 0, max - count)
    if #due == 0 then break end
    take_all(due)
    lease_all()
    if count >= max then break end
end
return jobs
