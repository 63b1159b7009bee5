/*
 * The scripts of the Redis log. Redis runs each of them whole, so that what it reads and what it writes belong to one
 * moment. All keys share one hash tag and so one slot of a cluster:
 *   KEYS[1] stream of entries `n-0`   KEYS[2] members: instance → "renewals acknowledged"
 *   KEYS[3] nonce                     KEYS[4] number of the last entry
 */

/** The keys, for a name of the log. */
export function keysOf(name: string): [string, string, string, string] {
  return [`{${name}}:entries`, `{${name}}:members`, `{${name}}:nonce`, `{${name}}:last`];
}

/**
 * The identity of the log: the server's replication id and a nonce that is written with the log. FLUSHALL keeps the
 * former, a failover to a replica the latter; only together do they name one history.
 */
const IDENTITY = `
local function identity(nonce)
  redis.call('SET', KEYS[3], nonce, 'NX')
  local replication_id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  return replication_id .. ':' .. redis.call('GET', KEYS[3])
end
local function last()
  return tonumber(redis.call('GET', KEYS[4]) or '0')
end
`;

/** ARGV: nonce, how many entries to keep, doorbell, then the entry's fields. Answers identity, number. */
export const ADD = `${IDENTITY}
local identity = identity(ARGV[1])
local number = redis.call('INCR', KEYS[4])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 4))
redis.call('PUBLISH', ARGV[3], number)
return { identity, number }
`;

/** ARGV: nonce, identity known, position, instance, how many entries at most. Answers identity, last, entries. */
export const RENEW = `${IDENTITY}
local identity = identity(ARGV[1])
local follows = identity == ARGV[2]
local member = redis.call('HGET', KEYS[2], ARGV[4])
local renewals = member and tonumber(string.match(member, '^(%d+)')) or 0
redis.call('HSET', KEYS[2], ARGV[4], (renewals + 1) .. ' ' .. (follows and ARGV[3] or '-1'))
local entries = {}
if follows and tonumber(ARGV[3]) < last() then
  entries = redis.call('XRANGE', KEYS[1], (tonumber(ARGV[3]) + 1) .. '-0', '+', 'COUNT', ARGV[5])
end
return { identity, last(), entries }
`;

/** ARGV: nonce, identity known, position, instance. */
export const ACKNOWLEDGE = `${IDENTITY}
local member = redis.call('HGET', KEYS[2], ARGV[4])
if member and identity(ARGV[1]) == ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[4], string.match(member, '^(%d+)') .. ' ' .. ARGV[3])
end
`;

/** ARGV: nonce. Answers identity, members as a flat list of instance and value. */
export const MEMBERS = `${IDENTITY}
return { identity(ARGV[1]), redis.call('HGETALL', KEYS[2]) }
`;

/** ARGV: instance, the renewals it must still have or an empty text. */
export const REMOVE = `
local member = redis.call('HGET', KEYS[2], ARGV[1])
if member and (ARGV[2] == '' or string.match(member, '^(%d+)') == ARGV[2]) then
  redis.call('HDEL', KEYS[2], ARGV[1])
end
`;
