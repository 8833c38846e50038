// A Claviger of one's own: the release binary, in an empty folder, at a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const binary =
  process.env.CLAVIGER_BINARY ?? fileURLToPath(new URL('../../../target/release/claviger', import.meta.url));

/** What the caller's shell has set must not reach the server under test. */
function environment(extra: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CLAVIGER_|RUST_LOG$)/.test(name));
  return { ...(Object.fromEntries(inherited) as Record<string, string>), NO_COLOR: '1', ...extra };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface ServerOptions {
  /** Settings as environment, for example `{ CLAVIGER_REGISTRATION: 'open' }`; `cli` gets them too. */
  env?: Record<string, string>;
  /** Further arguments of `serve`. */
  args?: string[];
  /** A port that must be this one; else any that is free. */
  port?: number;
}

export class Server {
  /** All that the server wrote so far, stdout and stderr together. */
  output = '';

  private constructor(
    /** The public URL, without a slash at the end. */
    readonly url: string,
    /** The folder it runs in; its database is in `data/` there. */
    readonly folder: string,
    private readonly env: Record<string, string>,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'claviger-'));
    const port = options.port ?? (await freePort());
    const url = `http://localhost:${port}`;
    const env = environment(options.env ?? {});
    const args = ['serve', '--listen', `127.0.0.1:${port}`, '--public-url', url, ...(options.args ?? [])];
    const child = spawn(binary, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new Server(url, folder, { ...env, CLAVIGER_PUBLIC_URL: url }, child);
    child.on('error', (error) => (server.output += `${error}\n`));
    try {
      await server.waitFor('ready', () => fetch(`http://127.0.0.1:${port}/readyz`).then((r) => r.status === 200));
    } catch (error) {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return server;
  }

  /** The path of the link that creates the first administrator: `/setup?token=…`. */
  async setupPath(): Promise<string> {
    const link = () => this.output.match(/\/setup\?token=[\w.~%-]+/)?.[0];
    await this.waitFor('a setup link', async () => link() !== undefined);
    return link() as string;
  }

  /** Runs a command of the binary on this server's database. Answers its stdout; a failure throws. */
  async cli(args: string[], stdin = ''): Promise<string> {
    const child = spawn(binary, args, { cwd: this.folder, env: this.env });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A command that does not read its stdin may be gone before we wrote it.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`claviger ${args.join(' ')}: status ${status}\n${stderr}${stdout}`);
    return stdout;
  }

  /** Stops it the way a person does, and expects a clean end. */
  async stop(): Promise<void> {
    try {
      if (!this.ended()) {
        this.child.kill('SIGINT');
        await Promise.race([once(this.child, 'exit'), sleep(10_000, undefined, { ref: false })]);
      }
      if (!this.ended()) {
        this.child.kill('SIGKILL');
        throw new Error(`the server did not stop within 10 s\n${this.output}`);
      }
      if (this.child.exitCode !== 0) {
        throw new Error(`the server ended with ${this.child.exitCode ?? this.child.signalCode}\n${this.output}`);
      }
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined;
  }

  private async waitFor(what: string, there: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!(await there().catch(() => false))) {
      if (this.ended()) throw new Error(`the server ended before it was ${what}\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`the server is not ${what} after 15 s\n${this.output}`);
      await sleep(50);
    }
  }
}
