-- The load of wrk: the bearer tokens of a file, in turn; and a report as one line of JSON.
-- Every request is formatted before the first is sent, so that the load costs as little as possible.
local requests, at = {}, 0

function init(args)
  for token in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. token })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local line = '{"requests":%d,"microseconds":%d,"notOk":%d,"failed":%d,"p50":%d,"p99":%d}\n'
  local errors = summary.errors
  io.write(string.format(line, summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
