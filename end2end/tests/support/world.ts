// Who and what a journey needs beside a server: people, their applications, an application's callback.
// Names are new in every test, so that journeys on one server do not meet.
import { type BrowserContext, type Locator, type Page } from '@playwright/test';
import { type Application, type Answer, Callback, post, Request } from './client.ts';
import { expect, Server, test as base } from './fixtures.ts';

export { axe, expect, Server } from './fixtures.ts';
export { bearer, claims, post, Request, type Answer, type Application } from './client.ts';

export type Role = 'admin' | 'developer' | 'user';

export interface Person {
  username: string;
  email: string;
  password: string;
}

export interface NewApplication {
  name?: string;
  public?: boolean;
  redirectUris?: string[];
  grants?: string[];
  scopes?: string[];
  idTokenAlg?: 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
  /** Further flags of `claviger app add`. */
  flags?: string[];
}

let count = 0;
/** `zoe` becomes `zoe7`. */
export const fresh = (name: string) => `${name}${(count += 1)}`;

export async function addPerson(server: Server, role: Role, username: string): Promise<Person> {
  const person = { username, email: `${username}@example.com`, password: 'lantern gravel ostrich tuesday' };
  await server.cli(
    ['user', 'add', username, '--email', person.email, '--role', role, '--password-stdin'],
    person.password,
  );
  return person;
}

export async function addApplication(server: Server, owner: Person, wanted: NewApplication): Promise<Application> {
  const each = (flag: string, values: string[]) => values.flatMap((value) => [flag, value]);
  const out = await server.cli([
    ...['app', 'add', wanted.name ?? fresh('Acme Photos '), '--owner', owner.username, '--json'],
    ...(wanted.public ? ['--public'] : []),
    ...(wanted.idTokenAlg ? ['--id-token-alg', wanted.idTokenAlg] : []),
    ...each('--grant', wanted.grants ?? ['authorization_code', 'refresh_token']),
    ...each('--redirect-uri', wanted.redirectUris ?? []),
    ...each('--scope', wanted.scopes ?? []),
    ...(wanted.flags ?? []),
  ]);
  return JSON.parse(out);
}

/** Signs in without the pages: the browser gets its session as a program would. */
export async function signIn(where: Page | BrowserContext, server: Server, person: Person): Promise<void> {
  const { username, password } = person;
  const answer = await where.request.post(`${server.url}/api/session`, { data: { username, password } });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** Fills in the sign-in page and sends it. */
export async function fillSignIn(page: Page, person: Person, name = person.username): Promise<void> {
  await page.getByLabel('Username or email').fill(name);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a page of the dashboard and waits until the browser has taken it over. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await taken(page);
}

/** The page is alive: what the server rendered belongs to the SPA now. */
export async function taken(page: Page): Promise<void> {
  await page.waitForFunction(() => 'wasmBindings' in window);
}

/** What came back to the application, once the browser is there. */
export async function arrived(page: Page, callback: Callback): Promise<URLSearchParams> {
  await page.waitForURL((url) => url.origin === callback.origin);
  await expect(page.getByRole('heading', { name: 'Back' })).toBeVisible();
  return new URL(page.url()).searchParams;
}

/** The code that came back, after everything beside it was checked. */
export async function code(page: Page, callback: Callback, server: Server, request: Request): Promise<string> {
  const answer = await arrived(page, callback);
  expect(answer.get('error_description')).toBeNull();
  expect(answer.get('state')).toBe(request.state);
  expect(answer.getAll('iss')).toEqual([`${server.url}/o`]);
  return answer.get('code') ?? '';
}

/** Redeems a code at the redirect URI that it came to. */
export async function exchange(
  server: Server,
  application: Application,
  request: Request,
  redirectUri: string,
  received: string,
): Promise<Answer> {
  return post(`${server.url}/o/token`, application, {
    grant_type: 'authorization_code',
    code: received,
    redirect_uri: redirectUri,
    code_verifier: request.verifier,
  });
}

/** Scopes of a token answer as a sorted list. */
export const scopes = (answer: Answer) => String(answer.body.scope).split(' ').sort();

/** A card of the dashboard by its heading. */
export function card(page: Page, title: string): Locator {
  return page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true, level: 2 }) });
}

interface World {
  person: (role?: Role, name?: string) => Promise<Person>;
  application: (owner: Person, wanted?: NewApplication) => Promise<Application>;
  callback: Callback;
}

export const test = base.extend<World>({
  person: async ({ server }, use) => use((role, name) => addPerson(server, role ?? 'user', fresh(name ?? 'zoe'))),
  application: async ({ server, callback }, use) =>
    use((owner, wanted) => addApplication(server, owner, { redirectUris: [callback.uri], ...wanted })),
  callback: async ({}, use) => {
    const callback = await Callback.listen();
    await use(callback);
    await callback.close();
  },
});
