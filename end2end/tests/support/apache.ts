// Apache with mod_auth_openidc: a page on loopback that only those see who signed in.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './server.ts';

const modules = '/usr/lib/apache2/modules';

/** What the module is told about itself at the provider. */
export interface Protected {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** `OIDCResponseMode` and the like. */
  directives?: string[];
}

export class Apache {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** The port has to be known before the application is registered: its redirect URI names it. */
  static async port(): Promise<number> {
    return freePort();
  }

  static redirectUri(port: number): string {
    return `http://localhost:${port}/protected/callback`;
  }

  static async start(port: number, wanted: Protected): Promise<Apache> {
    const folder = await mkdtemp(join(tmpdir(), 'claviger-apache-'));
    await mkdir(join(folder, 'www/protected'), { recursive: true });
    await writeFile(join(folder, 'www/protected/index.html'), '<!doctype html><title>Inside</title><h1>Inside</h1>');
    await writeFile(
      join(folder, 'www/protected/claims.shtml'),
      '<!doctype html><title>Claims</title><pre>sub=<!--#echo var="OIDC_CLAIM_sub" --></pre>',
    );
    const load = ['mpm_event', 'authz_core', 'authn_core', 'authz_user', 'unixd', 'mime', 'dir', 'include', 'auth_openidc']
      .filter((name) => existsSync(`${modules}/mod_${name}.so`))
      .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`);
    const user = process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : [];
    await writeFile(
      join(folder, 'httpd.conf'),
      [
        ...load,
        ...user,
        `ServerRoot ${folder}`,
        `PidFile ${folder}/httpd.pid`,
        `DefaultRuntimeDir ${folder}`,
        `ErrorLog ${folder}/error.log`,
        `ServerName localhost:${port}`,
        `Listen 127.0.0.1:${port}`,
        `DocumentRoot ${folder}/www`,
        'TypesConfig /etc/mime.types',
        'AddType text/html .shtml',
        'AddOutputFilter INCLUDES .shtml',
        'DirectoryIndex index.html',
        `OIDCProviderMetadataURL ${wanted.issuer}/.well-known/openid-configuration`,
        `OIDCClientID ${wanted.clientId}`,
        `OIDCClientSecret ${wanted.clientSecret}`,
        `OIDCRedirectURI ${Apache.redirectUri(port)}`,
        'OIDCScope "openid profile email"',
        'OIDCPKCEMethod S256',
        'OIDCCryptoPassphrase a-passphrase-of-this-journey-only',
        'OIDCSSLValidateServer Off',
        'OIDCCookieSameSite On',
        ...(wanted.directives ?? []),
        `<Directory ${folder}/www>`,
        '  Options +Includes',
        '  Require all granted',
        '</Directory>',
        '<Location /protected>',
        '  AuthType openid-connect',
        '  Require valid-user',
        '</Location>',
      ].join('\n'),
    );
    // Its workers run as another user when it is started by root.
    const { chmod } = await import('node:fs/promises');
    await chmod(folder, 0o755);
    const child = spawn('/usr/sbin/apache2', ['-f', join(folder, 'httpd.conf'), '-DFOREGROUND'], { stdio: 'ignore' });
    const apache = new Apache(`http://localhost:${port}/protected/`, folder, child);
    await apache.ready();
    return apache;
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const up = await fetch(this.url, { redirect: 'manual' }).then(
        (response) => response.status < 500,
        () => false,
      );
      if (up) return;
      if (this.child.exitCode !== null || Date.now() > deadline) {
        const log = await readFile(join(this.folder, 'error.log'), 'utf8').catch(() => '');
        this.child.kill('SIGKILL');
        throw new Error(`Apache did not start\n${log}`);
      }
      await sleep(100);
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await Promise.race([once(this.child, 'exit'), sleep(10_000, undefined, { ref: false })]);
      this.child.kill('SIGKILL');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
