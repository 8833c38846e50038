"""Authlib walks the code flow with PKCE: discovery, sign-in, id_token, userinfo, refresh, introspection, revocation.

Argument: a JSON object with issuer, client_id, client_secret, redirect_uri, method and, for private_key_jwt, key (PEM)."""

import json
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from talk import hear, say

given = json.loads(sys.argv[1])
method = given["method"]

metadata = requests.get(f"{given['issuer']}/.well-known/openid-configuration", timeout=10).json()
keys = jwk.KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
assert metadata["issuer"] == given["issuer"], metadata["issuer"]
assert method in metadata["token_endpoint_auth_methods_supported"], metadata

session = OAuth2Session(
    client_id=given["client_id"],
    client_secret=given.get("key") or given.get("client_secret"),
    token_endpoint_auth_method=method,
    revocation_endpoint_auth_method=method,
    redirect_uri=given["redirect_uri"],
    scope="openid profile email offline_access read",
    code_challenge_method="S256",
    token_endpoint=metadata["token_endpoint"],
)


if method == "private_key_jwt":
    session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"]))

verifier = "authlib-" + "v" * 48
nonce = "authlib-nonce"
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)
say(open=url)
landed = hear()["landed"]

token = session.fetch_token(
    metadata["token_endpoint"], authorization_response=landed, state=state, code_verifier=verifier
)
algorithms = metadata["id_token_signing_alg_values_supported"]
decoded = jwt.decode(token["id_token"], keys, algorithms=algorithms)
claims = CodeIDToken(
    decoded.claims,
    decoded.header,
    {
        "iss": {"essential": True, "value": given["issuer"]},
        "aud": {"essential": True, "value": given["client_id"]},
        "nonce": {"essential": True, "value": nonce},
    },
    {"nonce": nonce, "client_id": given["client_id"], "access_token": token["access_token"]},
)
claims.validate()

userinfo = session.get(metadata["userinfo_endpoint"]).json()
assert userinfo["sub"] == claims["sub"], userinfo

before = token["access_token"]
token = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
assert token["access_token"] != before

introspected = None
if method != "none":
    answer = session.introspect_token(metadata["introspection_endpoint"], token=token["access_token"])
    introspected = answer.json()
    assert introspected["active"] is True, introspected
revoked = session.revoke_token(metadata["revocation_endpoint"], token=token["refresh_token"])
assert revoked.status_code == 200, revoked.text
assert session.get(metadata["userinfo_endpoint"]).status_code == 401

say(done=True, claims=dict(claims), userinfo=userinfo, introspected=introspected)
