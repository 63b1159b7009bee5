/*
 * The scripts of the Redis log. Redis runs each of them atomically, so everything one reads and writes belongs to one
 * moment. Both keys share one hash tag, and so one slot of a cluster:
 *   KEYS[1] the state, a hash, which is lost as a whole or not at all:
 *     nonce, last, token    the log's name, and the position of its newest entry
 *     count                 how many fields `m:…` there are
 *     m:<instance>          a gateway: "beat acknowledged"
 *     w:<publisher>         the mark of a publisher: "sight look"
 *   KEYS[2] the entries `n-0`, a stream. It is derived: it may be lost or trimmed on its own.
 */

/** The keys, with `prefix`. */
export function keysOf(prefix: string): [string, string] {
  return [`${prefix}{revocations}:state`, `${prefix}{revocations}:stream`];
}

/** The channels of the two doorbells: followers listen to `added`, publishers to `acknowledged`. */
export function channelsOf(prefix: string): { readonly added: string; readonly acknowledged: string } {
  return { added: `${prefix}{revocations}:added`, acknowledged: `${prefix}{revocations}:acknowledged` };
}

/**
 * The beginning of every script; ARGV[1] is the nonce in case a new log begins. A server that is not the primary is
 * refused: a writable replica has the primary's replication ID, and loses what is written to it. The identity consists of
 * the server's replication ID, its run ID, and the nonce: FLUSHALL keeps the first two, a failover the last.
 */
const PROLOGUE = `
local state, stream = KEYS[1], KEYS[2]
local replication = redis.call('INFO', 'replication')
if not string.find(replication, 'role:master', 1, true) then
  return redis.error_reply('READONLY the log of revocations is kept by the primary alone')
end
local nonce, last, token, count
local function begin()
  redis.call('DEL', state, stream)
  nonce, last, token, count = ARGV[1], 0, ARGV[1], 0
  redis.call('HSET', state, 'nonce', nonce, 'last', last, 'token', token, 'count', count)
end
local function isRead(answer)
  local err = type(answer) == 'table' and answer.err
  -- A user who may not read it knows nothing of it, and must not begin another one in its place.
  if err and not string.find(err, 'WRONGTYPE', 1, true) then error(err, 0) end
  return not err
end
local fields = redis.pcall('HMGET', state, 'nonce', 'last', 'token', 'count')
if isRead(fields) and isRead(redis.pcall('XLEN', stream)) then
  nonce, last, token, count = fields[1], tonumber(fields[2]), fields[3], tonumber(fields[4])
end
if not (nonce and last and token and count) then begin() end
local function identity()
  return string.match(replication, 'master_replid:(%x+)')
    .. ':' .. string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') .. ':' .. nonce
end
local function id(number)
  return string.format('%.0f-0', number)
end
local function tokenAt(entry)
  return entry and entry[2][1] == 'token' and entry[2][2]
end
local function isStreamGood()
  local top = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  return top and top[1] == id(last) and tokenAt(top) == token
end
local function has(number, itsToken)
  if number == last then return itsToken == token end
  if number > last or not isStreamGood() then return false end
  if number == 0 then return itsToken == nonce end
  return tokenAt(redis.call('XRANGE', stream, id(number), id(number))[1]) == itsToken
end
local function member(instance)
  local beat, acknowledged = string.match(redis.call('HGET', state, 'm:' .. instance) or '', '^(%d+) (-?%d+)$')
  return tonumber(beat), tonumber(acknowledged)
end
local function setMember(instance, beat, acknowledged)
  redis.call('HSET', state, 'm:' .. instance, string.format('%.0f %.0f', beat, acknowledged))
end
`;

/**
 * ARGV: nonce, the entry's token, how many entries to keep, doorbell, then the entry's fields. Returns identity, number,
 * and whether the doorbell rang: the user may lack the right to it, and the entry is added all the same.
 */
export const ADD = `${PROLOGUE}
if not isStreamGood() then redis.call('DEL', stream) end
local number = last + 1
redis.call('XADD', stream, 'MAXLEN', '~', ARGV[3], id(number), 'token', ARGV[2], unpack(ARGV, 5))
redis.call('HSET', state, 'last', number, 'token', ARGV[2])
local rung = redis.pcall('PUBLISH', ARGV[4], number)
return { identity(), number, type(rung) == 'number' and 1 or 0 }
`;

