// What people get by mail, and what its links do: with a mail server on loopback, and with none.
import { Program } from './support/program.ts';
import { freePort } from './support/server.ts';
import { addPerson, axe, expect, fillSignIn, fresh, Server, signIn, test } from './support/world.ts';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled, allowed: javaScriptEnabled ? [] : [{ url: /\/assets\/frontend-[^/]+\.js$/ }] });

    test('a forgotten password is set anew by a link that works once', async ({ page, newContext, allow }) => {
      const port = await freePort();
      const mailbox = Program.start('mailbox', { port });
      expect(await mailbox.hear()).toEqual({ listening: port });
      const server = await Server.start({ args: ['--smtp-url', `smtp://127.0.0.1:${port}?tls=none`] });
      try {
        const zoe = await addPerson(server, 'user', fresh('zoe'));
        const elsewhere = await (await newContext()).newPage();
        await signIn(elsewhere, server, zoe);

        await page.goto(`${server.url}/login`);
        await page.getByRole('link', { name: 'Forgot your password?' }).click();
        await expect(page.getByRole('heading', { name: 'Reset your password' })).toBeVisible();
        if (javaScriptEnabled) await axe(page);
        await page.getByLabel('Username or email').fill(zoe.email);
        await page.getByRole('button', { name: 'Send the link' }).click();
        await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();

        const mail = await mailbox.hear();
        expect(mail.to).toEqual([zoe.email]);
        expect(mail.from).toContain('no-reply@localhost');
        expect(mail.subject).toBe('Set a new password');
        const link: string = mail.text.match(/http:\S+\/reset\?token=\S+/)[0];
        expect(mail.html).toContain(link);

        await page.goto(link);
        await expect(page.getByText(`for ${zoe.username}`)).toBeVisible();
        if (javaScriptEnabled) await axe(page);
        allow({ url: /\/reset$/, status: 422 });
        await page.getByLabel('New password').fill(zoe.username);
        await page.getByRole('button', { name: 'Set password' }).click();
        await expect(page.getByLabel('New password')).toHaveAccessibleDescription(/Too easy to guess/);
        const renewed = { ...zoe, password: 'meadow pickle anchor seventeen' };
        await page.getByLabel('New password').fill(renewed.password);
        await page.getByRole('button', { name: 'Set password' }).click();
        await expect(page.getByRole('heading', { name: 'Your new password is set' })).toBeVisible();
        expect((await mailbox.hear()).subject).toBe('Your password was changed');

        expect((await elsewhere.request.get(`${server.url}/api/session`)).status()).toBe(401);
        await page.getByRole('link', { name: 'Sign in' }).click();
        await fillSignIn(page, renewed);
        await expect(page.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();

        allow({ url: /\/reset\?token=/, status: 403 });
        await elsewhere.goto(link);
        await expect(elsewhere.getByRole('heading', { name: 'This link has been used, or is too old' })).toBeVisible();
        await elsewhere.getByRole('link', { name: 'Ask for a new link' }).click();
        await expect(elsewhere.getByRole('heading', { name: 'Reset your password' })).toBeVisible();
      } finally {
        await server.stop();
        mailbox.stop();
      }
    });
  });
}

test('without a mail server an administrator hands the link over', async ({ page, server, person }) => {
  const zoe = await person();
  await page.goto('/forgot');
  await expect(page.getByText('No mail can be sent from here.')).toBeVisible();
  await page.getByLabel('Username or email').fill(zoe.username);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { name: 'Ask the people who run this' })).toBeVisible();

  const [kept] = JSON.parse(await server.cli(['mail', 'list', '--to', zoe.email, '--json']));
  expect(kept).toMatchObject({ to: zoe.email, template: 'password_reset', state: 'kept' });
  const shown = JSON.parse(await server.cli(['mail', 'show', kept.id, '--json']));
  await page.goto(shown.link);
  await expect(page.getByText(`for ${zoe.username}`)).toBeVisible();

  await test.step('or makes one at the command line', async () => {
    const made = JSON.parse(await server.cli(['user', 'reset', zoe.username, '--json']));
    await page.goto(made.link);
    await page.getByLabel('New password').fill('meadow pickle anchor seventeen');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('heading', { name: 'Your new password is set' })).toBeVisible();
  });
});
