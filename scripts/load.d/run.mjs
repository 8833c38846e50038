// Starts the server on an empty folder, prepares one user and one application, and lets wrk
// loose on it. Everything is measured through HTTP from outside the process.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';

const [root, seconds] = [process.argv[2], Number(process.argv[3])];
// Another binary, to compare with: an earlier release, for example.
const binary = resolve(process.env.CLAVIGER_BINARY ?? join(root, 'target/release/claviger'));
const lua = (name) => join(root, 'scripts/load.d', `${name}.lua`);
const folder = mkdtempSync(join(tmpdir(), 'claviger-load-'));
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const settings = ['--listen', `127.0.0.1:${port}`, '--public-url', base];

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function cli(args, input = '') {
  const done = spawnSync(binary, [...args, '--json', ...settings], { cwd: folder, input });
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

async function start() {
  const begun = performance.now();
  const server = spawn(binary, ['serve', ...settings], { cwd: folder, stdio: 'ignore' });
  for (;;) {
    const ready = await fetch(`${base}/readyz`).then((r) => r.ok, () => false);
    if (ready) return { server, millis: performance.now() - begun };
    if (performance.now() - begun > 20_000) throw new Error('the server does not get ready');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function stop(server) {
  return new Promise((resolve) => {
    server.on('exit', resolve);
    server.kill('SIGINT');
  });
}

const memory = (pid) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const password = 'correct horse battery staple';
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

async function signIn(client) {
  const answer = await fetch(`${base}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'load', password }),
  });
  const cookie = answer.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ');
  const first = await fetch(base + authorizePath(client), { redirect: 'manual', headers: { cookie } });
  const flow = new URL(first.headers.get('location'), base).searchParams.get('flow');
  await fetch(`${base}/api/consent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ flow, decision: 'allow' }),
  });
  return cookie;
}

function authorizePath(client) {
  return `/o/authorize?${new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: 'http://127.0.0.1/cb',
    response_type: 'code',
    scope: 'openid read',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'load',
  })}`;
}

const basic = (client) =>
  `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`;

async function token(client, form) {
  const answer = await fetch(`${base}/o/token`, {
    method: 'POST',
    headers: { authorization: basic(client) },
    body: new URLSearchParams(form),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function refreshTokens(client, cookie, count) {
  const tokens = [];
  for (let i = 0; i < count; i += 1) {
    const answer = await fetch(base + authorizePath(client), { redirect: 'manual', headers: { cookie } });
    const code = new URL(answer.headers.get('location')).searchParams.get('code');
    const pair = await token(client, {
      grant_type: 'authorization_code', code, redirect_uri: 'http://127.0.0.1/cb', code_verifier: verifier,
    });
    tokens.push(pair.refresh_token);
  }
  return tokens;
}

// CPU time of a process so far. Beside others on one machine it is steadier than a rate.
function cpuMillis(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function wrk(script, env, pid) {
  const before = cpuMillis(pid);
  const done = spawnSync('wrk', ['-t1', '-c64', `-d${seconds}s`, '--latency', '-s', lua(script), base], {
    env: { ...process.env, ...env }, encoding: 'utf8',
  });
  const found = /^result done=(\d+) failed=(\d+) seconds=([\d.]+) p50=([\d.]+) p99=([\d.]+)$/m.exec(done.stdout);
  if (!found) throw new Error(`wrk ${script}: ${done.stdout}${done.stderr}`);
  const [, ok, failed, took, p50, p99] = found.map(Number);
  return { rate: ok / took, failed, p50, p99, cpu: ((cpuMillis(pid) - before) * 1000) / ok };
}

function spaSize() {
  const dist = join(root, 'frontend/dist');
  return readdirSync(dist, { recursive: true })
    .filter((name) => name.endsWith('.br'))
    .reduce((sum, name) => sum + statSync(join(dist, name)).size, 0) / 1024;
}

const rows = [];
const row = (what, figure, goal, note = '') => rows.push({ what, figure, goal, note });

try {
  cli(['user', 'add', 'load', '--email', 'load@example.com', '--password-stdin', '--role', 'developer'], password);
  const client = cli(['app', 'add', 'Load', '--owner', 'load', '--redirect-uri', 'http://127.0.0.1/cb',
    ...['authorization_code', 'refresh_token', 'client_credentials'].flatMap((g) => ['--grant', g])]);
  await stop((await start()).server);
  const { server, millis } = await start();
  row('ready, on a migrated database', `${millis.toFixed(0)} ms`, '300 ms');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  row('memory at rest', `${memory(server.pid).toFixed(1)} MB`, '40 MB');
  const cookie = await signIn(client);
  const env = { AUTH: basic(client), COOKIE: cookie, AUTHORIZE: authorizePath(client), VERIFIER: verifier };
  const rate = (what, script, goal, more = {}) => {
    const got = wrk(script, { ...env, ...more }, server.pid);
    row(what, `${got.rate.toFixed(0)} /s`, `${goal} /s`,
      `CPU ${got.cpu.toFixed(0)} µs, p50 ${got.p50} ms, p99 ${got.p99} ms${got.failed ? `, ${got.failed} FAILED` : ''}`);
  };
  rate('client_credentials', 'client_credentials', 10000);
  const { access_token } = await token(client, { grant_type: 'client_credentials' });
  rate('introspection', 'introspect', 25000, { TOKEN: access_token });
  rate('code flow: authorize, then exchange', 'code_flow', 800);
  rate('refresh', 'refresh', 1500, { TOKENS: (await refreshTokens(client, cookie, 128)).join(' ') });
  row('memory after the load', `${memory(server.pid).toFixed(1)} MB`, '');
  await stop(server);
  row('SPA, brotli', `${spaSize().toFixed(0)} KB`, '350 KB');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const width = (key) => Math.max(...rows.map((r) => r[key].length));
for (const r of rows) {
  console.log(`${r.what.padEnd(width('what'))}  ${r.figure.padStart(width('figure'))}  goal ${r.goal.padEnd(width('goal'))}  ${r.note}`);
}
