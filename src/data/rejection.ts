/**
 * @file Why a file is left out. Every reason has a code and a sentence; the checks are pure functions of a path or of a
 * text, so each of them can be read and tested alone.
 */

/** The reasons, with the sentence a person reads. `{}` stands for the detail, the part that differs between files. */
export const REJECTION_SENTENCES = {
  ignored: 'Ignored by git: {}.',
  excluded: 'Left out by a pattern: {}.',
  vendored: 'Third-party or built code: {}.',
  generated: 'Generated, not written: {}.',
  minified: 'Minified or packed data: {}.',
  notCode: 'Not a programming language: {}.',
  binary: 'Binary: {}.',
  notUtf8: 'Not valid UTF-8: {}.',
  empty: 'Nothing in it: {}.',
  tooLarge: 'Too large: {}.',
  totalLimit: 'The folder is larger than the limit for one run: {}.',
  symlink: 'A symbolic link, never followed: {}.',
  notAFile: 'Not a regular file: {}.',
  nestedRepository: 'A repository of its own: {}.',
  missing: 'Listed but not on disk: {}.',
  invalidName: 'Its name cannot be read: {}.',
  unreadable: 'Could not be read: {}.',
  secretFile: 'Made to hold secrets, never opened: {}.',
  secrets: 'Holds secrets: {}.',
  duplicate: 'The same as another file: {}.',
  nearDuplicate: 'Almost the same as another file: {}.',
} as const;

export type RejectionReason = keyof typeof REJECTION_SENTENCES;

/** One file (or, ending in `/`, one folder) that is not used. */
export interface Rejection {
  /** Relative, forward slashes; with several folders it starts with the folder's name. */
  readonly path: string;
  readonly reason: RejectionReason;
  /** What was found in this file, without the secret if there was one. */
  readonly detail: string;
}

/** The reason as one human sentence. */
export function rejectionSentence(rejection: Rejection): string {
  return REJECTION_SENTENCES[rejection.reason].replace('{}', () => rejection.detail);
}

/** A failed check: what it is and what it rests on. */
export interface Finding {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** Spelt as tools spell them: `pods` may well be somebody's own code, `Pods` is CocoaPods'. */
const VENDORED_FOLDERS: ReadonlySet<string> = new Set([
  // Our own: runs, and what evaluations write where no folder is given.
  '.rgft',
  'rgft-evaluation',
  'rgft-methods',
  'node_modules',
  'bower_components',
  'jspm_packages',
  'web_modules',
  'vendor',
  'vendors',
  'vendored',
  '_vendor',
  'third_party',
  'third-party',
  'thirdparty',
  '3rdparty',
  '3rd_party',
  'Vendor',
  'ThirdParty',
  'Godeps',
  'Pods',
  'Carthage',
  'site-packages',
  '.venv',
  'venv',
  'virtualenv',
  '.tox',
  '.nox',
  '.eggs',
  '.yarn',
  '.pnpm-store',
  '.gradle',
  '.m2',
  '.cargo',
  '.bundle',
  'dist',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.output',
  '.parcel-cache',
  '.turbo',
  '.terraform',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.ipynb_checkpoints',
]);

const VENDORED_NAMES: readonly RegExp[] = [
  /^(?:jquery|bootstrap|angular|underscore|lodash|modernizr|moment|d3|react|vue|require|prototype|mootools)(?:[.-]\d[\w.-]{0,40})?\.(?:js|css)$/i,
  /^(?:gradlew|gradlew\.bat|mvnw|mvnw\.cmd|\.pnp\.c?js)$/i,
];

const GENERATED_NAMES: readonly RegExp[] = [
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|gemfile\.lock|cargo\.lock|poetry\.lock|pdm\.lock|uv\.lock|pipfile\.lock|go\.sum|flake\.lock|mix\.lock|pubspec\.lock|podfile\.lock|package\.resolved|packages\.lock\.json|gradle\.lockfile|\.terraform\.lock\.hcl)$/i,
  /(?:\.pb\.go|_pb2(?:_grpc)?\.pyi?|\.pb\.(?:cc|h|c)|_pb\.(?:js|ts|d\.ts)|\.pb\.(?:ts|js|dart|swift)|_pb\.rb|\.pbobjc\.[hm]|\.grpc\.swift|_grpc_pb\.js|\.twirp\.go)$/i,
  /\.(?:g|freezed|gr|mocks)\.dart$/i,
  /\.(?:designer|generated|g|g\.i)\.(?:cs|vb)$/i,
  /(?:\.generated|\.gen|_generated|\.auto)\.[a-z0-9+]{1,5}$/i,
  /^zz_generated[\w.]*\.go$/i,
  /^(?:moc|qrc)_[\w.-]+\.(?:cpp|cxx|cc)$/i,
  /^ui_[\w.-]+\.h$/i,
  /^(?:parsetab|lextab)\.py$/i,
  /\.tab\.[ch]$/i,
  /\.(?:js|css)\.map$/i,
  /\.snap$/i,
];

const SECRET_FILE_NAMES: readonly RegExp[] = [
  /^\.env(?:\.[\w.-]+)?$|^[\w-]+\.env$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)$/i,
  /\.(?:pem|p12|pfx|jks|keystore|ppk|key|kdbx|asc|gpg)$/i,
  /^(?:\.netrc|_netrc|\.pgpass|\.htpasswd|\.npmrc|\.pypirc|\.git-credentials|\.dockercfg)$/i,
  /^(?:credentials|client_secret[\w.-]*\.json|service[-_]?account[\w.-]*\.json|secrets?\.(?:ya?ml|json|toml|ini))$/i,
];

