/**
 * @file Finds keys, tokens and passwords in source code, so that a model never learns them. Known formats come first
 * (a table, one row for each), then values that look random and are given to names like `password` or `apiToken`.
 *
 * What it does not protect from: secrets without a known format and without a telling name, secrets spread over several
 * lines or built at run time, pass phrases of plain words, and passwords of seven characters or fewer outside URLs.
 *
 * Every quantifier is bounded and every pattern starts with fixed letters, so one long line costs linear time.
 * Formats follow the providers' documentation and the rules of gitleaks (MIT).
 */
import { hasBareValues } from './languages.ts';

interface SecretFormat {
  readonly kind: string;
  /** Fixed text, one of which every match contains; a file without them skips the pattern. */
  readonly anchors: readonly string[];
  readonly pattern: RegExp;
  /** Second look at a match; absent: every match counts. */
  readonly accept?: (match: RegExpExecArray) => boolean;
}

/** The known formats. A documented example key has the same format as a real one and is left out like it. */
export const SECRET_FORMATS = [
  {
    kind: 'aws-access-key',
    anchors: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  },
  {
    kind: 'aws-secret-key',
    anchors: ['aws', 'AWS', 'Aws', 'SecretAccessKey', 'secretAccessKey', 'secret_access_key', 'SECRET_ACCESS_KEY'],
    pattern:
      /(?:aws|secret_?access_?key)[\w.-]{0,30}["'\]]{0,2}\s{0,5}(?:=>|:=|={1,3}|:|,)\s{0,5}["'`]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
    accept: (match) => entropyBits(match[1]) >= 3.5 && /[a-z]/.test(match[1]) && /[A-Z0-9]/.test(match[1]),
  },
  {
    kind: 'github-token',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})/g,
  },
  {
    kind: 'gitlab-token',
    anchors: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-'],
    pattern: /\bgl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,100}/g,
  },
  {
    kind: 'slack-token',
    anchors: ['xox', 'xapp-'],
    pattern: /\b(?:xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}|xapp-\d-[A-Za-z0-9-]{20,250})/g,
    accept: (match) => /\d/.test(match[0].slice(5)),
  },
  {
    kind: 'slack-webhook',
    anchors: ['hooks.slack.com/'],
    pattern: /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/]{30,80}/g,
  },
  {
    kind: 'discord-webhook',
    anchors: ['/api/webhooks/'],
    pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[A-Za-z0-9_-]{60,80}/g,
  },
  { kind: 'google-api-key', anchors: ['AIza'], pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  {
    kind: 'google-oauth',
    anchors: ['GOCSPX-', 'ya29.'],
    pattern: /\b(?:GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{30,300})/g,
  },
  {
    kind: 'stripe-key',
    anchors: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    pattern: /\b(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9+/]{32,100})/g,
  },
  { kind: 'npm-token', anchors: ['npm_'], pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'pypi-token', anchors: ['pypi-AgE'], pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,1000}/g },
  { kind: 'rubygems-token', anchors: ['rubygems_'], pattern: /\brubygems_[a-f0-9]{48}\b/g },
  {
    kind: 'jwt',
    anchors: ['eyJ'],
    pattern: /\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,2000}/g,
    accept: (match) => isJsonWithKey(match[0].split('.')[0], 'alg'),
  },
  {
    kind: 'openai-key',
    anchors: ['T3BlbkFJ', 'sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: /\bsk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,250}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})/g,
  },
  { kind: 'anthropic-key', anchors: ['sk-ant-'], pattern: /\bsk-ant-[a-z]{3,8}\d{2}-[A-Za-z0-9_-]{60,200}/g },
  { kind: 'hugging-face-token', anchors: ['hf_'], pattern: /\bhf_[A-Za-z0-9]{34}\b/g },
  { kind: 'sendgrid-key', anchors: ['SG.'], pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g },
  { kind: 'mailgun-key', anchors: ['key-'], pattern: /\bkey-[0-9a-f]{32}\b/g },
  {
    kind: 'twilio-key',
    anchors: ['SK'],
    pattern: /\bSK[0-9a-f]{32}\b/g,
  },
  { kind: 'telegram-token', anchors: [':AA'], pattern: /(?<![\w.])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])/g },
  { kind: 'digitalocean-token', anchors: ['_v1_'], pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g },
  { kind: 'shopify-token', anchors: ['shp'], pattern: /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g },
  { kind: 'databricks-token', anchors: ['dapi'], pattern: /\bdapi[a-f0-9]{32}\b/g },
  { kind: 'docker-token', anchors: ['dckr_pat_'], pattern: /\bdckr_pat_[A-Za-z0-9_-]{27}/g },
  { kind: 'linear-key', anchors: ['lin_api_'], pattern: /\blin_api_[A-Za-z0-9]{40}\b/g },
  { kind: 'atlassian-token', anchors: ['ATATT3'], pattern: /\bATATT3[A-Za-z0-9_=-]{60,250}/g },
  { kind: 'vault-token', anchors: ['hvs.', 'hvb.'], pattern: /\bhv[sb]\.[A-Za-z0-9_-]{80,250}/g },
  { kind: 'azure-storage-key', anchors: ['AccountKey='], pattern: /\bAccountKey=[A-Za-z0-9+/]{86}==/g },
  { kind: 'age-key', anchors: ['AGE-SECRET-KEY-1'], pattern: /\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b/g },
  {
    kind: 'password-in-url',
    anchors: ['://'],
    pattern: /:\/\/([^\s/:@'"`<>?#]{0,100}):([^\s/@'"`<>]{3,200})@[\w[]/g,
    accept: (match) => match[1] !== match[2] && !isTemplate(match[2]) && !isTrivialPassword(match[2]),
  },
  {
    kind: 'token-in-url',
    anchors: ['://'],
    pattern: /:\/\/([A-Za-z0-9_-]{20,200})@[\w[]/g,
    accept: (match) => isRandomToken(match[1]),
  },
  {
    kind: 'password-in-connection',
    anchors: ['assword=', 'ASSWORD=', 'wd=', 'WD='],
    // One of several settings: `Server=db;Password=…;`, `host=db password=…`. The one before tells it from an argument.
    pattern:
      /(?<![\w-])(?:password|pwd)=(?<=\w\s?=[^;,\s"'`()]{0,100}(?:;\s?| )(?:password|pwd)=)([^;\s"'`<>(){},]{8,200})(?=[;\s"'`]|$)/gi,
    accept: (match) => isPassword(match[1]),
  },
  {
    kind: 'authorization-header',
    anchors: ['Bearer ', 'Basic '],
    pattern: /\b(Bearer|Basic) ([A-Za-z0-9._~+/-]{12,1000}={0,2})/g,
    accept: (match) => (match[1] === 'Basic' ? isUserAndPassword(match[2]) : isRandomToken(match[2])),
  },
] as const satisfies readonly SecretFormat[];

/** Kind of a secret: a row of `SECRET_FORMATS`, a private key, or a telling name with a random value. */
export type SecretKind = (typeof SECRET_FORMATS)[number]['kind'] | 'private-key' | 'assigned-secret';

export interface SecretFinding {
  /** 1-based. The secret itself is nowhere kept. */
  readonly line: number;
  readonly kind: SecretKind;
}

/** Above this number of lines with secrets the whole file is left out: what remains would be holes. */
export const MAX_SECRET_LINES = 3;

/**
 * The lines of `text` that hold a secret, ascending, each line once with the first kind that fits.
 *
 * @param language as `languageOfPath` names it; in shell-like languages values need no quotes
 */
export function findSecrets(text: string, language: string): SecretFinding[] {
  const hits: { offset: number; kind: SecretKind }[] = [];
  for (const offset of privateKeyOffsets(text)) hits.push({ offset, kind: 'private-key' });
  for (const format of SECRET_FORMATS as readonly (SecretFormat & { kind: SecretKind })[]) {
    if (!format.anchors.some((anchor) => text.includes(anchor))) continue;
    for (const match of text.matchAll(format.pattern)) {
      if (isMasked(match[0])) continue;
      if (!format.accept || format.accept(match)) hits.push({ offset: lastLineOffset(match), kind: format.kind });
    }
  }
  for (const offset of assignedSecretOffsets(text, language)) hits.push({ offset, kind: 'assigned-secret' });
  return linesOf(text, hits);
}

/**
 * `text` without the given lines (1-based), their line ends included.
 */
export function withoutLines(text: string, lines: ReadonlySet<number>): string {
  if (lines.size === 0) return text;
  const kept: string[] = [];
  for (let start = 0, line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    if (!lines.has(line)) kept.push(text.slice(start, end));
    start = end;
  }
  return kept.join('');
}

// Private keys. The header alone is code that handles keys; a header with a body is a key.
const KEY_HEADER = /-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_SEPARATORS = /^(?:\\[rnt]|[\s"'`+,.\\#*|>]|\/\/){1,80}/;
const KEY_BODY = /^(?:[A-Za-z0-9+/=]{16}|(?:Proc-Type|DEK-Info|Version|Comment):)/;

function privateKeyOffsets(text: string): number[] {
  if (!text.includes('PRIVATE KEY')) return [];
  const offsets: number[] = [];
  for (const match of text.matchAll(KEY_HEADER)) {
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 400);
    if (KEY_BODY.test(after.replace(KEY_SEPARATORS, ''))) offsets.push(match.index);
  }
  return offsets;
}

// Names whose value is a secret. What follows the word must end the name: `tokenizer`, `secretName`, `password_hash` and
// `tokenUrl` are something else.
const SECRET_WORD =
  'secret|(?<!publickey)token|passw(?:or)?d|passphrase|passwd|pwd|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|master[_-]?key|session[_-]?key|credentials?';
const SECRET_SUFFIX =
  '(?:[_-]?(?:prod|production|dev|test|staging|live|default|base|value|key|string|str|\\d{1,3})){0,2}';
// What stands between a name and its value: `: Optional[str] =`, `[] =`, `=>`, `,` behind a quoted name, nothing but white
// space (`#define`, `WITH PASSWORD`), or the parenthesis of a call or around the value.
const ASSIGNMENT =
  "(?:\\[\\d{0,6}\\]|[\"'\\]]{0,2})\\s{0,5}(?::\\s{0,2}[\\w<>|.?&*\\[\\]' ]{1,60}=|=>|:=|!?={1,3}|:|(?<=[\"']\\s{0,2}),|\\bvalue\\s{0,2}=|(?<=\\w)[ \\t]{1,20}|(?=\\())\\s{0,5}(?:\\(\\s{0,20})?";
const QUOTED_SECRET = new RegExp(
  `(${SECRET_WORD}|identified\\s{1,3}by)${SECRET_SUFFIX}${ASSIGNMENT}[bfruBFRU@$]{0,2}(["'\`])([^\\s"'\`\\\\]{8,300})\\2`,
  'gi',
);
// Docker's `ENV NAME value` and the shells' `set -x NAME value` have no sign in between.
const BARE_SECRET = new RegExp(
  `(${SECRET_WORD})${SECRET_SUFFIX}(?:\\s{0,2}[:=]\\s{0,2}|(?<=(?:\\bENV|\\bsetenv|-g?x)[ \\t]{1,4}\\w{1,80})[ \\t]{1,4})([^\\s"'\`$<{(;#&|]{8,300})`,
  'gi',
);

function assignedSecretOffsets(text: string, language: string): number[] {
  const offsets: number[] = [];
  for (const match of text.matchAll(QUOTED_SECRET)) {
    const value = match[3];
    // The value may stand on the line after its name, so the offset is the value's.
    if (isSecretValue(match[1], value)) offsets.push(match.index + match[0].length - value.length - 1);
  }
  if (!hasBareValues(language)) return offsets;
  for (const match of text.matchAll(BARE_SECRET)) {
    if (isSecretValue(match[1], match[2])) offsets.push(match.index + match[0].length - match[2].length);
  }
  return offsets;
}

function isSecretValue(word: string, value: string): boolean {
  return /^(?:pass|pwd|identified)/i.test(word) ? isPassword(value) : isRandomToken(value) || isKeyWithSigns(value);
}

/**
 * Looks like a password that somebody chose: at least 8 characters of three of the four classes (lower, upper, digit,
 * sign), or 12 of letters and digits mixed, and no words, path, template or text for show.
 */
function isPassword(value: string): boolean {
  if (value.length < 8 || isTemplate(value) || isForShow(value) || isTrivialPassword(value)) return false;
  if (/[[\]()\\^]/.test(value) || /^(?:\.{0,2}\/|[a-z]+:\/\/|arn:)/i.test(value)) return false;
  // Names with dots, slashes, dashes or colons: translation keys, paths, identifiers, validation rules.
  if (/^[\w.:/|,-]+$/.test(value)) {
    const segments = value.split(/[^A-Za-z0-9]+/);
    if (segments.length > 1 && segments.every((segment) => /^(?:[a-z]*\d{0,2}|\d+)$/i.test(segment))) return false;
  }
  if (/^[a-z_$][\w$]*(?:\.[a-z_$][\w$]*)+$/i.test(value)) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((pattern) => pattern.test(value)).length;
  if (/^[a-z][a-z_-]*\d{0,2}$/i.test(value)) return false; // password1, my-password
  if (classes >= 3) return entropyBits(value) >= 2.5;
  return value.length >= 12 && /\d/.test(value) && /[a-z]/i.test(value) && isRandomToken(value.padEnd(16, value));
}

/**
 * Looks generated: at least 16 characters, letters and digits, at least 3.3 bits of entropy in each character (2.8 for
 * hexadecimal digits, which cannot have more than 4), and not made of words.
 */
function isRandomToken(value: string): boolean {
  if (value.length < 16 || isTemplate(value) || isForShow(value)) return false;
  if (/[[\]()\\^,;]/.test(value) || /^(?:\.{0,2}\/|[a-z]+:\/\/|arn:|urn:)/i.test(value)) return false;
  const digits = value.replace(/\D/g, '').length;
  if (digits === 0 || !/[a-z]/i.test(value) || digits > 0.85 * value.length) return false;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:$|\/)/i.test(value)) return false; // a UUID names a thing
  const isHex = /^[0-9a-f]+$/i.test(value);
  if (entropyBits(value) < (isHex ? 2.8 : 3.3)) return false;
  // Names switch between letters and digits once or twice (`item42-v2`), random text at every third character.
  const switches = value.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  return switches >= 6 || wordShare(value) < 0.5;
}

/**
 * Letters, digits and the signs that generators of keys use (Django's among them), long and mixed enough to be neither a
 * pattern nor a template, which some of the signs would else make of it.
 */
function isKeyWithSigns(whole: string): boolean {
  if (!/^[\w!@#$%^&*()=+-]{40,}$/.test(whole) || isForShow(whole)) return false;
  const value = whole.replace(/^django-insecure-/, '');
  const signs = new Set(value.replace(/[\w-]/g, '')).size;
  const digits = value.replace(/\D/g, '').length;
  return signs >= 3 && digits >= 3 && /[a-z]/i.test(value) && entropyBits(value) >= 4 && wordShare(value) < 0.5;
}

/** A hole to be filled: `${x}`, `{x}`, `<x>`, `%s`, `$NAME`, `{{ x }}`, `***`. */
function isTemplate(value: string): boolean {
  return /[{}<>]|\$[A-Za-z_(]|%[sdv@(]|\*{3}|\.{3}|^\$|^%\w+%$/.test(value);
}

/** Made to be seen. Short words are no risk: a random text of 40 characters holds one once in ten thousand. */
function isForShow(value: string): boolean {
  return (
    isMasked(value) ||
    /example|sample|change_?-?me|your[_-]|placeholder|dummy|redacted|insert|fake|mock|foobar|lorem|abcdef|qwerty|01234|12345|54321|process\.env|environ|undefined/i.test(
      value,
    )
  );
}

/** `xxxxxx`, `******`, `000000`: one character six times in a row. */
function isMasked(value: string): boolean {
  return /([x*0.#_-])\1{5}/i.test(value);
}

const TRIVIAL_PASSWORDS: ReadonlySet<string> = new Set([
  'password',
  'passwort',
  'passwd',
  'passw',
  'pass',
  'pwd',
  'secret',
  'mysecret',
  'mypassword',
  'mypass',
  'userpass',
  'userpassword',
  'yourpassword',
  'dbpassword',
  'testpassword',
  'test',
  'testing',
  'admin',
  'root',
  'user',
  'username',
  'guest',
  'postgres',
  'mysql',
  'letmein',
  'welcome',
  'qwerty',
  'changeme',
  'example',
  'foo',
  'foobar',
  'bar',
  'abc',
  'token',
  'xxx',
  'xyz',
  'hello',
  '',
]);

/** `Passw0rd!`, `secret123`: everybody's password, read through digits and signs that stand for letters. */
function isTrivialPassword(value: string): boolean {
  const letters = value
    .toLowerCase()
    .replace(/[\d!?.#*_-]{1,8}$/, '')
    .replace(/[@01$3!]/g, (sign) => ({ '@': 'a', '0': 'o', '1': 'l', $: 's', '3': 'e', '!': 'i' })[sign] ?? sign)
    .replace(/[^a-z]/g, '');
  return TRIVIAL_PASSWORDS.has(letters);
}

/** Shannon entropy of the characters of `value`, bits for each character. */
export function entropyBits(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** Share of the letters and digits that lie in word-like runs: `getUserToken2` 0.69, a random token about 0.2. */
export function wordShare(value: string): number {
  const pieces = value.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  let all = 0;
  let inWords = 0;
  for (const piece of pieces) {
    all += piece.length;
    if (piece.length >= 4 && /[aeiouy]/i.test(piece) && !/[^aeiouy\d]{5}/i.test(piece)) inWords += piece.length;
  }
  return all === 0 ? 0 : inWords / all;
}

function isUserAndPassword(base64: string): boolean {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  const match = /^([\x20-\x39\x3b-\x7e]{1,100}):([\x20-\x7e]{3,200})$/.exec(text);
  return match !== null && match[1] !== match[2] && !isTrivialPassword(match[2]);
}

function isJsonWithKey(base64: string, key: string): boolean {
  const text = Buffer.from(base64, 'base64url').toString('utf8');
  return text.startsWith('{') && text.includes(`"${key}"`);
}

/** Where the last line of a match begins, or the match itself: the secret is at its end. */
function lastLineOffset(match: RegExpExecArray): number {
  return match.index + Math.max(0, match[0].lastIndexOf('\n') + 1);
}

function linesOf(text: string, hits: { offset: number; kind: SecretKind }[]): SecretFinding[] {
  const ordered = hits
    .map((hit, order) => ({ ...hit, order }))
    .sort((a, b) => a.offset - b.offset || a.order - b.order);
  const found = new Map<number, { kind: SecretKind; order: number }>();
  let line = 1;
  let position = 0;
  for (const hit of ordered) {
    for (let next = text.indexOf('\n', position); next >= 0 && next < hit.offset; next = text.indexOf('\n', position)) {
      line++;
      position = next + 1;
    }
    const known = found.get(line);
    if (!known || hit.order < known.order) found.set(line, { kind: hit.kind, order: hit.order });
  }
  return [...found].map(([foundLine, { kind }]) => ({ line: foundLine, kind }));
}
