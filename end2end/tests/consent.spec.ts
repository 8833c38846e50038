// Signing in and giving consent, as an application sends people here: with JavaScript, and as plain forms.
import {
  arrived,
  bearer,
  claims,
  code,
  exchange,
  expect,
  fillSignIn,
  Request,
  scopes,
  signIn,
  test,
} from './support/world.ts';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    // Chromium reports the preload of a script that it may not run, and says that it was the CSP.
    test.use({ javaScriptEnabled, allowed: javaScriptEnabled ? [] : [{ url: /\/assets\/frontend-[^/]+\.js$/ }] });

    test('a person signs in, unticks a scope, and the token lacks it', async ({
      page,
      server,
      person,
      application,
      callback,
    }) => {
      const zoe = await person();
      const photos = await application(await person('developer'));
      const request = new Request(`${server.url}/o`, photos, callback.uri);

      await page.goto(request.url);
      await expect(page.getByText(`to continue to ${photos.name}`)).toBeVisible();
      await fillSignIn(page, zoe, zoe.email);

      await expect(page.getByRole('heading', { name: photos.name, level: 1 })).toBeVisible();
      await expect(page.getByText(zoe.email)).toBeVisible();
      await expect(page.getByText("You'll be sent to 127.0.0.1")).toBeVisible();
      // What the application can't do without is no choice.
      await expect(page.getByRole('checkbox')).toHaveCount(2);
      await page.getByLabel('See your email address').uncheck();
      await page.getByRole('button', { name: 'Allow' }).click();

      const received = await code(page, callback, server, request);
      const tokens = await exchange(server, photos, request, callback.uri, received);
      expect(scopes(tokens)).toEqual(['offline_access', 'openid', 'profile', 'read']);
      expect(claims(tokens.body.id_token)).toMatchObject({ nonce: request.nonce, aud: photos.client_id });
      const userinfo = await bearer(`${server.url}/o/userinfo`, tokens.body.access_token);
      expect(userinfo.body).toMatchObject({ preferred_username: zoe.username });
      expect(userinfo.body).not.toHaveProperty('email');
    });

    test('a no arrives at the application', async ({ page, server, person, application, callback }) => {
      const photos = await application(await person('developer'));
      const request = new Request(`${server.url}/o`, photos, callback.uri);
      await page.goto(request.url);
      await fillSignIn(page, await person());
      await page.getByRole('button', { name: 'Deny' }).click();

      const answer = await arrived(page, callback);
      expect(answer.get('error')).toBe('access_denied');
      expect(answer.get('code')).toBeNull();
      expect(answer.get('state')).toBe(request.state);
      expect(answer.getAll('iss')).toEqual([`${server.url}/o`]);
      expect(answer.get('error_uri')).toBe(`${server.url}/rules/access-denied`);
    });

    test('a wrong password is said on the same page, and the request goes on', async ({
      page,
      server,
      person,
      application,
      callback,
      allow,
    }) => {
      allow({ url: /\/login$|\/api\/session$/, status: 401 });
      const zoe = await person();
      const photos = await application(await person('developer'));
      const request = new Request(`${server.url}/o`, photos, callback.uri);
      await page.goto(request.url);
      await fillSignIn(page, { ...zoe, password: 'not this one' });
      await expect(page.getByRole('alert').filter({ hasText: 'Wrong username or password' })).toBeVisible();
      await expect(page.getByLabel('Username or email')).toHaveValue(zoe.username);
      await fillSignIn(page, zoe);
      await page.getByRole('button', { name: 'Allow' }).click();
      await code(page, callback, server, request);
    });

    test('another person is at the keyboard: Not you?', async ({ page, server, person, application, callback }) => {
      const [zoe, ada] = [await person(), await person('user', 'ada')];
      const photos = await application(await person('developer'));
      const request = new Request(`${server.url}/o`, photos, callback.uri);
      await signIn(page, server, zoe);

      await page.goto(request.url);
      await expect(page.getByText(zoe.email)).toBeVisible();
      await page.getByRole('link', { name: 'Not you?' }).click();
      await fillSignIn(page, ada);
      await expect(page.getByText(ada.email)).toBeVisible();
      await page.getByRole('button', { name: 'Allow' }).click();

      const received = await code(page, callback, server, request);
      const tokens = await exchange(server, photos, request, callback.uri, received);
      const userinfo = await bearer(`${server.url}/o/userinfo`, tokens.body.access_token);
      expect(userinfo.body).toMatchObject({ preferred_username: ada.username });
    });
  });
}

test('a consent is remembered, and so is what was left out of it', async ({
  page,
  server,
  person,
  application,
  callback,
}) => {
  const photos = await application(await person('developer'));
  await signIn(page, server, await person());
  await page.goto(new Request(`${server.url}/o`, photos, callback.uri).url);
  await page.getByLabel('See your email address').uncheck();
  await page.getByRole('button', { name: 'Allow' }).click();
  await arrived(page, callback);

  await test.step('the second time there is no question', async () => {
    const request = new Request(`${server.url}/o`, photos, callback.uri);
    await page.goto(request.url);
    const received = await code(page, callback, server, request);
    const tokens = await exchange(server, photos, request, callback.uri, received);
    expect(scopes(tokens)).toEqual(['offline_access', 'openid', 'profile', 'read']);
  });

  await test.step('prompt=consent asks again', async () => {
    await page.goto(new Request(`${server.url}/o`, photos, callback.uri, { prompt: 'consent' }).url);
    await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
  });
});

test('prompt=login asks who is there although a person is signed in', async ({
  page,
  server,
  person,
  application,
  callback,
}) => {
  const zoe = await person();
  const photos = await application(await person('developer'));
  await signIn(page, server, zoe);
  await page.goto(new Request(`${server.url}/o`, photos, callback.uri).url);
  await page.getByRole('button', { name: 'Allow' }).click();
  await arrived(page, callback);

  const begun = Math.floor(Date.now() / 1000);
  const request = new Request(`${server.url}/o`, photos, callback.uri, { prompt: 'login', login_hint: zoe.username });
  await page.goto(request.url);
  await expect(page.getByLabel('Username or email')).toHaveValue(zoe.username);
  await fillSignIn(page, zoe);
  const received = await code(page, callback, server, request);
  const tokens = await exchange(server, photos, request, callback.uri, received);
  expect(claims(tokens.body.id_token).auth_time).toBeGreaterThanOrEqual(begun);
});

test('prompt=none asks nothing, whatever is missing', async ({ page, server, person, application, callback }) => {
  const photos = await application(await person('developer'));
  const silent = () => new Request(`${server.url}/o`, photos, callback.uri, { prompt: 'none' }).url;
  await page.goto(silent());
  expect((await arrived(page, callback)).get('error')).toBe('login_required');
  await signIn(page, server, await person());
  await page.goto(silent());
  await expect(() => expect(page.url()).toContain('consent_required')).toPass();
  await page.goto(new Request(`${server.url}/o`, photos, callback.uri).url);
  await page.getByRole('button', { name: 'Allow' }).click();
  await arrived(page, callback);
  await page.goto(silent());
  await expect(() => expect(page.url()).toContain('code=')).toPass();
});
