// A request that is refused, and the way from the refusal to the corrected setting.
import { code, expect, fillSignIn, open, Request, signIn, taken, test } from './support/world.ts';

test('a wrong redirect URI: from the refusal to a link that works', async ({
  page,
  newContext,
  server,
  person,
  application,
  callback,
  allow,
}) => {
  allow({ url: /\/o\/authorize\?/, status: 400 });
  const owner = await person('developer', 'owner');
  const photos = await application(owner);
  const received = `${callback.origin}/calback/v2`;
  const request = new Request(`${server.url}/o`, photos, received);

  await test.step('the page refuses, and says nothing of what is registered', async () => {
    const answer = await page.goto(request.url);
    expect(answer?.status()).toBe(400);
    const heading = `${photos.name} sent you here with an address that it hasn't registered`;
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await page.getByText(`For the people who run ${photos.name}`).click();
    await expect(page.getByText(received)).toBeVisible();
    await expect(page.getByRole('link', { name: 'redirect-uri-mismatch' })).toBeVisible();
    expect(await page.content()).not.toContain(callback.uri);
  });

  await test.step('its owner opens the request and sees what differs', async () => {
    await page.getByRole('link', { name: 'Open this request in the dashboard' }).click();
    await fillSignIn(page, owner);
    await expect(page.getByRole('heading', { name: /^Refused at the authorization endpoint: / })).toBeVisible();
    const differs = page.locator('section').filter({ has: page.getByRole('heading', { name: 'What differs' }) });
    const [registered, sent] = [differs.getByRole('definition').first(), differs.getByRole('definition').nth(1)];
    await expect(registered).toHaveText(callback.uri);
    await expect(sent).toHaveText(received);
    await expect(registered.getByRole('deletion')).toHaveText(['l']);
    await expect(sent.getByRole('insertion')).toHaveText(['/v2']);
  });
  const trace = page.url();

  await test.step('another developer does not find it', async () => {
    allow({ url: /\/flows\//, status: 404 });
    const other = await (await newContext()).newPage();
    await signIn(other, server, await person('developer', 'other'));
    await open(other, trace);
    await expect(other.getByText('It may have been deleted, or it isn\'t yours.')).toBeVisible();
    await expect(other.getByText(callback.origin)).toHaveCount(0);
    const api = await other.request.get(trace.replace('/flows/', '/api/flows/'));
    expect(api.status()).toBe(404);
  });

  await test.step('the received address is added, after a warning, and saved', async () => {
    await taken(page);
    await page.getByRole('button', { name: 'Add the received address…' }).click();
    const warning = page.getByRole('dialog', { name: 'Is this address yours?' });
    await expect(warning.getByText('Add it only if you recognise it')).toBeVisible();
    await warning.getByRole('link', { name: 'Go to the settings' }).click();
    await expect(page.getByText("A redirect URI was filled in below. It isn't saved yet.")).toBeVisible();
    await expect(page.getByLabel('Redirect URI 2')).toHaveValue(received);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  });

  await test.step('the same link works now', async () => {
    await page.goto(request.url);
    await page.getByRole('button', { name: 'Allow' }).click();
    await code(page, callback, server, request);
    expect(new URL(page.url()).pathname).toBe('/calback/v2');
  });
});

test('a refusal that may travel goes to the application, and its owner sees it', async ({
  page,
  server,
  person,
  application,
  callback,
}) => {
  const owner = await person('developer');
  const photos = await application(owner, { scopes: ['openid', 'read'] });
  await signIn(page, server, owner);
  const request = new Request(`${server.url}/o`, photos, callback.uri, { scope: 'openid write' });
  await page.goto(request.url);
  await page.waitForURL((url) => url.searchParams.get('error') === 'invalid_scope');
  expect(new URL(page.url()).searchParams.get('state')).toBe(request.state);

  await open(page, `/apps/${photos.client_id}/flows`);
  const line = page.getByRole('row').filter({ hasText: 'Refused' });
  await expect(line).toHaveCount(1);
  await expect(page.getByRole('link', { name: /Flows 1 refused/ })).toBeVisible();
  await line.getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'The rule' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'How to fix it' })).toBeVisible();
});

test('an unknown application is refused on a page, and a stale ticket leads to sign in', async ({ page, server, callback, allow }) => {
  allow({ url: /\/o\/authorize\?/, status: 400 });
  const unknown = { client_id: 'unknown', name: 'Unknown' };
  await page.goto(new Request(`${server.url}/o`, unknown, callback.uri).url);
  await page.getByText('For the people who run it').click();
  await expect(page.getByRole('link', { name: 'client-unknown' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open this request in the dashboard' })).toHaveCount(0);
  await page.getByRole('definition').getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'How to fix it' })).toBeVisible();
  await page.goto('/login?flow=made-up');
  await expect(page.getByText('This page is old')).toBeVisible();
  await expect(page.getByLabel('Password')).toBeVisible();
});
