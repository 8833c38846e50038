// A client that is not ours: openid-client walks the whole way, and the browser does what a person does.
import * as client from 'openid-client';
import { arrived, expect, fillSignIn, test } from './support/world.ts';

// The issuer is http on loopback, as on a developer's machine.
const insecure = { execute: [client.allowInsecureRequests] };

for (const idTokenAlg of ['RS256', 'ES256', 'EdDSA'] as const) {
  test(`OpenID Connect with ${idTokenAlg}: sign-in, refresh, userinfo, introspection, revocation`, async ({
    page,
    server,
    person,
    application,
    callback,
  }) => {
    const zoe = await person();
    const photos = await application(await person('developer'), { idTokenAlg });
    const config = await client.discovery(
      new URL(`${server.url}/o`),
      photos.client_id,
      { client_secret: photos.client_secret, id_token_signed_response_alg: idTokenAlg },
      client.ClientSecretBasic(photos.client_secret),
      // The signature of the ID token is checked with the server's keys, too.
      { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
    );
    const [pkceCodeVerifier, expectedState, expectedNonce] = [
      client.randomPKCECodeVerifier(),
      client.randomState(),
      client.randomNonce(),
    ];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback.uri,
      scope: 'openid profile email read',
      state: expectedState,
      nonce: expectedNonce,
      max_age: '3600',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    await page.goto(url.href);
    await fillSignIn(page, zoe);
    await page.getByRole('button', { name: 'Allow' }).click();
    await arrived(page, callback);

    const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 3600, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, new URL(page.url()), checks);
    const subject = tokens.claims()?.sub ?? '';
    expect(subject).not.toBe('');
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, subject);
    expect(userinfo).toMatchObject({ preferred_username: zoe.username, email: zoe.email });

    const again = await client.refreshTokenGrant(config, String(tokens.refresh_token));
    expect(again.access_token).not.toBe(tokens.access_token);
    expect(again.refresh_token).not.toBe(tokens.refresh_token);
    expect(again.claims()?.sub).toBe(subject);

    const before = await client.tokenIntrospection(config, again.access_token);
    expect(before).toMatchObject({ active: true, client_id: photos.client_id, sub: subject });
    const hello = new URL(`${server.url}/api/hello`);
    const answer = await client.fetchProtectedResource(config, again.access_token, hello, 'GET');
    expect(await answer.json()).toMatchObject({ message: 'Hello, OAuth2!', sub: subject });

    await client.tokenRevocation(config, String(again.refresh_token), { token_type_hint: 'refresh_token' });
    expect((await client.tokenIntrospection(config, again.access_token)).active).toBe(false);
    await expect(client.fetchProtectedResource(config, again.access_token, hello, 'GET')).rejects.toThrow();
    await expect(client.refreshTokenGrant(config, String(again.refresh_token))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
}

test('plain OAuth: a public client by RFC 8414 metadata, and a code that is used twice', async ({
  page,
  server,
  person,
  application,
  callback,
}) => {
  const kiosk = await application(await person('developer'), { public: true, scopes: ['read'] });
  const config = await client.discovery(new URL(`${server.url}/o`), kiosk.client_id, undefined, client.None(), {
    algorithm: 'oauth2',
    ...insecure,
  });
  const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback.uri,
    scope: 'read',
    state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  await page.goto(url.href);
  await fillSignIn(page, await person());
  await page.getByRole('button', { name: 'Allow' }).click();
  await arrived(page, callback);

  const redeem = () => client.authorizationCodeGrant(config, new URL(page.url()), { pkceCodeVerifier, expectedState });
  const tokens = await redeem();
  expect(tokens.scope).toBe('read');
  expect(tokens.id_token).toBeUndefined();
  const hello = () => client.fetchProtectedResource(config, tokens.access_token, new URL(`${server.url}/api/hello`), 'GET');
  expect((await hello()).status).toBe(200);

  await expect(redeem()).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(hello(), 'what the code gave has ended with its second use').rejects.toThrow();
});

test('a service gets a token of its own', async ({ server, person, application }) => {
  const report = await application(await person('developer'), {
    grants: ['client_credentials'],
    redirectUris: [],
    scopes: ['read'],
  });
  const config = await client.discovery(
    new URL(`${server.url}/o`),
    report.client_id,
    report.client_secret,
    client.ClientSecretPost(report.client_secret),
    insecure,
  );
  const tokens = await client.clientCredentialsGrant(config, { scope: 'read' });
  const hello = new URL(`${server.url}/api/hello`);
  const answer = await client.fetchProtectedResource(config, tokens.access_token, hello, 'GET');
  expect(await answer.json()).toMatchObject({ message: 'Hello, OAuth2!', client_id: report.client_id });
});
