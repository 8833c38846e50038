import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// Debian's browser where it stands (scripts/test-tools asks the same question), else Playwright's own.
const debian = '/usr/bin/chromium';
const chromium = process.env.CLAVIGER_CHROMIUM ?? (existsSync(debian) ? debian : undefined);

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // A journey that passes at the second attempt has found something.
  retries: 0,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // Many times what they take: a busy machine fails no journey.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium,
      // No sandbox, or root could not start it in a container. The rest keeps the browser from calling home,
      // which on a machine without a network costs time and log lines.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
