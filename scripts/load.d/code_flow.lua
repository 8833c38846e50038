package.path = (debug.getinfo(1, "S").source:match("@(.*/)") or "") .. "?.lua;" .. package.path
require("common")
-- A flow is two requests: authorize, whose answer brings a code, and the exchange of that code.

local authorize, verifier = os.getenv("AUTHORIZE"), os.getenv("VERIFIER")
local cookie = { ["Cookie"] = os.getenv("COOKIE") }
local codes = {}

function request()
  local code = table.remove(codes)
  if not code then return wrk.format("GET", authorize, cookie) end
  return wrk.format("POST", "/o/token", form, "grant_type=authorization_code&code=" .. code
    .. "&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&code_verifier=" .. verifier)
end

function response(status, headers)
  if status == 303 then
    local code = (headers["location"] or ""):match("[?&]code=([^&]+)")
    if code then table.insert(codes, code) else count(false) end
  else
    count(status == 200)
  end
end
