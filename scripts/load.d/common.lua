-- What the scripts share: forms, counting, the closing line that run.mjs reads. A script without
-- a `response` leaves the counting to wrk, which then need not call Lua for each answer.

form = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = os.getenv("AUTH") }

local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() succeeded, failed = 0, 0 end

function count(ok)
  if ok then succeeded = succeeded + 1 else failed = failed + 1 end
end

function done(summary, latency)
  local all, bad = 0, 0
  for _, thread in ipairs(threads) do
    all = all + thread:get("succeeded")
    bad = bad + thread:get("failed")
  end
  if all + bad == 0 then
    bad = summary.errors.status
    all = summary.requests - bad
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("\nresult done=%d failed=%d seconds=%.3f p50=%.2f p99=%.2f\n",
    all, bad + broken, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
