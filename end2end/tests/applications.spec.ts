// A developer's applications in the dashboard.
import { type Locator, type Page } from '@playwright/test';
import { axe, card, expect, fresh, open, post, signIn, test } from './support/world.ts';

test('the list finds an application by what the developer knows of it', async ({ page, server, person, application }) => {
  const [zoe, ada] = [await person('developer'), await person('developer', 'ada')];
  const [photos, notes, till] = [fresh('Acme Photos '), fresh('Notes '), fresh('Till ')];
  await application(zoe, { name: photos, redirectUris: ['https://photos.example/callback'] });
  const { client_id } = await application(zoe, { name: notes });
  await application(zoe, { name: till, grants: ['client_credentials'], redirectUris: [], scopes: ['read'] });
  await application(ada, { name: fresh('Another developer’s ') });
  await signIn(page, server, zoe);

  await open(page, '/o/applications');
  await expect(page).toHaveURL('/apps');
  await expect(page.getByRole('status').filter({ hasText: '3 applications' })).toBeVisible();
  await expect(page.getByText('Another developer')).toHaveCount(0);
  const search = page.getByRole('searchbox', { name: 'Search applications' });
  for (const [words, name] of [
    ['photos.example', photos],
    [client_id, notes],
    ['TILL', till],
  ]) {
    await search.fill(words);
    await expect(page.getByRole('status').filter({ hasText: '1 application' })).toBeVisible();
    await expect(page.getByRole('table').getByRole('link')).toHaveText([name]);
  }
  await search.fill('nothing like this');
  await expect(page.getByText('No applications match.')).toBeVisible();
  await expect(page).toHaveURL('/apps?q=nothing+like+this');
  await page.reload();
  await expect(page.getByText('Nothing fits ‘nothing like this’.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(search).toBeFocused();
  await expect(page).toHaveURL('/apps');
  await expect(page.getByRole('status').filter({ hasText: '3 applications' })).toBeVisible();
});

test('everything that is wrong is said at once, each at its field', async ({ page, server, person, allow }) => {
  await signIn(page, server, await person('developer'));
  await open(page, '/apps/new');

  await test.step('an address is judged while it is typed', async () => {
    const first = page.getByLabel('Redirect URI 1');
    await first.pressSequentially('ftp://photos.ex');
    await expect(first).toHaveAttribute('aria-invalid', 'true');
    await expect(first).toHaveAccessibleDescription(/Use https, http on localhost/);
    await expect(page.getByRole('link', { name: 'redirect-uri-scheme' })).toHaveAttribute('target', '_blank');
    await first.fill('https://photos.example/callback');
    await expect(first).not.toHaveAttribute('aria-invalid');
  });

  await test.step('the server names each field', async () => {
    allow({ url: /\/api\/applications$/, status: 422 });
    await page.getByRole('button', { name: 'Add another redirect URI' }).click();
    await expect(page.getByLabel('Redirect URI 2')).toBeFocused();
    await page.getByLabel('Redirect URI 2').fill('https://photos.example/#fragment');
    for (const box of await page.getByRole('group', { name: 'Grants' }).getByRole('checkbox').all()) await box.uncheck();
    await page.getByRole('group', { name: 'Grants' }).getByLabel('Authorization code').check();
    for (const box of await page.getByRole('group', { name: 'Scopes' }).getByRole('checkbox').all()) await box.uncheck();
    await page.getByRole('button', { name: 'Create application' }).click();
    const name = page.getByLabel('Name', { exact: true });
    await expect(name).toHaveAccessibleDescription(/Fill this in/);
    await expect(page.getByLabel('Redirect URI 1')).not.toHaveAttribute('aria-invalid');
    await expect(page.getByLabel('Redirect URI 2')).toHaveAccessibleDescription(/Leave out #/);
    await expect(name).toBeFocused();
    await axe(page);
  });

  await test.step('corrected, it is saved', async () => {
    await page.getByLabel('Name', { exact: true }).fill('Acme Photos');
    await page.getByLabel('Redirect URI 2').fill('');
    await page.getByRole('button', { name: 'Create application' }).click();
    await expect(page.getByRole('heading', { name: 'Acme Photos is registered' })).toBeVisible();
  });
});

test('a browser app gets no secret, a service no redirect URI', async ({ page, server, person }) => {
  await signIn(page, server, await person('developer'));
  await open(page, '/apps/new');
  await page.getByLabel('Name', { exact: true }).fill('Kiosk');
  await page.getByLabel('Browser or mobile app').check();
  await page.getByLabel('Redirect URI 1').fill('com.example.kiosk:/back');
  await page.getByLabel('Allowed origin 1').fill('https://kiosk.example');
  await page.getByRole('button', { name: 'Create application' }).click();
  await expect(page.getByRole('heading', { name: 'Kiosk', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Credentials' }).click();
  await expect(page.getByText('This is a public application')).toBeVisible();

  await open(page, '/apps/new');
  await page.getByLabel('Name', { exact: true }).fill('Nightly report');
  await page.getByLabel('Machine to machine').check();
  await expect(page.getByLabel('Redirect URI 1')).toHaveCount(0);
  await page.getByRole('button', { name: 'Create application' }).click();
  await expect(page.getByText(/^clv_cs_/)).toBeVisible();
});

test('a second secret beside the first, and the end of the first', async ({ page, server, person, application }) => {
  const zoe = await person('developer');
  const report = await application(zoe, { grants: ['client_credentials'], redirectUris: [], scopes: ['read'] });
  const works = async (secret: string) =>
    (await post(`${server.url}/o/token`, { ...report, client_secret: secret }, { grant_type: 'client_credentials' }))
      .status;
  const first = String(report.client_secret);
  await signIn(page, server, zoe);
  await open(page, `/apps/${report.client_id}/credentials`);
  await expect(page.getByRole('button', { name: /^Revoke/ })).toBeDisabled();

  await page.getByRole('button', { name: 'Add a secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your new secret' });
  const second = await dialog.getByText(/^clv_cs_/).innerText();
  await page.keyboard.press('Escape');
  await expect(dialog.getByText('Have you copied the secret?')).toBeVisible();
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByText(second)).toHaveCount(0);
  expect([await works(first), await works(second)]).toEqual([200, 200]);

  const revoke = page.getByRole('button', { name: `Revoke the secret that ends in ${first.slice(-4)}` });
  await revoke.click();
  const asked = page.getByRole('dialog', { name: 'Revoke this secret?' });
  await expect(asked.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(asked).toBeHidden();
  await revoke.click();
  await asked.getByRole('button', { name: 'Revoke secret' }).click();
  await expect(revoke).toHaveCount(0);
  expect([await works(first), await works(second)]).toEqual([401, 200]);
});

test('settings are saved, and only what was changed is sent', async ({ page, server, person, application, allow }) => {
  const zoe = await person('developer');
  const photos = await application(zoe);
  await signIn(page, server, zoe);
  await open(page, `/apps/${photos.client_id}`);
  await page.getByRole('link', { name: 'Settings' }).click();
  const save = page.getByRole('button', { name: 'Save changes' });
  await expect(save).toBeDisabled();
  const name = fresh('Photos of Acme ');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Access token lifetime, in seconds').fill('600');
  await expect(page.getByText('That is 10 minutes.')).toBeVisible();
  await expect(page.getByLabel('Skip consent')).toBeDisabled();
  const sent = page.waitForRequest((request) => request.method() === 'PATCH');
  await save.click();
  expect((await sent).postDataJSON()).toEqual({ name, access_token_lifetime: 600 });
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();

  await test.step('what can’t be saved stands at its field', async () => {
    allow({ url: /\/api\/applications\/[\w-]+$/, status: 422 });
    await page.getByLabel('Access token lifetime, in seconds').fill('5');
    await save.click();
    const lifetime = page.getByLabel('Access token lifetime, in seconds');
    await expect(lifetime).toHaveAccessibleDescription(/Too short or too long/);
    await expect(lifetime).toBeFocused();
  });

  await test.step('after a reload it stands there', async () => {
    await open(page, `/apps/${photos.client_id}/settings`);
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name);
    await expect(page.getByLabel('Access token lifetime, in seconds')).toHaveValue('600');
  });
});

test('unsaved changes are not left without a question', async ({ page, server, person, application }) => {
  const zoe = await person('developer');
  const photos = await application(zoe);
  await signIn(page, server, zoe);
  await open(page, `/apps/${photos.client_id}/settings`);
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Half a name');
  page.once('dialog', (question) => void question.dismiss());
  await page.getByRole('link', { name: 'Credentials' }).click();
  await expect(name).toHaveValue('Half a name');
  page.once('dialog', (question) => void question.accept());
  await page.getByRole('link', { name: 'Credentials' }).click();
  await expect(page.getByRole('heading', { name: 'Secrets' })).toBeVisible();
});

test('the heading of a new page takes the focus', async ({ page, server, person, application }) => {
  const zoe = await person('developer');
  const photos = await application(zoe);
  await signIn(page, server, zoe);
  await open(page, '/apps');
  await page.getByRole('link', { name: String(photos.name) }).click();
  await expect(page.getByRole('heading', { name: String(photos.name), level: 1 })).toBeFocused();
});

test('an application is deleted by its name', async ({ page, server, person, application, allow }) => {
  const zoe = await person('developer');
  const photos = await application(zoe);
  await signIn(page, server, zoe);
  await open(page, `/apps/${photos.client_id}/settings`);
  await page.getByRole('button', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this application?' });
  const button = dialog.getByRole('button', { name: 'Delete application' });
  await expect(dialog.getByLabel(`Type ${photos.name} to confirm`)).toBeFocused();
  await page.keyboard.type('Acme');
  await expect(button).toBeDisabled();
  await dialog.getByLabel(`Type ${photos.name} to confirm`).fill(photos.name);
  await button.click();
  await expect(page.getByRole('heading', { name: 'Applications', level: 1 })).toBeVisible();
  await expect(page.getByText('No applications yet')).toBeVisible();
  allow({ url: /\/(api\/applications|apps)\//, status: 404 });
  await open(page, `/apps/${photos.client_id}`);
  await expect(page.getByRole('heading', { name: 'No such application' })).toBeVisible();
});

test('another developer’s application is not found', async ({ page, server, person, application, allow }) => {
  const photos = await application(await person('developer'));
  await signIn(page, server, await person('developer', 'ada'));
  allow({ url: /\/(api\/applications|apps)\//, status: 404 });
  await open(page, `/apps/${photos.client_id}`);
  await expect(page.getByRole('heading', { name: 'No such application' })).toBeVisible();
  await expect(page.getByText(photos.name)).toHaveCount(0);
});

test('the overview and the quickstart hold what the program needs', async ({ page, server, person, application }) => {
  const zoe = await person('developer');
  const photos = await application(zoe);
  await signIn(page, server, zoe);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, `/apps/${photos.client_id}`);
  await expect(page.getByText(`${server.url}/o/.well-known/openid-configuration`)).toBeVisible();
  await page.getByRole('button', { name: 'Copy client ID' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(photos.client_id);

  await page.getByRole('link', { name: 'Quickstart' }).click();
  for (const language of await page.getByRole('group', { name: 'Language' }).getByRole('button').all()) {
    await language.click();
    await expect(language).toHaveAttribute('aria-pressed', 'true');
    await expect(card(page, 'Sign a user in').getByRole('code').or(page.locator('pre code'))).toContainText(
      photos.client_id,
    );
  }

  await page.getByRole('link', { name: 'Try it' }).click();
  await expect(page.getByLabel('Application', { exact: true })).toHaveValue(photos.client_id);
  await page.getByRole('button', { name: 'Add this redirect URI' }).click();
  await expect(page.getByRole('button', { name: 'Authorize' })).toBeEnabled();
});

/** Presses Tab until the control has the focus, and expects to see where the focus is on the whole way. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const { shown, what } = await page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const ring = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      const { x, y, width, height } = element.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      const uncovered = element.contains(top) || (top?.contains(element) ?? false);
      return { shown: element === document.body || (ring && uncovered), what: element.outerHTML.slice(0, 200) };
    });
    expect(shown, `the focus can be seen on ${what}`).toBe(true);
    if (await control.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${control} is not reached by Tab`);
}

test('an application is registered without a mouse', async ({ page, server, person }) => {
  await signIn(page, server, await person('developer'));
  await open(page, '/apps');
  await tabTo(page, page.getByRole('link', { name: 'Skip to the content' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, page.getByRole('link', { name: 'New application' }));
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: 'New application' })).toBeVisible();
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type('Acme Photos');
  await tabTo(page, page.getByLabel('Web application with a server'));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Browser or mobile app')).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByLabel('Web application with a server')).toBeChecked();
  await tabTo(page, page.getByLabel('Redirect URI 1'));
  await page.keyboard.type('https://photos.example/callback');
  await tabTo(page, page.getByRole('button', { name: 'Add another redirect URI' }));
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Redirect URI 2')).toBeFocused();
  await page.keyboard.type('https://photos.example/callback2');
  await tabTo(page, page.getByRole('group', { name: 'Scopes' }).getByLabel('write'));
  await page.keyboard.press('Space');
  await tabTo(page, page.getByRole('button', { name: 'Create application' }));
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: 'Acme Photos is registered' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'I have copied it: go to the application' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Acme Photos', level: 1 })).toBeVisible();
});
