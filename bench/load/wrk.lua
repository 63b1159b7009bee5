-- The load of wrk: the bearer tokens of a file, in turn; and a report as one line of JSON. A second file has what to post:
-- headers as `name: value`, an empty line, and the body.
-- Every request is formatted before the first is sent, so that the load costs as little as possible.
local requests, at = {}, 0

function init(args)
  local method, headers, body = "GET", {}, nil
  if args[2] then
    local file = io.open(args[2])
    for line in file:lines() do
      if line == "" then break end
      local name, value = line:match("^(.-): (.*)$")
      headers[name] = value
    end
    method, body = "POST", file:read("*a")
    file:close()
  end
  for token in io.lines(args[1]) do
    headers["Authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format(method, nil, headers, body)
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
