// The README's pictures: `npm run screenshots` writes them to screenshots/. No part of the tests.
import base from './playwright.config.ts';

export default { ...base, testMatch: 'screenshots.ts', workers: 1 };