/**
 * ARGV: nonce, known identity, number and token of the position, instance, beat, maximum number of entries. Returns
 * identity, whether the position is known, number and token of the last entry, entries.
 */
export const RENEW = `${PROLOGUE}
local number, instance, beat = tonumber(ARGV[3]), ARGV[5], tonumber(ARGV[6])
local current = identity()
local known = current == ARGV[2] and has(number, ARGV[4])
local before = member(instance)
if not before and redis.call('HEXISTS', state, 'm:' .. instance) == 0 then
  redis.call('HINCRBY', state, 'count', 1)
end
setMember(instance, math.max(beat, before or 0), known and number or -1)
local entries = {}
if known and number < last then
  entries = redis.call('XRANGE', stream, id(number + 1), '+', 'COUNT', ARGV[7])
end
return { current, known and 1 or 0, last, token, entries }
`;

/** A function that returns a flat list of members and their values. */
const READ_MEMBERS = `
local function members()
  local found = {}
  local all = redis.call('HGETALL', state)
  for i = 1, #all, 2 do
    local instance = string.match(all[i], '^m:(.*)$')
    if instance then found[#found + 1], found[#found + 2] = instance, all[i + 1] end
  end
  return found
end
`;

/**
 * ARGV: nonce, instance, number and token of the position, doorbell. Rings it if this was the last member to acknowledge
 * the number; the user may lack the right to it, and the acknowledgment counts all the same.
 */
export const ACKNOWLEDGE = `${PROLOGUE}${READ_MEMBERS}
local instance, number = ARGV[2], tonumber(ARGV[3])
local beat, before = member(instance)
if not beat or before >= number or not has(number, ARGV[4]) then return end
setMember(instance, beat, number)
local all = members()
for i = 2, #all, 2 do
  if tonumber(string.match(all[i], '(-?%d+)$')) < number then return end
end
redis.pcall('PUBLISH', ARGV[5], number)
`;

/**
 * ARGV: nonce, publisher, sight, number of the look, of the reference or an empty text to open the sight, number and
 * token of the publisher's entry or empty texts. Returns identity, whether the mark was intact, whether that entry is
 * there, and two flat lists: members and their values, publishers and their marks.
 *
 * The mark is only written if it is intact, or to open a sight: otherwise it would hide from the next look that the
 * memory went back.
 */
export const LOOK = `${PROLOGUE}
local members, marks = {}, {}
local function read()
  local all = redis.call('HGETALL', state)
  for i = 1, #all, 2 do
    local kind, name = string.match(all[i], '^([mw]):(.*)$')
    local list = kind == 'm' and members or kind == 'w' and marks
    if list then list[#list + 1], list[#list + 2] = name, all[i + 1] end
  end
end
read()
if #members / 2 ~= count then
  begin()
  members, marks = {}, {}
end
local publisher, sight, number, reference = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local mark = redis.call('HGET', state, 'w:' .. publisher) or ''
local markedSight, markedNumber = string.match(mark, '^(%S+) (%d+)$')
local isIntact = reference ~= nil and markedSight == sight and tonumber(markedNumber) >= reference
if isIntact then number = math.max(number, tonumber(markedNumber)) end
if isIntact or reference == nil then
  redis.call('HSET', state, 'w:' .. publisher, string.format('%s %.0f', sight, number))
end
local holdsOwn = ARGV[6] ~= '' and has(tonumber(ARGV[6]), ARGV[7])
return { identity(), isIntact and 1 or 0, holdsOwn and 1 or 0, members, marks }
`;

/** ARGV: nonce. Returns a flat list of members and their values. */
export const MEMBERS = `${PROLOGUE}${READ_MEMBERS}
return members()
`;

/** ARGV: nonce, instance, the beat it must still have or an empty text. */
export const REMOVE = `${PROLOGUE}
local beat = member(ARGV[2])
if beat and (ARGV[3] == '' or beat == tonumber(ARGV[3])) then
  redis.call('HDEL', state, 'm:' .. ARGV[2])
  redis.call('HINCRBY', state, 'count', -1)
end
`;

/** ARGV: nonce, publisher, the mark it must still have. */
export const REMOVE_MARK = `${PROLOGUE}
if redis.call('HGET', state, 'w:' .. ARGV[2]) == ARGV[3] then redis.call('HDEL', state, 'w:' .. ARGV[2]) end
`;
