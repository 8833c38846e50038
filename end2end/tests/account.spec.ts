// A person's own pages: signing in and out, the password, the applications that were let in.
import { arrived, bearer, code, exchange, expect, fillSignIn, open, post, Request, signIn, taken, test } from './support/world.ts';

test('a wrong password says so, and not which of the two was wrong', async ({ page, person, allow }) => {
  allow({ url: /\/api\/session$/, status: 401 });
  const zoe = await person('developer');
  await open(page, '/login');
  const words = page.getByRole('alert').filter({ hasText: 'Wrong username or password.' });
  for (const wrong of [{ ...zoe, password: 'not this one' }, { ...zoe, username: 'unknown' }]) {
    await fillSignIn(page, wrong);
    await expect(words).toBeVisible();
    await page.reload();
    await taken(page);
  }
  await fillSignIn(page, zoe);
  await expect(page.getByRole('heading', { name: 'Applications', level: 1 })).toBeVisible();
});

test('without a session one signs in first, and gets where one wanted', async ({ page, person }) => {
  await page.goto('/connections');
  await expect(page).toHaveURL('/login?next=%2Fconnections');
  await fillSignIn(page, await person());
  await expect(page.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();
});

test('signing out here leaves other browsers alone', async ({ page, newContext, server, person, allow }) => {
  const zoe = await person('developer');
  const elsewhere = await (await newContext()).newPage();
  await signIn(elsewhere, server, zoe);
  await signIn(page, server, zoe);
  await open(page, '/apps');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  expect((await page.request.get('/api/session')).status()).toBe(401);
  await open(elsewhere, '/apps');
  await expect(elsewhere.getByRole('heading', { name: 'Applications', level: 1 })).toBeVisible();

  await test.step('the page of its own asks first', async () => {
    await elsewhere.goto('/logout');
    await elsewhere.getByRole('button', { name: 'Sign out' }).click();
    await expect(elsewhere.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  });
});

test('signing out everywhere ends every session', async ({ page, newContext, server, person }) => {
  const zoe = await person('developer');
  const elsewhere = await (await newContext()).newPage();
  await signIn(elsewhere, server, zoe);
  await signIn(page, server, zoe);
  await open(page, '/account');
  await expect(page.getByText('this browser')).toBeVisible();
  await expect(page.getByText(/^Signed in /)).toHaveCount(2);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await elsewhere.goto('/apps');
  await expect(elsewhere.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a new password', async ({ page, newContext, server, person, allow }) => {
  const zoe = await person();
  const elsewhere = await (await newContext()).newPage();
  await signIn(elsewhere, server, zoe);
  await signIn(page, server, zoe);
  await open(page, '/account');
  const change = async (current: string, next: string) => {
    await page.getByLabel('Current password').fill(current);
    await page.getByLabel('New password').fill(next);
    await page.getByRole('button', { name: 'Change password' }).click();
  };

  allow({ url: /\/api\/account\/password$/, status: 422 });
  await change('not this one', 'meadow pickle anchor seventeen');
  await expect(page.getByLabel('Current password')).toHaveAccessibleDescription('That is not your current password.');
  await change(zoe.password, zoe.username);
  await expect(page.getByLabel('New password')).toHaveAccessibleDescription(/Too easy to guess/);
  await change(zoe.password, 'meadow pickle anchor seventeen');
  await expect(page.getByText('Your password has been changed. Your other browsers are signed out.')).toBeVisible();

  await elsewhere.goto('/account');
  await fillSignIn(elsewhere, { ...zoe, password: 'meadow pickle anchor seventeen' });
  await expect(elsewhere.getByRole('heading', { name: 'Account', level: 1 })).toBeVisible();
});

test('access that is taken back ends at once', async ({ page, server, person, application, callback }) => {
  const photos = await application(await person('developer'));
  const zoe = await person();
  await signIn(page, server, zoe);
  const request = new Request(`${server.url}/o`, photos, callback.uri);
  await page.goto(request.url);
  await page.getByRole('button', { name: 'Allow' }).click();
  const received = await code(page, callback, server, request);
  const { body } = await exchange(server, photos, request, callback.uri, received);
  const works = async () => (await bearer(`${server.url}/api/hello`, body.access_token)).status;
  expect(await works()).toBe(200);

  await open(page, '/o/authorized_tokens');
  await expect(page).toHaveURL('/connections');
  await page.getByRole('button', { name: `Remove access of ${photos.name}` }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove access?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await works()).toBe(200);
  await page.getByRole('button', { name: `Remove access of ${photos.name}` }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No apps have access')).toBeVisible();

  expect(await works()).toBe(401);
  const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
  expect((await post(`${server.url}/o/token`, photos, refresh)).body.error).toBe('invalid_grant');
  await test.step('it has to ask again', async () => {
    await page.goto(new Request(`${server.url}/o`, photos, callback.uri).url);
    await page.getByRole('button', { name: 'Deny' }).click();
    expect((await arrived(page, callback)).get('error')).toBe('access_denied');
  });
});

test('people who register no applications see no developer pages', async ({ page, server, person, allow }) => {
  await signIn(page, server, await person());
  await open(page, '/');
  await expect(page).toHaveURL('/connections');
  const menu = page.getByRole('navigation', { name: 'Main' });
  await expect(menu.getByRole('link')).toHaveText(['Connections', 'Account']);
  for (const path of ['/apps', '/apps/new']) {
    await open(page, path);
    await expect(page.getByText('Ask an administrator for the developer role.')).toBeVisible();
    await expect(page.getByRole('link', { name: 'New application' })).toHaveCount(0);
  }
});

test('a password can be looked at', async ({ page }) => {
  await open(page, '/login');
  const password = page.getByLabel('Password');
  await password.fill('lantern gravel');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(password).toHaveValue('lantern gravel');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(password).toHaveAttribute('type', 'password');
});
