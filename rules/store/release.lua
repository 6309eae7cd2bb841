-- SPDX-License-Identifier: Apache-2.0
-- Gives a leased job back, to be due at a time: ARGV[3..5] = key, token, at. Nothing when the lease is somebody else's by now. An
-- empty lease stays: the daemon's own step-sending may come in after this, and must not take the job for one that is being sent.
if call('HGET', P .. 'leases', ARGV[3]) ~= ARGV[4] then return 0 end
call('HSET', P .. 'leases', ARGV[3], '')
return call('ZADD', P .. 'jobs', 'XX', 'CH', ARGV[5], ARGV[3])
