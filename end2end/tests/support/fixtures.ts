// The `test` of every journey. It brings a server (one for each worker, `baseURL` points there) and fails a
// test whose pages complain: console errors, uncaught exceptions, violations of the CSP, requests that fail.
import AxeBuilder from '@axe-core/playwright';
import { test as base, type BrowserContext, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import { Server } from './server.ts';

export { expect, Server };

/** A failure that belongs to the journey. Without `status`, a request that gets no answer at all. */
export interface Allowed {
  url: RegExp;
  status?: number;
}

interface Options {
  /** For a whole file: `test.use({ allowed: [{ url: /\/api\/session$/, status: 401 }] })`. */
  allowed: Allowed[];
}

interface Fixtures {
  /** Allows one more failure from here on, in this test. */
  allow: (failure: Allowed) => void;
  /** A second browser, watched like the first: another person, no JavaScript, a narrow screen. */
  newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  complaints: Complaints;
}

class Complaints {
  readonly all: string[] = [];

  constructor(readonly allowed: Allowed[]) {}

  async watch(context: BrowserContext): Promise<void> {
    // The console names some violations only in words that change; the event is exact.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`securitypolicyviolation: ${event.effectiveDirective} blocked ${event.blockedURI}`);
      });
    });
    context.on('console', (message) => {
      // Those are reported below, with their status.
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
      this.all.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.all.push(`exception: ${error.error().stack ?? error.error()}`));
    context.on('response', (response) => {
      const status = response.status();
      if (status < 400 || this.allowed.some((a) => a.status === status && a.url.test(response.url()))) return;
      this.all.push(`${status}: ${response.request().method()} ${response.url()}`);
    });
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'failed';
      // The browser gave up a request because the page moved on.
      if (reason === 'net::ERR_ABORTED') return;
      if (this.allowed.some((a) => a.status === undefined && a.url.test(request.url()))) return;
      this.all.push(`${reason}: ${request.method()} ${request.url()}`);
    });
  }
}

export const test = base.extend<Options & Fixtures, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => use(server.url),

  allowed: [[], { option: true }],
  complaints: async ({ allowed }, use) => {
    const complaints = new Complaints([...allowed]);
    await use(complaints);
    expect(complaints.all, 'what the pages complained about').toEqual([]);
  },
  allow: async ({ complaints }, use) => use((failure) => void complaints.allowed.push(failure)),
  context: async ({ context, complaints }, use) => {
    await complaints.watch(context);
    await use(context);
  },
  newContext: async ({ browser, baseURL, complaints }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL, ...options });
      await complaints.watch(context);
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
});

/** Expects no serious or critical violation on the page as it stands. */
export async function axe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(grave, `axe on ${page.url()}`).toEqual([]);
}
