/**
 * @file Downloads one file over HTTP(S): through a proxy where the environment names one, on from where an earlier try
 * stopped, and only into place when its checksum is right.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import tls from 'node:tls';
import { FineTuneError } from '../errors.ts';

export interface DownloadProgress {
  readonly doneBytes: number;
  /** Undefined where the server does not say. */
  readonly totalBytes?: number;
}

export interface DownloadOptions {
  /** Lower-case hexadecimal SHA-256 of the whole file. */
  readonly sha256: string;
  /** Proxy for every address, in place of what the environment names. */
  readonly proxy?: string;
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY in either case. @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Connections in a row that may break without a byte gained. @default 3 */
  readonly tries?: number;
  /** Longest silence of the server. @default 30 s */
  readonly silenceMs?: number;
  /** Certificates (PEM) to trust in place of the usual authorities. */
  readonly ca?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

const MOST_REDIRECTS = 5;
const MOST_BYTES = 2 ** 30;

/**
 * Downloads an address into a file. What an interrupted download leaves (`<file>.partial`) is continued, not repeated.
 *
 * @throws DOWNLOAD_FAILED when the server cannot be reached or refuses; DOWNLOAD_MISMATCH when what came is another file;
 *   INTERRUPTED
 */
export async function download(address: string, file: string, options: DownloadOptions): Promise<void> {
  const partial = `${file}.partial`;
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const sizeNow = () => fs.statSync(partial, { throwIfNoEntry: false })?.size ?? 0;
  for (let failures = 0; ; ) {
    const before = sizeNow();
    try {
      await fetchRest(new URL(address), partial, before, options);
      break;
    } catch (error) {
      if (options.signal?.aborted) {
        throw new FineTuneError(
          'INTERRUPTED',
          `Stopped after ${sizeNow()} bytes. The same command goes on from there.`,
        );
      }
      if (error instanceof FineTuneError) throw error;
      failures = sizeNow() > before ? 0 : failures + 1;
      if (failures >= (options.tries ?? 3)) throw unreachable(address, error);
    }
  }
  const found = createHash('sha256').update(fs.readFileSync(partial)).digest('hex');
  if (found !== options.sha256) {
    const size = sizeNow();
    fs.rmSync(partial);
    throw new FineTuneError(
      'DOWNLOAD_MISMATCH',
      `${address} gave ${size} bytes with the SHA-256 ${found}, expected ${options.sha256}. They were thrown away; try again, and mistrust the connection if it stays so.`,
      { address, found, expected: options.sha256 },
    );
  }
  fs.renameSync(partial, file);
}

async function fetchRest(address: URL, partial: string, from: number, options: DownloadOptions): Promise<void> {
  const response = await followed(address, from, options);
  const status = response.statusCode ?? 0;
  if (status === 416) {
    // There is nothing after what we have: either all of it is here, or it is of another file.
    response.resume();
    return;
  }
  if (status !== 200 && status !== 206) {
    response.destroy();
    throw new FineTuneError(
      'DOWNLOAD_FAILED',
      `${address.href} answers with status ${status} ${response.statusMessage ?? ''}, expected 200. Try again later, or download it in another way and give the file with --problems.`,
      { address: address.href, status },
    );
  }
  const start = status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]) : 0;
  if (start !== 0 && start !== from) {
    response.destroy();
    throw new Error(`the server answered from byte ${start}, asked was ${from}`);
  }
  let doneBytes = start;
  const length = Number(response.headers['content-length']);
  const totalBytes = Number.isInteger(length) ? start + length : undefined;
  const output = fs.openSync(partial, start > 0 ? 'a' : 'w');
  try {
    // Written at once, so that a cut loses nothing of what has come.
    for await (const chunk of response as AsyncIterable<Buffer>) {
      fs.writeSync(output, chunk);
      doneBytes += chunk.length;
      if (doneBytes > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
      options.onProgress?.({ doneBytes, totalBytes });
    }
  } finally {
    fs.closeSync(output);
  }
}

async function followed(address: URL, from: number, options: DownloadOptions): Promise<http.IncomingMessage> {
  let current = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await request(current, from, options);
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined) return response;
    response.resume();
    const next = new URL(location, current);
    if (next.protocol !== 'https:' && next.protocol !== current.protocol) {
      throw new FineTuneError('DOWNLOAD_FAILED', `${current.href} leads to ${next.href}, which is not encrypted.`);
    }
    current = next;
  }
  throw new FineTuneError(
    'DOWNLOAD_FAILED',
    `${address.href} leads from one address to the next, ${MOST_REDIRECTS} times.`,
  );
}

