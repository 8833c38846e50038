// Pictures of the pages as a first visitor meets them. Run by `npm run screenshots`.
import { fileURLToPath } from 'node:url';
import { type Locator, type Page } from '@playwright/test';
import {
  addApplication,
  addPerson,
  card,
  expect,
  fillSignIn,
  open,
  type Person,
  Request,
  Server,
  taken,
  test as base,
} from './support/world.ts';

const test = base.extend<{ zoe: Person; empty: Server }>({
  // The port that the README speaks of.
  empty: async ({}, use) => {
    const server = await Server.start({ port: 8000 });
    await use(server);
    await server.stop();
  },
  baseURL: async ({ empty }, use) => use(empty.url),
  zoe: async ({ empty }, use) => use(await addPerson(empty, 'developer', 'zoe')),
});
test.use({ colorScheme: 'light', viewport: { width: 1280, height: 860 } });

/** What the window shows, once `at` is at its top. */
async function picture(page: Page, name: string, at?: Locator): Promise<void> {
  await at?.evaluate((element) => window.scrollTo(0, element.getBoundingClientRect().top + window.scrollY - 32));
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const path = fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url));
  await page.screenshot({ path, animations: 'disabled' });
}

test('consent', async ({ page, empty, zoe }) => {
  const photos = await addApplication(empty, zoe, { name: 'Acme Photos', redirectUris: ['https://photos.example/back'] });
  await open(page, new Request(`${empty.url}/o`, photos, 'https://photos.example/back').url);
  await fillSignIn(page, zoe);
  await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
  await picture(page, 'consent');
});

test('a refused request', async ({ page, empty, zoe, allow }) => {
  allow({ url: /\/o\/authorize\?/, status: 400 });
  const photos = await addApplication(empty, zoe, {
    name: 'Acme Photos',
    redirectUris: ['https://photos.example/oauth/callback'],
  });
  await page.goto(new Request(`${empty.url}/o`, photos, 'https://photos.example/oauth/calback/').url);
  await page.getByText('For the people who run').click();
  await page.getByRole('link', { name: 'Open this request in the dashboard' }).click();
  await fillSignIn(page, zoe);
  await taken(page);
  await expect(page.getByRole('heading', { name: 'What differs' })).toBeVisible();
  await picture(page, 'flow');
});

test('the playground after a refresh', async ({ page, zoe }) => {
  await open(page, '/login?next=/playground');
  await fillSignIn(page, zoe);
  await page.getByRole('button', { name: 'Create a demonstration application' }).click();
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('button', { name: 'Exchange the code' }).click();
  await expect(page.getByText('Signature passed')).toBeVisible();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('heading', { name: 'What changed' })).toBeVisible();
  await picture(page, 'playground', card(page, '5. Use them'));
});
