import { type Page } from '@playwright/test';
import { addApplication, addPerson, exchange, code, open, expect, fillSignIn, Request, Server, signIn, taken, test, fresh } from './support/world.ts';
const dir = process.env.DARK ? '/tmp/e2e/dark' : '/tmp/e2e/shots';
async function shot(page: Page, name: string) {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${dir}/${name}-${width}.png`, fullPage: true, animations: 'disabled' });
    const bad = await page.evaluate(() => {
      const w = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= w) return [];
      return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 1).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).slice(0, 12);
    });
    if (bad.length) console.log(name, width, bad);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}
test.use({ colorScheme: process.env.DARK ? 'dark' : 'light' });
test.describe.configure({ timeout: 120_000 });
test('gallery', async ({ page, server, person, application, allow, callback }) => {
  allow({ url: /./, status: 400 }); allow({ url: /./, status: 401 }); allow({ url: /./, status: 404 });allow({ url: /./, status: 422 });
  await open(page, '/'); await shot(page, 'start');
  const zoe = await person('developer', 'zoe');
  const photos = await application(zoe, { name: 'Acme Photos' });
  await application(zoe, { name: 'Kiosk', public: true });
  await application(zoe, { name: 'Nightly report', grants: ['client_credentials'], redirectUris: [], scopes: ['read'] });
  const request = new Request(`${server.url}/o`, photos, callback.uri);
  await open(page, request.url); await shot(page, 'login');
  await fillSignIn(page, { ...zoe, password: 'x' }); await expect(page.getByRole('alert').filter({ hasText: 'must' })).toBeVisible(); await shot(page, 'login-wrong');
  await fillSignIn(page, zoe); await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible(); await shot(page, 'consent');
  await page.getByRole('button', { name: 'Allow' }).click();
  const c = await code(page, callback, server, request); await exchange(server, photos, request, callback.uri, c);
  await page.goto(new Request(`${server.url}/o`, photos, callback.origin + '/calback/v2').url); await shot(page, 'refused');
  await page.getByRole('link', { name: 'Open this request in the dashboard' }).click(); await taken(page); await expect(page.getByText('What differs')).toBeVisible(); await shot(page, 'flow-refused');
  await page.getByRole('button', { name: 'Add the received' }).click(); await shot(page, 'flow-dialog');
  await page.getByRole('link', { name: 'Go to the settings' }).click(); await expect(page.getByLabel('Redirect URI 2')).toBeVisible(); await expect(page.getByLabel('openid')).toBeVisible(); await shot(page, 'settings-proposed');
  await open(page, '/apps'); await expect(page.getByText('3 applications')).toBeVisible(); await shot(page, 'apps');
  await open(page, '/apps/new'); await expect(page.getByLabel('openid')).toBeVisible(); await shot(page, 'apps-new');
  await page.getByRole('button', { name: 'Create application' }).click(); await page.waitForTimeout(500); await shot(page, 'apps-new-wrong');
  for (const tab of ['', '/credentials', '/quickstart', '/flows']) { await open(page, `/apps/${photos.client_id}${tab}`); await page.waitForTimeout(400); await shot(page, 'app' + tab.replace('/', '-')); }
  await page.getByRole('row').nth(2).getByRole('link').first().click(); await page.waitForTimeout(400); await shot(page, 'flow-completed');
  await open(page, '/connections'); await expect(page.getByText('Acme Photos')).toBeVisible(); await shot(page, 'connections');
  await page.getByRole('button', { name: /Remove access/ }).click(); await shot(page, 'connections-remove');
  await open(page, '/account'); await expect(page.getByText('this browser')).toBeVisible(); await shot(page, 'account');
  await open(page, '/logout'); await shot(page, 'logout');
  await open(page, '/rules'); await shot(page, 'rules');
  await open(page, '/rules/redirect-uri-mismatch'); await shot(page, 'rule');
  await page.goto('/nowhere'); await shot(page, 'nowhere');
  await open(page, '/playground'); await page.waitForTimeout(400); await page.getByRole('button', { name: 'Create a demonstration application' }).click(); await expect(page.getByRole('button', { name: 'Authorize' })).toBeEnabled(); await shot(page, 'play-1');
  await page.getByRole('button', { name: 'Authorize' }).click(); await page.getByRole('button', { name: 'Allow' }).click(); await expect(page.getByRole('button', { name: 'Exchange the code' })).toBeVisible(); await shot(page, 'play-2');
  await page.getByRole('button', { name: 'Exchange the code' }).click(); await expect(page.getByText('Signature passed')).toBeVisible();
  await page.getByRole('button', { name: 'Refresh' }).click(); await expect(page.getByText('What changed')).toBeVisible(); await shot(page, 'play-3');
});
