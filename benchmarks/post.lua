-- A valid call for wrk, and its result as one line of JSON. Times are in microseconds.
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer sk-mock-byteplus-direct"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"CallbackURL": "https://example.com/callback"}'

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
