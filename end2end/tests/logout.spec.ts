// An application signs a person out: without asking when it shows the id_token of this session, else after a
// question; with JavaScript and as a plain form. And the application is told when a session ends elsewhere.
import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  arrived,
  card,
  claims,
  code,
  exchange,
  expect,
  fillSignIn,
  open,
  post,
  Request,
  signIn,
  test,
  type Application,
} from './support/world.ts';

const scope = 'openid read';
const refresh = (url: string, application: Application, token: unknown) =>
  post(`${url}/o/token`, application, { grant_type: 'refresh_token', refresh_token: String(token) });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    // Chromium reports the preload of a script that it may not run, and says that it was the CSP.
    test.use({ javaScriptEnabled, allowed: javaScriptEnabled ? [] : [{ url: /\/assets\/frontend-[^/]+\.js$/ }] });

    test('in doubt the person is asked, and then is back at the application', async ({
      page,
      server,
      person,
      application,
      callback,
    }) => {
      const bye = `${callback.origin}/bye`;
      const photos = await application(await person('developer'), { flags: ['--post-logout-redirect-uri', bye] });
      await signIn(page, server, await person());
      const query = new URLSearchParams({ client_id: photos.client_id, post_logout_redirect_uri: bye, state: 'x y' });

      await page.goto(`/o/logout?${query}`);
      await expect(page.getByRole('heading', { name: 'Sign out?' })).toBeVisible();
      await expect(page.getByText(`${photos.name} asks to sign you out.`)).toBeVisible();
      await expect(page.getByText(new URL(callback.origin).host)).toBeVisible();

      await test.step('who stays signed in stays', async () => {
        await page.getByRole('link', { name: 'Stay signed in' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        expect((await page.request.get('/api/session')).status()).toBe(200);
      });

      await page.goto(`/o/logout?${query}`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      const back = await arrived(page, callback);
      expect(new URL(page.url()).pathname).toBe('/bye');
      expect(back.get('state')).toBe('x y');
      expect((await page.request.get(`${server.url}/api/session`)).status()).toBe(401);
    });

    test('everywhere means the other browsers too', async ({ page, newContext, server, person }) => {
      const zoe = await person('developer');
      const elsewhere = await (await newContext()).newPage();
      await signIn(elsewhere, server, zoe);
      await signIn(page, server, zoe);
      await page.goto('/o/logout');
      await page.getByLabel('Also sign out of my other devices').check();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
      expect((await elsewhere.request.get(`${server.url}/api/session`)).status()).toBe(401);
    });
  });
}

test('with the id_token of this session there is no question, and its tokens end', async ({
  page,
  server,
  person,
  application,
  callback,
}) => {
  const bye = `${callback.origin}/bye`;
  const photos = await application(await person('developer'), { flags: ['--post-logout-redirect-uri', bye] });
  const request = new Request(`${server.url}/o`, photos, callback.uri, { scope });
  await page.goto(request.url);
  await fillSignIn(page, await person());
  await page.getByRole('button', { name: 'Allow' }).click();
  const received = await code(page, callback, server, request);
  const tokens = await exchange(server, photos, request, callback.uri, received);

  const query = new URLSearchParams({ id_token_hint: String(tokens.body.id_token), post_logout_redirect_uri: bye });
  await page.goto(`${server.url}/o/logout?${query}`);
  await arrived(page, callback);
  expect(page.url()).toBe(bye);
  const dead = await refresh(server.url, photos, tokens.body.refresh_token);
  expect(dead).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('an address that is not registered is not gone to', async ({ page, server, person, application }) => {
  const photos = await application(await person('developer'));
  await signIn(page, server, await person());
  const address = 'https://evil.example/';
  await page.goto(`/o/logout?${new URLSearchParams({ client_id: photos.client_id, post_logout_redirect_uri: address })}`);
  await expect(page.getByText('post-logout-redirect-uri-mismatch')).toBeVisible();
  expect((await page.request.get('/api/session')).status()).toBe(200);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
});

test('the application is told when a session ends, and its owner sees it', async ({
  page,
  newContext,
  server,
  person,
  application,
  callback,
}) => {
  const told: string[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      told.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const at = receiver.address();
  if (at === null || typeof at === 'string') throw new Error('no port');

  const [owner, zoe] = [await person('developer'), await person()];
  const photos = await application(owner, {
    flags: ['--backchannel-logout-uri', `http://127.0.0.1:${at.port}/out`],
  });
  // The owner is told a name where the person has let the application see it.
  const request = new Request(`${server.url}/o`, photos, callback.uri, { scope: 'openid profile read' });
  await page.goto(request.url);
  await fillSignIn(page, zoe);
  await page.getByRole('button', { name: 'Allow' }).click();
  const received = await code(page, callback, server, request);
  const tokens = await exchange(server, photos, request, callback.uri, received);

  await page.goto(`${server.url}/logout`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  await expect.poll(() => told.length).toBe(1);
  const { sub, sid } = claims(tokens.body.id_token);
  expect(claims(told[0])).toMatchObject({
    iss: `${server.url}/o`,
    aud: photos.client_id,
    sub,
    sid,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });

  const dashboard = await (await newContext()).newPage();
  await signIn(dashboard, server, owner);
  await open(dashboard, `/apps/${photos.client_id}/flows`);
  const log = card(dashboard, 'Logout tokens');
  await expect(log.getByText(zoe.username)).toBeVisible();
  await expect(log.getByText('Delivered')).toBeVisible();
  receiver.closeAllConnections();
  receiver.close();
});
