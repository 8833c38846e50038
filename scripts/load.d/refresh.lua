package.path = (debug.getinfo(1, "S").source:match("@(.*/)") or "") .. "?.lua;" .. package.path
require("common")
-- Every answer brings the next refresh token. A connection takes one from the pile.

local tokens = {}
for token in os.getenv("TOKENS"):gmatch("%S+") do table.insert(tokens, token) end

function request()
  local token = table.remove(tokens, 1)
  return wrk.format("POST", "/o/token", form, "grant_type=refresh_token&refresh_token=" .. (token or "none"))
end

function response(status, _, body)
  local token = body:match('"refresh_token":"([^"]+)"')
  if token then table.insert(tokens, token) end
  count(status == 200)
end
