// Clients that are not ours, unmodified, each as its own users write it.
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as oauth from 'oauth4webapi';
import { Apache } from './support/apache.ts';
import { Program } from './support/program.ts';
import { addApplication, addPerson, arrived, expect, fillSignIn, fresh, Server, test } from './support/world.ts';

test.describe('Authlib', () => {
  for (const method of ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt']) {
    test(`walks the code flow as ${method}`, async ({ page, server, person, callback }) => {
      const zoe = await person();
      const developer = await person('developer');
      const flags: string[] = [];
      let key: string | undefined;
      if (method === 'private_key_jwt') {
        const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const jwk = { ...pair.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
        const file = join(server.folder, 'authlib-jwks.json');
        await writeFile(file, JSON.stringify({ keys: [jwk] }));
        flags.push('--jwks', file);
        key = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
      }
      const application = await addApplication(server, developer, {
        public: method === 'none',
        redirectUris: [callback.uri],
        flags,
      });
      const authlib = Program.start('authlib_flow', {
        issuer: `${server.url}/o`,
        client_id: application.client_id,
        client_secret: application.client_secret,
        redirect_uri: callback.uri,
        method,
        key,
      });
      try {
        await page.goto((await authlib.hear()).open);
        await fillSignIn(page, zoe);
        await page.getByRole('button', { name: 'Allow' }).click();
        await arrived(page, callback);
        authlib.say({ landed: page.url() });
        const got = await authlib.hear();
        expect(got.userinfo).toMatchObject({ preferred_username: zoe.username, email: zoe.email });
        if (method !== 'none') expect(got.introspected).toMatchObject({ active: true, client_id: application.client_id });
      } finally {
        authlib.stop();
      }
    });
  }
});

test('oauth4webapi pushes its request, signs in, refreshes and revokes', async ({ page, server, person, callback }) => {
  const zoe = await person();
  // Hyphens and more in the client id: in Basic this library sends them percent-encoded.
  const application = await addApplication(server, await person('developer'), {
    redirectUris: [callback.uri],
    flags: ['--client-id', fresh('acme-photos_v1.0-')],
  });
  const http = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(`${server.url}/o`);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http));
  const client: oauth.Client = { client_id: application.client_id };
  const auth = oauth.ClientSecretBasic(String(application.client_secret));
  const [verifier, state, nonce] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
  ];
  const pushed = await oauth.processPushedAuthorizationResponse(
    as,
    client,
    await oauth.pushedAuthorizationRequest(
      as,
      client,
      auth,
      new URLSearchParams({
        response_type: 'code',
        redirect_uri: callback.uri,
        scope: 'openid email offline_access',
        prompt: 'consent',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }),
      http,
    ),
  );
  const query = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  await page.goto(`${as.authorization_endpoint}?${query}`);
  await fillSignIn(page, zoe);
  await page.getByRole('button', { name: 'Allow' }).click();
  await arrived(page, callback);

  const answer = oauth.validateAuthResponse(as, client, new URL(page.url()), state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, answer, callback.uri, verifier, http);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '';
  const userinfo = await oauth.processUserInfoResponse(
    as,
    client,
    subject,
    await oauth.userInfoRequest(as, client, tokens.access_token, http),
  );
  expect(userinfo).toMatchObject({ sub: subject, email: zoe.email });

  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, auth, String(tokens.refresh_token), http),
  );
  const introspect = async () =>
    oauth.processIntrospectionResponse(
      as,
      client,
      await oauth.introspectionRequest(as, client, auth, refreshed.access_token, http),
    );
  expect(await introspect()).toMatchObject({ active: true, sub: subject, client_id: client.client_id });
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, auth, String(refreshed.refresh_token), http),
  );
  expect(await introspect()).toEqual({ active: false });
});

for (const mode of ['query', 'form_post']) {
  test(`mod_auth_openidc lets in the person who signed in, by ${mode}`, async ({ page, server, person, allow }) => {
    const zoe = await person();
    const port = await Apache.port();
    const application = await addApplication(server, await person('developer'), {
      redirectUris: [Apache.redirectUri(port)],
    });
    const apache = await Apache.start(port, {
      issuer: `${server.url}/o`,
      clientId: application.client_id,
      clientSecret: String(application.client_secret),
      directives: [
        `OIDCResponseMode ${mode}`,
        // A form from another site brings only cookies that say so, which needs https: the state stands in a file.
        ...(mode === 'form_post' ? ['OIDCCookieSameSite Off'] : []),
      ],
    });
    allow({ url: /favicon\.ico$/, status: 404 });
    try {
      await page.goto(apache.url);
      await fillSignIn(page, zoe);
      await page.getByRole('button', { name: 'Allow' }).click();
      await expect(page.getByRole('heading', { name: 'Inside' })).toBeVisible();
      await page.goto(`${apache.url}claims.shtml`);
      await expect(page.locator('pre')).toHaveText(/^sub=[0-9a-f-]{36}$/);
    } finally {
      await apache.stop();
    }
  });
}

test('MCP finds its way from a refusal to a token: discovery, registration, code, refresh', async ({ page, callback }) => {
  // Registration is closed unless an administrator opens it.
  const server = await Server.start({ env: { CLAVIGER_REGISTRATION: 'open' } });
  const zoe = await addPerson(server, 'user', fresh('zoe'));
  const mcp = Program.start('mcp_flow', { resource: `${server.url}/api/hello`, redirect_uri: callback.uri });
  try {
    await page.goto((await mcp.hear()).open);
    await fillSignIn(page, zoe);
    await expect(page.getByRole('heading', { name: /An agent/ })).toBeVisible();
    await page.getByRole('button', { name: 'Allow' }).click();
    await arrived(page, callback);
    mcp.say({ landed: page.url() });
    const got = await mcp.hear();
    expect(got.first).toMatchObject({ message: 'Hello, OAuth2!', client_id: got.client_id });
    expect(got.second.sub).toBe(got.first.sub);
  } finally {
    mcp.stop();
    await server.stop();
  }
});
