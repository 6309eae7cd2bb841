-- SPDX-License-Identifier: Apache-2.0
-- Gives leased jobs back, to be due at a time: ARGV[3..6] = key, token, at, lease end. Where the key is "" all jobs of this token, which
-- lie at the end of their lease. None whose lease is somebody else's by now. An empty lease stays: the daemon's own step-sending may
-- come in after this, and must not take the job for one that is being sent.
local MOST = 1000 -- far more than one claim takes
local key, token, at, lease_end = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local given = 0
for _, found in ipairs(key ~= '' and {key} or call('ZRANGEBYSCORE', P .. 'jobs', lease_end, lease_end, 'LIMIT', 0, MOST)) do
    if call('HGET', P .. 'leases', found) == token then
        call('HSET', P .. 'leases', found, '')
        given = given + call('ZADD', P .. 'jobs', 'XX', 'CH', at, found)
    end
end
return given
