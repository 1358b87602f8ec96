/**
 * @file Which language a file is written in, by its name. Only code is listed: data, configuration, markup for
 * documents and pictures are absent on purpose, for a code model learns their noise and not the project's style.
 */

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  ada: ['adb', 'ads'],
  assembly: ['asm', 's'],
  astro: ['astro'],
  bazel: ['bazel', 'bzl'],
  c: ['c', 'h'],
  clojure: ['clj', 'cljc', 'cljs', 'edn'],
  cmake: ['cmake'],
  cobol: ['cbl', 'cob'],
  coffeescript: ['coffee'],
  cpp: ['c++', 'cc', 'cpp', 'cxx', 'h++', 'hh', 'hpp', 'hxx', 'inl', 'ipp', 'ixx', 'tpp'],
  crystal: ['cr'],
  csharp: ['cs', 'csx'],
  css: ['css', 'less', 'sass', 'scss', 'styl'],
  cuda: ['cu', 'cuh'],
  cython: ['pxd', 'pxi', 'pyx'],
  d: ['d', 'di'],
  dart: ['dart'],
  elixir: ['ex', 'exs', 'heex', 'leex'],
  elm: ['elm'],
  erlang: ['erl', 'hrl'],
  fortran: ['f', 'f03', 'f08', 'f77', 'f90', 'f95', 'for'],
  fsharp: ['fs', 'fsi', 'fsx'],
  gdscript: ['gd'],
  glsl: ['comp', 'frag', 'geom', 'glsl', 'vert'],
  gleam: ['gleam'],
  go: ['go'],
  graphql: ['gql', 'graphql'],
  groovy: ['gradle', 'groovy'],
  haskell: ['hs', 'lhs'],
  hlsl: ['hlsl'],
  html: ['htm', 'html', 'xhtml'],
  java: ['java'],
  javascript: ['cjs', 'js', 'jsx', 'mjs'],
  julia: ['jl'],
  kotlin: ['kt', 'kts'],
  lisp: ['cl', 'el', 'lisp', 'lsp'],
  lua: ['lua', 'luau'],
  makefile: ['mak', 'mk'],
  matlab: ['matlab'],
  mojo: ['mojo'],
  nim: ['nim', 'nims'],
  nix: ['nix'],
  'objective-c': ['m', 'mm'],
  ocaml: ['ml', 'mli', 'mll', 'mly'],
  pascal: ['dpr', 'lpr', 'pas', 'pp'],
  perl: ['pl', 'pm', 't'],
  php: ['php', 'phtml'],
  powershell: ['ps1', 'psd1', 'psm1'],
  prisma: ['prisma'],
  protobuf: ['proto'],
  python: ['py', 'pyi', 'pyw'],
  r: ['r'],
  racket: ['rkt'],
  ruby: ['gemspec', 'rake', 'rb'],
  rust: ['rs'],
  scala: ['sbt', 'sc', 'scala'],
  scheme: ['scm', 'ss'],
  shell: ['bash', 'bats', 'fish', 'ksh', 'sh', 'zsh'],
  solidity: ['sol'],
  sql: ['pgsql', 'plsql', 'psql', 'sql'],
  starlark: ['star'],
  svelte: ['svelte'],
  swift: ['swift'],
  tcl: ['tcl'],
  terraform: ['hcl', 'tf', 'tfvars'],
  typescript: ['cts', 'mts', 'ts', 'tsx'],
  vb: ['bas', 'vb', 'vbs'],
  verilog: ['sv', 'svh', 'v', 'vh'],
  vhdl: ['vhd', 'vhdl'],
  vim: ['vim'],
  vue: ['vue'],
  wgsl: ['wgsl'],
  zig: ['zig'],
};

/** Whole names; a `Map`, for a file may be called `constructor`. */
const FILE_NAMES: ReadonlyMap<string, string> = new Map([
  ['BUILD', 'bazel'],
  ['WORKSPACE', 'bazel'],
  ['CMakeLists.txt', 'cmake'],
  ['Containerfile', 'dockerfile'],
  ['Dockerfile', 'dockerfile'],
  ['dockerfile', 'dockerfile'],
  ['Gemfile', 'ruby'],
  ['Rakefile', 'ruby'],
  ['Podfile', 'ruby'],
  ['Vagrantfile', 'ruby'],
  ['GNUmakefile', 'makefile'],
  ['Makefile', 'makefile'],
  ['makefile', 'makefile'],
  ['Justfile', 'makefile'],
  ['justfile', 'makefile'],
  ['Jenkinsfile', 'groovy'],
  ['SConscript', 'python'],
  ['SConstruct', 'python'],
]);

const INTERPRETERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:python|pypy)[\d.]*$/, 'python'],
  [/^(?:ba|da|k|z|fi)?sh$/, 'shell'],
  [/^(?:node|deno|bun)$/, 'javascript'],
  [/^(?:ts-node|tsx)$/, 'typescript'],
  [/^ruby[\d.]*$/, 'ruby'],
  [/^perl[\d.]*$/, 'perl'],
  [/^php[\d.]*$/, 'php'],
  [/^Rscript$/, 'r'],
  [/^lua(?:jit)?[\d.]*$/, 'lua'],
  [/^(?:make|gmake)$/, 'makefile'],
  [/^julia$/, 'julia'],
  [/^(?:tclsh|wish)[\d.]*$/, 'tcl'],
  [/^groovy$/, 'groovy'],
  [/^(?:escript)$/, 'erlang'],
  [/^elixir$/, 'elixir'],
];

const LANGUAGE_OF_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries(EXTENSIONS).flatMap(([language, extensions]) =>
    extensions.map((extension) => [extension, language] as const),
  ),
);

/**
 * The language of a path, `'none'` when it is not code, or `'ask-first-line'` when the name has no extension and only a
 * `#!` line can tell (`languageOfShebang`).
 *
 * @param extraExtensions further extensions, without the dot and in lower case, that count as code; the language is
 *   then the extension itself
 */
export function languageOfPath(path: string, extraExtensions: ReadonlySet<string> = new Set()): string {
  const exactName = path.slice(path.lastIndexOf('/') + 1);
  const named = FILE_NAMES.get(exactName) ?? (/^Dockerfile\.[\w-]+$/.test(exactName) ? 'dockerfile' : undefined);
  if (named) return named;
  const name = exactName.toLowerCase();
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return dot < 0 ? 'ask-first-line' : 'none';
  const extension = name.slice(dot + 1);
  return LANGUAGE_OF_EXTENSION.get(extension) ?? (extraExtensions.has(extension) ? extension : 'none');
}

/** The language that a first line like `#!/usr/bin/env python3` names, or `'none'`. */
export function languageOfShebang(text: string): string {
  if (!text.startsWith('#!')) return 'none';
  const firstLine = text.slice(2, 202).split(/\r?\n/, 1)[0];
  for (const word of firstLine.trim().split(/\s+/)) {
    const program = word.slice(word.lastIndexOf('/') + 1);
    const found = INTERPRETERS.find(([pattern]) => pattern.test(program));
    if (found) return found[1];
    if (program !== 'env' && !program.startsWith('-') && !program.includes('=')) return 'none';
  }
  return 'none';
}

/** True for languages whose assignments need no quotes around a text, e.g. `export TOKEN=abc`. */
export function hasBareValues(language: string): boolean {
  return ['shell', 'dockerfile', 'makefile', 'terraform', 'yaml', 'yml', 'env', 'ini', 'properties', 'toml'].includes(
    language,
  );
}