/** What the name of a folder tells about everything in it. */
export function checkFolder(name: string): Finding | undefined {
  return VENDORED_FOLDERS.has(name) ? { reason: 'vendored', detail: `it lies in "${name}"` } : undefined;
}

/** What the path alone tells: a file that holds secrets by its nature, third-party code, generated or minified files. */
export function checkPath(path: string): Finding | undefined {
  const parts = path.split('/');
  const name = parts[parts.length - 1];
  if (SECRET_FILE_NAMES.some((pattern) => pattern.test(name))) {
    return { reason: 'secretFile', detail: 'files with this name usually hold keys or passwords' };
  }
  for (const folder of parts.slice(0, -1)) {
    const finding = checkFolder(folder);
    if (finding) return finding;
  }
  if (GENERATED_NAMES.some((pattern) => pattern.test(name))) {
    return { reason: 'generated', detail: 'tools write files with this name' };
  }
  if (VENDORED_NAMES.some((pattern) => pattern.test(name))) {
    return { reason: 'vendored', detail: 'it has the name of a well-known library or wrapper' };
  }
  if (/[.-]min\.(?:js|css|mjs|cjs)$/i.test(name)) return { reason: 'minified', detail: 'its name says so' };
  return undefined;
}

/** Lines of the head of a file that may say "generated". */
const HEADER_LINES = 40;
const COMMENT_START = /^\s{0,80}(?:\/\/|#|\/\*|\*|--|;|%|<!--|"""|'''|'\s|\(\*|\{-|\{#|@?rem\b)/i;
/** `REGEN` in names, `regenerated` in prose and `generated` in sentences about something else must not match. */
const GENERATED_MARKS: readonly RegExp[] = [
  /^[\s/#*;%'"<!(){-]{0,20}@(?:partially-)?generated\b/,
  /@generated\s+(?:by|from|SignedSource)\b/,
  /^[\s/#*;%'"<!(){-]{0,20}(?:auto-?|machine[- ]?)?(?:code\s+)?generated by\b/i,
  /\bcode generated\b.{0,200}\bdo not edit\b/i,
  /<auto-?generated\b/i,
  /\bthis (?:file|code|source|module|class|header|script|source code)(?: (?:is|was|has been))? (?:auto(?:matically)?[- ]?|machine[- ]?)?generated\b/i,
  /^[\s/#*;%'"<!(){-]{0,20}(?:this (?:file|code) (?:is|was) )?(?:auto[- ]?generated|automatically generated|machine[- ]generated)\b/i,
  /\bgenerated\b.{0,120}\bdo not (?:edit|modify|change)\b|\bdo not (?:edit|modify|change)\b.{0,120}\bgenerated\b/i,
];

/**
 * The line (1-based) whose comment says that a tool wrote this file, or 0. Only comment lines among the first 40 count,
 * so a program that merely handles such marks is not taken for one.
 */
export function generatedMarkLine(text: string): number {
  let start = 0;
  for (let line = 1; line <= HEADER_LINES && start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const head = text.slice(start, Math.min(end, start + 400));
    // The first line may continue a docstring that line 1 opened, so prose without a marker counts up to line 5.
    if ((COMMENT_START.test(head) || (line <= 5 && text.startsWith('"""'))) && isGeneratedMark(head)) return line;
    start = end + 1;
  }
  return 0;
}

function isGeneratedMark(line: string): boolean {
  return GENERATED_MARKS.some((pattern) => pattern.test(line));
}

/** Mean length of non-empty lines above which a text counts as minified, characters (GitHub Linguist uses 110). */
export const MAX_MEAN_LINE_LENGTH = 150;
/** Length of one line above which a text counts as packed data, characters. */
export const MAX_LINE_LENGTH = 5000;

/**
 * What the text tells: nothing in it, generated, minified.
 *
 * @param keep reasons that do not apply
 */
export function checkText(text: string, keep: ReadonlySet<string> = new Set()): Finding | undefined {
  if (text.trim() === '') return { reason: 'empty', detail: text === '' ? 'no bytes' : 'only white space' };
  const minified = keep.has('minified') ? undefined : checkLineLengths(text);
  if (minified) return minified;
  const mark = keep.has('generated') ? 0 : generatedMarkLine(text);
  return mark > 0 ? { reason: 'generated', detail: `line ${mark} says so` } : undefined;
}

function checkLineLengths(text: string): Finding | undefined {
  let lines = 0;
  let characters = 0;
  for (let start = 0, line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const length = end - start;
    if (length > MAX_LINE_LENGTH) {
      return {
        reason: 'minified',
        detail: `line ${line} is ${length} characters long, at most ${MAX_LINE_LENGTH} are taken`,
      };
    }
    if (length > 1) {
      lines++;
      characters += length;
    }
    start = end + 1;
  }
  const mean = characters / Math.max(lines, 1);
  if (mean > MAX_MEAN_LINE_LENGTH) {
    return {
      reason: 'minified',
      detail: `its lines are ${Math.round(mean)} characters long on average, at most ${MAX_MEAN_LINE_LENGTH} are taken`,
    };
  }
  return undefined;
}

/** UTF-8 bytes to text without the byte order mark, or why that is not possible. Line ends are kept as they are. */
export function decodeSource(bytes: Uint8Array): { readonly text: string } | Finding {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { reason: 'notUtf8', detail: 'it is UTF-16; save it as UTF-8 to use it' };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { reason: 'binary', detail: `byte ${nul} is zero` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { reason: 'notUtf8', detail: 'it has bytes that are no UTF-8; save it as UTF-8 to use it' };
  }
}
