// The first minute with Claviger: an empty database, a link on the console, and then everything by hand.
import { Server } from './support/fixtures.ts';
import { card, expect, taken, test as base } from './support/world.ts';

const test = base.extend<{ empty: Server }>({
  // A server that has not been set up yet.
  empty: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },
  baseURL: async ({ empty }, use) => use(empty.url),
});

test('from the setup link to a refreshed token, and to its end', async ({ page, empty, allow }) => {
  await test.step('the link on the console makes the first administrator, once', async () => {
    await page.goto(await empty.setupPath());
    await page.getByLabel('Username').fill('zoe');
    await page.getByLabel('Email').fill('zoe@example.com');
    await page.getByLabel('Password').fill('lantern gravel ostrich tuesday');
    await page.getByRole('button', { name: 'Create administrator' }).click();
    await expect(page.getByRole('heading', { name: 'Applications', level: 1 })).toBeVisible();
    await expect(page.getByText('No applications yet')).toBeVisible();
    const again = await page.request.get(await empty.setupPath());
    expect(again.status()).toBe(403);
  });

  await test.step('a new application shows its secret once', async () => {
    await taken(page);
    await page.getByRole('link', { name: 'New application' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Acme Photos');
    await expect(page.getByLabel('Web application with a server')).toBeChecked();
    await page.getByLabel('Redirect URI 1').fill('https://photos.example/callback');
    await page.getByRole('button', { name: 'Create application' }).click();
    await expect(page.getByRole('heading', { name: 'Acme Photos is registered' })).toBeVisible();
    await expect(page.getByText('Copy the secret now.')).toBeVisible();
    const secret = await page.getByText(/^clv_cs_/).innerText();
    await page.getByRole('link', { name: 'I have copied it: go to the application' }).click();
    await expect(page.getByRole('heading', { name: 'Acme Photos', level: 1 })).toBeVisible();
    await page.getByRole('link', { name: 'Credentials' }).click();
    await expect(page.getByText(`clv_cs_…${secret.slice(-4)}`)).toBeVisible();
    await expect(page.getByText(secret)).toHaveCount(0);
  });

  await test.step('the playground makes an application for itself', async () => {
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.getByRole('button', { name: 'Create a demonstration application' }).click();
    await expect(page.getByLabel('Application', { exact: true })).toContainText('Playground');
    const url = page.getByRole('region', { name: 'Authorization URL' });
    await expect(url.getByText('code_challenge_method', { exact: true })).toBeVisible();
  });

  await test.step('it asks for access, and the answer brings a code', async () => {
    await page.getByRole('button', { name: 'Authorize' }).click();
    await expect(page.getByRole('heading', { name: 'Playground', level: 1 })).toBeVisible();
    await page.getByRole('button', { name: 'Allow' }).click();
    await expect(page.getByRole('heading', { name: '3. What came back' })).toBeVisible();
    await expect(page.getByText('Matches what this tab sent')).toBeVisible();
    await expect(page.getByText('The answer came from the server we asked')).toBeVisible();
    // What came through the address bar does not stay there.
    await expect(page).toHaveURL(`${empty.url}/playground/callback`);
  });

  const entry = (title: string) =>
    page.getByRole('group').filter({ has: page.locator('summary').filter({ hasText: title }) });

  await test.step('the code becomes tokens, and the ID token is believed', async () => {
    await page.getByRole('button', { name: 'Exchange the code' }).click();
    await expect(card(page, '4. Tokens').getByText('200 OK').first()).toBeVisible();
    await expect(page.getByRole('heading', { name: '4. Tokens' })).toBeFocused();
    const checks = card(page, 'ID token').getByRole('listitem');
    await expect(checks.filter({ hasText: 'Signature passed' })).toBeVisible();
    await expect(checks.filter({ hasText: 'Nonce passed' })).toBeVisible();
    await expect(checks.filter({ hasText: 'failed' })).toHaveCount(0);
    await expect(checks.filter({ hasText: 'not checked' })).toHaveCount(0);
  });

  await test.step('the refresh token brings new ones', async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(entry('Refresh').getByText('200 OK').first()).toBeVisible();
    await expect(entry('Refresh').getByRole('heading', { name: 'What changed' })).toBeVisible();
    const checks = card(page, 'ID token').getByRole('listitem');
    await expect(checks.filter({ hasText: 'Signature passed' })).toBeVisible();
    await expect(checks.filter({ hasText: 'failed' })).toHaveCount(0);
  });

  await test.step('the API takes the access token', async () => {
    await page.getByRole('button', { name: 'Call /api/hello' }).click();
    await expect(entry('Call /api/hello').getByText('Hello, OAuth2!')).toBeVisible();
    await page.getByRole('button', { name: 'Userinfo' }).click();
    await expect(entry('Userinfo').getByText('zoe@example.com')).toBeVisible();
  });

  await test.step('introspection tells about it', async () => {
    await page.getByRole('button', { name: 'Introspect' }).click();
    await expect(entry('Introspect').getByText('"active": true')).toBeVisible();
  });

  await test.step('a revoked token opens nothing, and the refusal names its rule', async () => {
    allow({ url: /\/api\/hello$/, status: 401 });
    await page.getByRole('button', { name: 'Revoke' }).click();
    await expect(entry('Revoke').getByText('200 OK').first()).toBeVisible();
    await page.getByRole('button', { name: 'Call /api/hello' }).click();
    const refused = entry('Call /api/hello').first();
    await expect(refused.getByText('401 Unauthorized').first()).toBeVisible();
    await refused.getByText('Refused by the rule').getByRole('link').click();
    await expect(page.getByRole('heading', { name: 'How to fix it' })).toBeVisible();
  });
});
