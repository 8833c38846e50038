// Connecting a device: it shows a code, the person types it in a browser, and the device gets its tokens. With
// JavaScript and as plain forms.
import { type Application, axe, bearer, expect, fillSignIn, type Server, signIn, test } from './support/world.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** A television: it keeps no secret and has no address to come back to. */
const TELEVISION = { public: true, grants: [GRANT, 'refresh_token'], redirectUris: [] };

interface Codes {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
}

/** What the television does. */
function device(server: Server, { client_id }: Application) {
  const post = async (path: string, form: Record<string, string>) => {
    const body = new URLSearchParams({ client_id, ...form });
    const response = await fetch(`${server.url}${path}`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    ask: async () => (await post('/o/device-authorization', { scope: 'openid email read' })).body as unknown as Codes,
    poll: (codes: Codes) => post('/o/token', { grant_type: GRANT, device_code: codes.device_code }),
  };
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    // Chromium reports the preload of a script that it may not run, and says that it was the CSP.
    test.use({ javaScriptEnabled, allowed: javaScriptEnabled ? [] : [{ url: /\/assets\/frontend-[^/]+\.js$/ }] });

    test('a person types the code, unticks a scope and allows the device', async ({
      page,
      server,
      person,
      application,
    }) => {
      const acme = await application(await person('developer'), TELEVISION);
      const tv = device(server, acme);
      const zoe = await person();
      const codes = await tv.ask();
      await signIn(page, server, zoe);

      await page.goto(codes.verification_uri);
      if (javaScriptEnabled) await axe(page);
      await page.getByLabel('Code').fill(codes.user_code.toLowerCase().replace('-', ' '));
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect(page.getByRole('heading', { name: acme.name, level: 1 })).toBeVisible();
      await expect(page.getByText(codes.user_code)).toBeVisible();
      await expect(page.getByText('only if you started it yourself')).toBeVisible();
      if (javaScriptEnabled) await axe(page);
      expect((await tv.poll(codes)).body.error).toBe('authorization_pending');

      await page.getByLabel('See your email address').uncheck();
      await page.getByRole('button', { name: 'Allow' }).click();
      await expect(page.getByRole('heading', { name: 'Your device is connected' })).toBeVisible();

      const tokens = await tv.poll(codes);
      expect(tokens.status).toBe(200);
      expect(tokens.body.scope).toBe('openid read');
      expect((await bearer(`${server.url}/api/hello`, tokens.body.access_token)).status).toBe(200);
      expect((await tv.poll(codes)).body.error).toBe('invalid_grant');
    });

    test('a link brings the code along, but decides nothing; a no is a no', async ({
      page,
      server,
      person,
      application,
    }) => {
      const acme = await application(await person('developer'), TELEVISION);
      const tv = device(server, acme);
      const codes = await tv.ask();
      await signIn(page, server, await person());

      await page.goto(codes.verification_uri_complete);
      await expect(page.getByLabel('Code')).toHaveValue(codes.user_code);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Deny' }).click();
      await expect(page.getByRole('heading', { name: 'Access denied' })).toBeVisible();
      expect((await tv.poll(codes)).body.error).toBe('access_denied');

      await page.goto(codes.verification_uri_complete);
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect(page.getByText('That code has already been used')).toBeVisible();
    });

    test('after a sign-in one comes back to the code; a wrong one is said beside the field', async ({
      page,
      server,
      person,
    }) => {
      await page.goto(`${server.url}/device?user_code=BBBB-BBBB`);
      await fillSignIn(page, await person());
      await expect(page).toHaveURL(/\/device\?user_code=BBBB-BBBB$/);
      await page.getByRole('button', { name: 'Continue' }).click();
      await expect(page.getByText("That code isn't right")).toBeVisible();
      await expect(page.getByLabel('Code')).toHaveAttribute('aria-invalid', 'true');
    });
  });
}
