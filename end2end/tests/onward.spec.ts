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

// The last step may open an app by a scheme of its own, which no list of a policy can know.
for (const javaScriptEnabled of [true, false]) {
  test(`to an app's own scheme, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async ({
    server,
    person,
    application,
    newContext,
    allow,
  }) => {
    const zoe = await person();
    const hop = createServer((_, response) => {
      response.writeHead(303, { location: 'com.example.app:/inside' }).end();
    }).listen(0, '127.0.0.1');
    await once(hop, 'listening');
    const address = hop.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    if (!javaScriptEnabled) allow({ url: /\/assets\/frontend-[^/]+\.js$/ });
    // No app is there to take it.
    allow({ url: /^com\.example\.app:/ });
    try {
      for (const uri of [`http://127.0.0.1:${address.port}/callback`, 'com.example.app:/callback']) {
        const acme = await application(await person('developer'), { redirectUris: [uri] });
        const page = await (await newContext({ javaScriptEnabled })).newPage();
        const opened = page.waitForRequest(/^com\.example\.app:/);
        await page.goto(new Request(`${server.url}/o`, acme, uri).url);
        await fillSignIn(page, zoe);
        await page.getByRole('button', { name: 'Allow' }).click();
        await opened;
        // The browser stays on this page: it says that it is done, and opens the app once more.
        if (uri.startsWith('com.')) await expect(page.getByRole('link', { name: /open/i })).toBeVisible();
      }
    } finally {
      hop.closeAllConnections();
      hop.close();
    }
  });
}
