// A client in another language: it runs beside the journey and talks with it, one JSON object a line. It may be told
// where the browser arrived; it says which page to open, and at the end what it got.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const clients = fileURLToPath(new URL('../../clients/', import.meta.url));

export class Program {
  private errors = '';
  private readonly lines: AsyncIterableIterator<string>;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly reader: Interface,
  ) {
    this.lines = reader[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    child.on('error', (error) => (this.errors += `${error}\n`));
  }

  /** Starts `clients/NAME.py` with one argument. */
  static start(name: string, given: object): Program {
    const child = spawn(python, [`${name}.py`, JSON.stringify(given)], {
      cwd: clients,
      env: { ...process.env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' },
    });
    child.stdin.on('error', () => {});
    return new Program(child, createInterface({ input: child.stdout }));
  }

  /** What it says next; throws what it wrote to stderr if it ended instead. */
  async hear(): Promise<Record<string, any>> {
    const next = await this.lines.next();
    if (next.done) throw new Error(`the client ended\n${this.errors}`);
    return JSON.parse(next.value);
  }

  say(event: object): void {
    this.child.stdin.write(`${JSON.stringify(event)}\n`);
  }

  stop(): void {
    this.reader.close();
    this.child.kill('SIGKILL');
  }
}
