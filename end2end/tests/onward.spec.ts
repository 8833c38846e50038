// The application sends the browser on from its redirect URI, to another origin of its own. Chromium holds such a step
// against the policy of the page whose form began it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, fillSignIn, Request, test } from './support/world.ts';

for (const [mode, host, javaScriptEnabled] of [
  ['query', '127.0.0.1', false],
  ['query', '[::1]', false],
  ['form_post', '127.0.0.1', true],
  ['form_post', '[::1]', false],
] as const) {
  test(`from ${host} onwards, by ${mode}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async ({
    server,
    person,
    application,
    callback,
    newContext,
    allow,
  }) => {
    const zoe = await person();
    const hop = createServer((_, response) => {
      response.writeHead(303, { location: `${callback.origin}/inside` }).end();
    }).listen(0, host.replace(/[[\]]/g, ''));
    await once(hop, 'listening');
    const address = hop.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const uri = `http://${host}:${address.port}/callback`;
    const acme = await application(await person('developer'), { redirectUris: [uri] });
    // Chromium reports the preload of a script that it may not run.
    if (!javaScriptEnabled) allow({ url: /\/assets\/frontend-[^/]+\.js$/ });
    const page = await (await newContext({ javaScriptEnabled })).newPage();
    try {
      await page.goto(new Request(`${server.url}/o`, acme, uri, { response_mode: mode }).url);
      await fillSignIn(page, zoe);
      await page.getByRole('button', { name: 'Allow' }).click();
      if (mode === 'form_post' && !javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${callback.origin}/inside`);
      await expect(page.getByRole('heading', { name: 'Back' })).toBeVisible();
    } finally {
      hop.closeAllConnections();
      hop.close();
    }
  });
}
