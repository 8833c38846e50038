// Every page, wide and narrow, light and dark: readable for everyone, nothing to scroll sideways, nothing
// that the browser complains about.
import { type Page } from '@playwright/test';
import {
  addApplication,
  addPerson,
  type Application,
  axe,
  expect,
  fillSignIn,
  fresh,
  open,
  type Person,
  Request,
  Server,
  signIn,
  taken,
  test as base,
} from './support/world.ts';

/** What the pages show: made once for each worker. */
interface Scene {
  owner: Person;
  photos: Application;
  /** Registered, never used, and long in every way. */
  long: Application;
}

const test = base.extend<object, { scene: Scene }>({
  scene: [
    async ({ server }, use) => {
      const owner = await addPerson(server, 'developer', fresh('bartholomew-of-the-longest-names-'));
      const photos = await addApplication(server, owner, {
        name: 'Acme Photos',
        redirectUris: ['https://photos.example/callback', 'http://127.0.0.1/callback'],
      });
      const long = await addApplication(server, owner, {
        name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
        redirectUris: [`https://${'a-long-label.'.repeat(8)}example/${'path/'.repeat(20)}callback?tenant=one`],
      });
      await use({ owner, photos, long });
    },
    { scope: 'worker' },
  ],
});

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 1024, 360, 320].map((width) => ({ colorScheme, width })),
);

/** The page as it stands, in each of its looks. No table is wider than its card (WCAG 1.4.10). */
async function inspect(page: Page): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await test.step(`${colorScheme}, ${width} px`, async () => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => ({
        page: document.documentElement.scrollWidth,
        window: document.documentElement.clientWidth,
        tables: [...document.querySelectorAll('table')].filter(
          (table) => table.offsetWidth > (table.parentElement?.clientWidth ?? 0),
        ).length,
      }));
      expect.soft(wide.tables, `tables of ${page.url()} that leave their card at ${width} px`).toBe(0);
      expect.soft(wide.page, `width of ${page.url()} in a window of ${wide.window} px`).toBeLessThanOrEqual(wide.window);
      await axe(page);
    });
  }
}

test.describe.configure({ mode: 'parallel', timeout: 180_000 });

test('sign-in, with what can go wrong', async ({ page, scene, server, allow }) => {
  await open(page, '/login');
  await inspect(page);
  await open(page, new Request(`${server.url}/o`, scene.long, String(scene.long.redirect_uris?.[0])).url);
  allow({ url: /\/api\/session$/, status: 401 });
  await fillSignIn(page, { ...scene.owner, password: 'not this one' });
  await expect(page.getByRole('alert').filter({ hasText: 'Wrong username or password' })).toBeVisible();
  await inspect(page);
});

test('consent', async ({ page, scene, server }) => {
  await signIn(page, server, scene.owner);
  await open(page, new Request(`${server.url}/o`, scene.long, String(scene.long.redirect_uris?.[0])).url);
  await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
  await inspect(page);
});

test('setup', async ({ page, allow }) => {
  const empty = await Server.start();
  try {
    await open(page, empty.url + (await empty.setupPath()));
    await inspect(page);
    allow({ url: /\/api\/setup$/, status: 422 });
    await page.getByLabel('Username').fill('zoe');
    await page.getByLabel('Email').fill('zoe@example');
    await page.getByLabel('Password').fill('zoe');
    await page.getByRole('button', { name: 'Create administrator' }).click();
    await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
    await inspect(page);
  } finally {
    await empty.stop();
  }
});

test('a refusal, and a path that leads nowhere', async ({ page, scene, server, allow }) => {
  allow({ url: /\/o\/authorize\?/, status: 400 });
  const received = `https://photos.example/${'a-long-path/'.repeat(30)}`;
  await page.goto(new Request(`${server.url}/o`, scene.photos, received).url);
  await expect(page.getByRole('heading', { name: /sent you here with an address/ })).toBeVisible();
  await page.getByText('For the people who run').click();
  await inspect(page);

  allow({ url: /\/nowhere$/, status: 404 });
  await open(page, '/nowhere');
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await inspect(page);
});

test('start, rules, and one rule', async ({ page, allow }) => {
  await open(page, '/');
  await inspect(page);
  // Rules come without the SPA.
  await page.goto('/rules');
  await inspect(page);
  await page.getByRole('searchbox', { name: 'Search' }).fill('redirect fragment');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await page.getByRole('link', { name: 'A redirect URI must not contain a fragment.' }).click();
  await expect(page.getByRole('heading', { name: 'How to fix it' })).toBeVisible();
  await inspect(page);
  allow({ url: /\/rules\/no-such-rule$/, status: 404 });
  await page.goto('/rules/no-such-rule');
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
});

