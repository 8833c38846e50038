"""The MCP library asks a protected resource, is refused, and finds its own way to a token: resource metadata, server
metadata, registration, code, and later a refresh.

Argument: a JSON object with resource (the URL to call) and redirect_uri."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from talk import hear, say

given = json.loads(sys.argv[1])


class Memory(TokenStorage):
    """Keeps what the library hands over."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def redirect(url: str) -> None:
    say(open=url)


async def callback() -> AuthorizationCodeResult:
    answer = parse_qs(urlsplit(hear()["landed"]).query)
    code, state = answer["code"][0], answer["state"][0]
    return AuthorizationCodeResult(code=code, state=state, iss=answer["iss"][0])


async def main() -> None:
    memory = Memory()
    provider = OAuthClientProvider(
        server_url=given["resource"],
        client_metadata=OAuthClientMetadata(
            client_name="An agent",
            redirect_uris=[given["redirect_uri"]],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            token_endpoint_auth_method=given.get("method", "none"),
        ),
        storage=memory,
        redirect_handler=redirect,
        callback_handler=callback,
    )
    async with httpx2.AsyncClient(auth=provider) as client:
        first = await client.get(given["resource"])
        first.raise_for_status()
        assert memory.tokens is not None and memory.tokens.refresh_token, "no refresh token"
        before = memory.tokens.access_token
        # As if the hour had passed.
        provider.context.token_expiry_time = 1.0
        second = await client.get(given["resource"])
        second.raise_for_status()
        assert memory.tokens.access_token != before, "it did not refresh"
        assert memory.client is not None
        say(
            done=True,
            client_id=memory.client.client_id,
            scope=memory.tokens.scope,
            first=first.json(),
            second=second.json(),
        )


asyncio.run(main())
