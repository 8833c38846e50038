// An application's own side of the flow, by hand: it builds the request, listens at its redirect URI on
// loopback, and talks to the token endpoint. client-library.spec.ts does the same with a library that is not ours.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as Listener } from 'node:http';

/** What `claviger app add --json` and `POST /api/applications` answer with, as far as journeys need it. */
export interface Application {
  client_id: string;
  client_secret?: string;
  redirect_uris?: string[];
  name: string;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const random = () => randomBytes(32).toString('base64url');

/** One authorization request and what belongs to it. */
export class Request {
  readonly state = random();
  readonly nonce = random();
  readonly verifier = random();
  readonly url: string;

  constructor(issuer: string, application: Application, redirectUri: string, parameters: Record<string, string> = {}) {
    this.url = `${issuer}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: application.client_id,
      redirect_uri: redirectUri,
      scope: 'openid profile email offline_access read',
      state: this.state,
      nonce: this.nonce,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    })}`;
  }
}

/** A listener at a redirect URI: answers every path with a small page of its own. */
export class Callback {
  private constructor(
    readonly origin: string,
    private readonly listener: Listener,
  ) {}

  /** Where the application is called back, unless a journey wants another path. */
  get uri(): string {
    return `${this.origin}/callback`;
  }

  static async listen(): Promise<Callback> {
    const listener = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<!doctype html><html lang="en"><title>Application</title><link rel="icon" href="data:,"><h1>Back</h1>');
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Callback(`http://127.0.0.1:${address.port}`, listener);
  }

  async close(): Promise<void> {
    this.listener.closeAllConnections();
    this.listener.close();
    await once(this.listener, 'close');
  }
}

/** POSTs a form as the application, which says who it is by Basic. */
export async function post(url: string, application: Application, form: Record<string, string>): Promise<Answer> {
  const credentials = `${encodeURIComponent(application.client_id)}:${encodeURIComponent(application.client_secret ?? '')}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: await response.json().catch(() => ({})) };
}

/** GETs something with an access token. */
export async function bearer(url: string, token: unknown): Promise<Answer> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json().catch(() => ({})) };
}

/** What a JWT says, unverified. */
export function claims(jwt: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[1], 'base64url').toString());
}