test('applications: list, empty list, a new one', async ({ page, newContext, scene, server, person }) => {
  await signIn(page, server, scene.owner);
  await open(page, '/apps');
  await expect(page.getByRole('link', { name: 'Acme Photos' })).toBeVisible();
  await inspect(page);
  await open(page, '/apps/new');
  await expect(page.getByRole('group', { name: 'Scopes' })).toBeVisible();
  await inspect(page);

  const other = await (await newContext()).newPage();
  await signIn(other, server, await person('developer'));
  await open(other, '/apps');
  await expect(other.getByText('No applications yet')).toBeVisible();
  await inspect(other);
});

for (const [tab, heading] of [
  ['', 'Endpoints'],
  ['credentials', 'Secrets'],
  ['settings', 'Tokens'],
  ['quickstart', 'Sign a user in'],
  ['flows', 'Recent flows'],
]) {
  test(`an application: ${tab || 'overview'}`, async ({ page, scene, server }) => {
    await signIn(page, server, scene.owner);
    await open(page, `/apps/${scene.long.client_id}/${tab}`.replace(/\/$/, ''));
    await expect(page.getByRole('heading', { name: heading, exact: true })).toBeVisible();
    await expect(page.getByText('Loading')).toHaveCount(0);
    await inspect(page);
  });
}

test('a new secret and the question before an end', async ({ page, scene, server }) => {
  await signIn(page, server, scene.owner);
  await open(page, `/apps/${scene.photos.client_id}/credentials`);
  await page.getByRole('button', { name: 'Add a secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your new secret' });
  await expect(dialog.getByText(/^clv_cs_/)).toBeVisible();
  await inspect(page);
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('button', { name: /^Revoke/ }).first().click();
  await expect(page.getByRole('dialog', { name: 'Revoke this secret?' })).toBeVisible();
  await inspect(page);
});

test('a flow that was refused, and the list of flows', async ({ page, scene, server, allow }) => {
  allow({ url: /\/o\/authorize\?/, status: 400 });
  await signIn(page, server, scene.owner);
  await page.goto(new Request(`${server.url}/o`, scene.photos, 'https://fotos.example/callback/').url);
  await page.getByText('For the people who run').click();
  await page.getByRole('link', { name: 'Open this request in the dashboard' }).click();
  await taken(page);
  await expect(page.getByRole('heading', { name: 'What differs' })).toBeVisible();
  await inspect(page);
  await open(page, `/apps/${scene.photos.client_id}/flows`);
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await inspect(page);
});

test('playground, from the first step to the last', async ({ page, server, person }) => {
  await signIn(page, server, await person('developer'));
  await open(page, '/playground');
  await expect(page.getByText('You have no applications yet.')).toBeVisible();
  await inspect(page);
  await page.getByRole('button', { name: 'Create a demonstration application' }).click();
  await expect(page.getByRole('button', { name: 'Authorize' })).toBeEnabled();
  await inspect(page);
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('button', { name: 'Exchange the code' }).click();
  await expect(page.getByText('Signature passed')).toBeVisible();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('heading', { name: 'What changed' })).toBeVisible();
  await inspect(page);
});

test('connections, account, signing out', async ({ page, server, person, application, callback }) => {
  const photos = await application(await person('developer'));
  await signIn(page, server, await person());
  await open(page, '/connections');
  await expect(page.getByText('No apps have access')).toBeVisible();
  await inspect(page);
  await page.goto(new Request(`${server.url}/o`, photos, callback.uri).url);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL((url) => url.origin === callback.origin);
  await open(page, '/connections');
  await expect(page.getByText(photos.name)).toBeVisible();
  await inspect(page);
  await open(page, '/account');
  await expect(page.getByText('this browser')).toBeVisible();
  await inspect(page);
  await open(page, '/logout');
  await inspect(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  await inspect(page);
});

test('sign-in paints and works while its WASM does not come', async ({ page, scene }) => {
  // Never answered, as on a bad line.
  await page.route(/\.wasm$/, () => {});
  await page.goto('/login?next=/apps');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await inspect(page);
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  await fillSignIn(page, scene.owner);
  expect(new URL((await sent).url()).pathname).toBe('/login');
  await expect(page).toHaveURL('/apps');
});
