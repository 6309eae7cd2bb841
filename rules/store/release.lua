-- SPDX-License-Identifier: Apache-2.0
-- Gives a leased job back, to be due at a time: ARGV[3..5] = key, token, at. Nothing when the lease is somebody else's by now.
if call('HGET', P .. 'leases', ARGV[3]) ~= ARGV[4] then return 0 end
call('HDEL', P .. 'leases', ARGV[3])
return call('ZADD', P .. 'jobs', 'XX', 'CH', ARGV[5], ARGV[3])
