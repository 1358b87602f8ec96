import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { download, proxyFor } from '../../src/eval/download.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-download-'));
const servers: net.Server[] = [];
after(() => {
  for (const server of servers) server.close();
  fs.rmSync(folder, { recursive: true });
});

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const NONE = {};

async function listening<Server extends net.Server>(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

/** Serves the bytes with ranges, and notes what was asked. */
async function serving(answer?: http.RequestListener) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? 'all'}`);
    (answer ?? serveBytes)(request, response);
  });
  return { address: `http://127.0.0.1:${await listening(server)}/file`, asked };
}

function serveBytes(request: http.IncomingMessage, response: http.ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = BYTES.subarray(from);
  const range = { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` };
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length, ...(from > 0 ? range : {}) });
  response.end(rest);
}

const file = (name: string) => path.join(folder, name);

test('a file comes whole, with progress up to its size, and nothing else is left', async () => {
  const { address } = await serving();
  let last = { doneBytes: 0, totalBytes: 0 as number | undefined };
  const onProgress = (progress: typeof last) => {
    last = progress;
  };
  await download(address, file('a/whole'), { sha256: SHA256, variables: NONE, onProgress } as Parameters<
    typeof download
  >[2]);
  assert.deepEqual(fs.readFileSync(file('a/whole')), BYTES);
  assert.deepEqual(last, { doneBytes: BYTES.length, totalBytes: BYTES.length });
  assert.deepEqual(fs.readdirSync(file('a')), ['whole']);
});

test('after a cut it goes on from the byte where it stopped', async () => {
  let cuts = 0;
  const { address, asked } = await serving((request, response) => {
    if (cuts++ > 0) return serveBytes(request, response);
    response.writeHead(200, { 'content-length': BYTES.length });
    response.write(BYTES.subarray(0, 100_000), () => response.destroy());
  });
  await download(address, file('cut'), { sha256: SHA256, variables: NONE });
  assert.deepEqual(fs.readFileSync(file('cut')), BYTES);
  assert.equal(asked.length, 2);
  const from = Number(/bytes=(\d+)-/.exec(asked[1])?.[1]);
  assert.ok(from > 0 && from <= 100_000, asked[1]);
});

test('what an earlier process left is continued, also when it is all there, and also where the server knows no ranges', async () => {
  const ranged = await serving();
  fs.writeFileSync(file('left.partial'), BYTES.subarray(0, 1234));
  await download(ranged.address, file('left'), { sha256: SHA256, variables: NONE });
  assert.deepEqual(ranged.asked, ['/file bytes=1234-']);
  assert.deepEqual(fs.readFileSync(file('left')), BYTES);

  const complete = await serving((_request, response) => response.writeHead(416).end());
  fs.writeFileSync(file('all.partial'), BYTES);
  await download(complete.address, file('all'), { sha256: SHA256, variables: NONE });
  assert.deepEqual(fs.readFileSync(file('all')), BYTES);

  const plain = await serving((_request, response) => response.writeHead(200).end(BYTES));
  fs.writeFileSync(file('plain.partial'), BYTES.subarray(0, 1234));
  await download(plain.address, file('plain'), { sha256: SHA256, variables: NONE });
  assert.deepEqual(fs.readFileSync(file('plain')), BYTES);
});

test('another file than the expected one is thrown away', async () => {
  const { address } = await serving((_request, response) => response.end('something else'));
  await assert.rejects(download(address, file('wrong'), { sha256: SHA256, variables: NONE }), {
    code: 'DOWNLOAD_MISMATCH',
    message: /14 bytes with the SHA-256 [0-9a-f]{64}, expected/,
  });
  assert.equal(fs.existsSync(file('wrong')), false);
  assert.equal(fs.existsSync(file('wrong.partial')), false);
});

test('redirections are followed, refusals and endless redirections told', async () => {
  const { address: target } = await serving();
  const { address } = await serving((_request, response) => response.writeHead(302, { location: target }).end());
  await download(address, file('moved'), { sha256: SHA256, variables: NONE });
  const { address: missing } = await serving((_request, response) => response.writeHead(404).end());
  await assert.rejects(download(missing, file('missing'), { sha256: SHA256, variables: NONE }), {
    code: 'DOWNLOAD_FAILED',
    message: /status 404/,
  });
  const { address: endless } = await serving((_request, response) => response.writeHead(302, { location: '/x' }).end());
  await assert.rejects(download(endless, file('endless'), { sha256: SHA256, variables: NONE }), /5 times/);
});

test('without a connection the error says what to do and keeps what has come', async () => {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  fs.writeFileSync(file('offline.partial'), BYTES.subarray(0, 10));
  await assert.rejects(download(`http://127.0.0.1:${port}/`, file('offline'), { sha256: SHA256, variables: NONE }), {
    code: 'DOWNLOAD_FAILED',
    message: /cannot be reached \(.*ECONNREFUSED.*--proxy or HTTPS_PROXY.*--problems/,
  });
  assert.equal(fs.statSync(file('offline.partial')).size, 10);
});

