package.path = (debug.getinfo(1, "S").source:match("@(.*/)") or "") .. "?.lua;" .. package.path
require("common")

wrk.method, wrk.path, wrk.headers = "POST", "/o/token", form
wrk.body = "grant_type=client_credentials&scope=read"
