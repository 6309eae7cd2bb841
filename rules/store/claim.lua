-- SPDX-License-Identifier: Apache-2.0
-- Leases due jobs: ARGV[3..7] = writer, its mark, lease (seconds), how many, token. Gives flat: key, token, JSON, step index; or
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

-- Leased at the end of each round, in one call: a thousand due jobs are common after a night.
local function give(key, json, index)
    count = count + 1
    local mine = token .. '.' .. count
    times[#times + 1], times[#times + 2] = now + lease, key
    leases[#leases + 1], leases[#leases + 2] = key, mine
    for _, value in ipairs({key, mine, json, tostring(index)}) do jobs[#jobs + 1] = value end
end

local function lease_all()
    local why = sorted_settle_all()
    if why then error(why) end
    if #times == 0 then return end
    call('ZADD', P .. 'jobs', unpack(times))
    call('HSET', P .. 'leases', unpack(leases))
    times, leases = {}, {}
end

-- Of the steps that came due together only the last is told: after a day of rest nobody gets five mails of one deadline.
local function latest_due(r, index)
    local latest
    for i = index, step_count(r) - 1 do
        if step(r, i, AT) <= now then latest = i end
    end
    return latest
end

local function take_step(key, id, generation, index)
    local r = load(id)
    if not r or state_at(r) ~= OPEN or r[GENERATION] ~= generation then return job_drop(key) end
    local latest = latest_due(r, index)
    if not latest then
        job_drop(key)
        return step_job_add(id, r)
    end
    if latest > index then
        job_drop(key)
        for i = index, latest - 1 do
            if step(r, i, SENT) == 0 then r[STEPS][i * 3 + SENT] = 2 end
        end
        save(id, r)
    end
    give(step_key(id, r, latest), to_json(id, r), latest)
end

local function take(key)
    local id, generation, index = string.match(key, '^step:([^:]+):(%d+):(%d+)$')
    if id then return take_step(key, id, tonumber(generation), tonumber(index)) end
    local kind, qid = string.match(key, '^(%a+):(.+)$')
    local record = (kind == 'held' or kind == 'unjudged' or kind == 'notice') and call('HGET', P .. kind, qid)
    if record then give(key, record, -1) else job_drop(key) end
end

if not all_are_in() then return {} end
for _ = 1, 4 do
    local due = call('ZRANGEBYSCORE', P .. 'jobs', '-inf', now + 0.5, 'LIMIT', 0, max - count)
    if #due == 0 then break end
    for _, key in ipairs(due) do take(key) end
    lease_all()
    if count >= max then break end
end
return jobs