async function request(address: URL, from: number, options: DownloadOptions): Promise<http.IncomingMessage> {
  const proxy = proxyFor(address, options.variables ?? process.env, options.proxy);
  const headers: Record<string, string> = { 'user-agent': 'rgft', 'accept-encoding': 'identity' };
  if (from > 0) headers.range = `bytes=${from}-`;
  const { signal, ca } = options;
  let sent: http.ClientRequest;
  if (proxy && address.protocol === 'https:') {
    const socket = await tunnel(address, proxy, options);
    const secured = () => tls.connect({ socket, servername: nameOfServer(address.hostname), ca });
    sent = https.request(address, { headers, signal, createConnection: secured });
  } else if (proxy) {
    // An unencrypted request goes to the proxy with its whole address.
    const all = { ...headers, ...authorization(proxy), host: address.host };
    sent = clientOf(proxy).request(proxy, { path: address.href, headers: all, signal, agent: false, ca });
  } else {
    sent = clientOf(address).request(address, { headers, signal, agent: false, ca });
  }
  return new Promise((resolve, reject) => {
    sent.setTimeout(options.silenceMs ?? 30_000, () => sent.destroy(new Error('the server fell silent')));
    sent.once('error', reject).once('response', resolve).end();
  });
}

/** A connection to the server through the proxy (RFC 9110, 9.3.6). */
async function tunnel(address: URL, proxy: URL, options: DownloadOptions) {
  const authority = `${address.hostname}:${address.port || 443}`;
  const headers = { host: authority, ...authorization(proxy) };
  const settings = {
    method: 'CONNECT',
    path: authority,
    headers,
    signal: options.signal,
    agent: false,
    ca: options.ca,
  };
  const sent = clientOf(proxy).request(proxy, settings);
  return new Promise<import('node:stream').Duplex>((resolve, reject) => {
    sent.setTimeout(options.silenceMs ?? 30_000, () => sent.destroy(new Error('the proxy fell silent')));
    sent.once('error', reject);
    const refused = (status = 0) =>
      new FineTuneError(
        'DOWNLOAD_FAILED',
        `The proxy ${proxy.host} answers with status ${status} when asked for ${authority}.${status === 407 ? ' It wants a name and a password: http://name:password@host:port.' : ''} Check --proxy or HTTPS_PROXY.`,
        { status },
      );
    sent.once('connect', ({ statusCode }, socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(refused(statusCode));
      }
    });
    sent.once('response', (response) => {
      response.destroy();
      reject(refused(response.statusCode));
    });
    sent.end();
  });
}

/**
 * The proxy for an address, as curl chooses it: a given one first, then HTTPS_PROXY or HTTP_PROXY by the address's
 * protocol (either case), unless NO_PROXY lists the host, a domain above it, or `*`.
 *
 * @throws USAGE for a proxy that is no http(s) address
 */
export function proxyFor(
  address: URL,
  variables: Readonly<Record<string, string | undefined>>,
  given?: string,
): URL | undefined {
  const read = (name: string) => variables[name.toLowerCase()] || variables[name];
  const named = given ?? read(address.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (!named) return undefined;
  const exempt = given === undefined ? (read('NO_PROXY') ?? '').split(/[\s,]+/).filter(Boolean) : [];
  const host = address.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = address.port || (address.protocol === 'https:' ? '443' : '80');
  const isExempt = exempt.some((entry) => {
    if (entry === '*') return true;
    const [, name, ofPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase())!;
    const domain = name.replace(/^\*?\./, '');
    return (ofPort === undefined || ofPort === port) && (host === domain || host.endsWith(`.${domain}`));
  });
  if (isExempt) return undefined;
  const text = named.includes('://') ? named : `http://${named}`;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new FineTuneError(
    'USAGE',
    `The proxy "${named}" is no address like http://host:port. Check --proxy or HTTPS_PROXY.`,
  );
}

function clientOf({ protocol }: URL): typeof http | typeof https {
  return protocol === 'https:' ? https : http;
}

/** Server names of TLS are no IP addresses (RFC 6066). */
function nameOfServer(hostname: string): string {
  return /^[\d.]+$|:/.test(hostname) ? '' : hostname;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(both).toString('base64')}` };
}

function unreachable(address: string, cause: unknown): FineTuneError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const found = code && !message.includes(code) ? `${code}: ${message}` : message || code || String(cause);
  return new FineTuneError(
    'DOWNLOAD_FAILED',
    `${new URL(address).host} cannot be reached (${found}). Connect to the network, or name a proxy (--proxy or HTTPS_PROXY); or download ${address} in another way and give the file with --problems. What has come so far is kept.`,
    { address },
    { cause },
  );
}
