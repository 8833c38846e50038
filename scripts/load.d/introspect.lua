package.path = (debug.getinfo(1, "S").source:match("@(.*/)") or "") .. "?.lua;" .. package.path
require("common")

wrk.method, wrk.path, wrk.headers = "POST", "/o/introspect", form
wrk.body = "token=" .. os.getenv("TOKEN")