test('an unencrypted address goes to the proxy whole, with the name and the password', async () => {
  const seen: unknown[] = [];
  const proxy = await serving((request, response) => {
    seen.push(request.url, request.headers.host, request.headers['proxy-authorization']);
    serveBytes(request, response);
  });
  const variables = { http_proxy: proxy.address.replace('http://', 'http://me:p%40ss@') };
  await download('http://nowhere.invalid/file', file('proxied'), { sha256: SHA256, variables });
  assert.deepEqual(seen, ['http://nowhere.invalid/file', 'nowhere.invalid', `Basic ${btoa('me:p@ss')}`]);
});

const openssl = spawnSync('openssl', ['version']).status === 0;
test('an encrypted address goes through a tunnel of the proxy, whose certificate is checked', {
  skip: !openssl && 'there is no openssl to make a certificate',
}, async () => {
  const [key, cert] = [file('key.pem'), file('cert.pem')];
  const made =
    'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=secure.invalid -addext subjectAltName=DNS:secure.invalid';
  spawnSync('openssl', [...made.split(' '), '-keyout', key, '-out', cert]);
  const ca = fs.readFileSync(cert, 'utf8');
  const port = await listening(https.createServer({ key: fs.readFileSync(key), cert: ca }, serveBytes));
  const asked: string[] = [];
  const proxy = http.createServer().on('connect', (request, socket: net.Socket) => {
    asked.push(request.url ?? '');
    const server = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.pipe(socket).pipe(server);
    });
    for (const end of [server, socket]) end.on('error', () => end.destroy());
  });
  const variables = { HTTPS_PROXY: `127.0.0.1:${await listening(proxy)}` };
  await download('https://secure.invalid/file', file('tunnelled'), { sha256: SHA256, variables, ca });
  assert.deepEqual(fs.readFileSync(file('tunnelled')), BYTES);
  assert.deepEqual(asked, ['secure.invalid:443']);
  await assert.rejects(
    download('https://secure.invalid/file', file('unchecked'), { sha256: SHA256, variables, tries: 1 }),
    /self-signed certificate/,
  );
  const refusing = http.createServer().on('connect', (_request, socket: net.Socket) => {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  const refused = { HTTPS_PROXY: `http://127.0.0.1:${await listening(refusing)}` };
  await assert.rejects(
    download('https://secure.invalid/file', file('refused'), { sha256: SHA256, variables: refused }),
    /status 407 .* It wants a name and a password/,
  );
});

test('the proxy is chosen as curl does: lower case first, NO_PROXY by host, domain and port', () => {
  const chosen = (address: string, variables: Record<string, string>, given?: string) =>
    proxyFor(new URL(address), variables, given)?.host;
  const both = { HTTPS_PROXY: 'http://upper:1', https_proxy: 'lower:2', HTTP_PROXY: 'http://plain:3' };
  assert.equal(chosen('https://a.b.c/', both), 'lower:2');
  assert.equal(chosen('http://a.b.c/', both), 'plain:3');
  assert.equal(chosen('https://a.b.c/', both, 'http://given:4'), 'given:4');
  assert.equal(chosen('https://a.b.c/', {}), undefined);
  for (const [entry, isExempt] of [
    ['a.b.c', true],
    ['.b.c', true],
    ['b.c', true],
    ['*.b.c', true],
    ['*', true],
    ['x, b.c', true],
    ['b.c:443', true],
    ['b.c:80', false],
    ['bb.c', false],
    ['.c.b', false],
  ] as const) {
    assert.equal(chosen('https://a.b.c/', { ...both, NO_PROXY: entry }), isExempt ? undefined : 'lower:2', entry);
  }
  assert.throws(() => chosen('https://a/', {}, 'socks5://x:1'), { code: 'USAGE' });
});
