/** @file The page allows what it needs and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelPage } from '../../webview/page.ts';

const page = panelPage({
  scriptUri: 'https://host/panel.js',
  styleUri: 'https://host/panel.css"><script>',
  codiconsUri: 'https://host/codicon.css',
  cspSource: "'self' https://host",
  nonce: 'abc123',
});

test('the policy names one script by its nonce, and no inline style, no eval, no network', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1];
  assert.equal(
    policy,
    "default-src 'none'; script-src 'nonce-abc123'; style-src 'self' https://host; font-src 'self' https://host; img-src 'self' https://host data: blob:",
  );
  assert.equal(page.match(/<script/g)!.length, 1);
  assert.ok(!page.includes('style='));
});

test('what is filled in stays inside its attribute, and the language is that of the texts', () => {
  assert.ok(page.includes('href="https://host/panel.css&#34;&#62;&#60;script&#62;"'));
  assert.ok(page.includes('<html lang="en">'));
});
