import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSecrets, SECRET_FORMATS, withoutLines } from '../../src/data/secrets.ts';
import { createRandom, nextBelow } from '../../src/random.ts';

// No secret stands in this file: every fake is put together here from pieces and seeded random characters.
const random = createRandom(20);
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const pick = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[nextBelow(random, alphabet.length)]).join('');
const alnum = (length: number) => pick(`${LETTERS}0123456789`, length);
const hex = (length: number) => pick('0123456789abcdef', length);
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const FAKES: Record<(typeof SECRET_FORMATS)[number]['kind'], string[]> = {
  'aws-access-key': [`key = "${'AK'}IA${pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}"`],
  'aws-secret-key': [`aws_secret_access_key = '${`aB3/${alnum(36)}`}'`],
  'github-token': [`x = "${'gh'}p_${alnum(36)}"`, `x = "${'git'}hub_pat_${alnum(22)}_${alnum(59)}"`],
  'gitlab-token': [`x = "${'gl'}pat-${alnum(20)}"`],
  'slack-token': [`x = "${'xo'}xb-${pick('0123456789', 12)}-${pick('0123456789', 12)}-${alnum(24)}"`],
  'slack-webhook': [`"https://${'hooks.sl'}ack.com/services/T${alnum(8)}/B${alnum(8)}/${alnum(24)}"`],
  'discord-webhook': [`"https://${'disc'}ord.com/api/webhooks/${pick('123456789', 18)}/${alnum(68)}"`],
  'google-api-key': [`x = "${'AI'}za${alnum(35)}"`],
  'google-oauth': [`x = "${'GOC'}SPX-${alnum(28)}"`],
  'stripe-key': [`x = "${'sk'}_live_${alnum(24)}"`, `x = "${'rk'}_test_${alnum(24)}"`],
  'npm-token': [`x = "${'np'}m_${alnum(36)}"`],
  'pypi-token': [`x = "${'py'}pi-AgEIcHlwaS5vcmc${alnum(80)}"`],
  'rubygems-token': [`x = "${'ruby'}gems_${hex(48)}"`],
  jwt: [`x = "${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'somebody' })}.${alnum(43)}"`],
  'openai-key': [`x = "${'sk'}-proj-${alnum(60)}"`],
  'anthropic-key': [`x = "${'sk'}-ant-api03-${alnum(90)}"`],
  'hugging-face-token': [`x = "${'h'}f_${pick(LETTERS, 34)}"`],
  'sendgrid-key': [`x = "${'S'}G.${alnum(22)}.${alnum(43)}"`],
  'mailgun-key': [`x = "${'ke'}y-${hex(32)}"`],
  'twilio-key': [`x = "${'S'}K${hex(32)}"`],
  'telegram-token': [`x = "${pick('123456789', 9)}:${'A'}A${alnum(33)}"`],
  'digitalocean-token': [`x = "${'do'}p_v1_${hex(64)}"`],
  'shopify-token': [`x = "${'shp'}at_${hex(32)}"`],
  'databricks-token': [`x = "${'da'}pi${hex(32)}"`],
  'docker-token': [`x = "${'dc'}kr_pat_${alnum(27)}"`],
  'linear-key': [`x = "${'li'}n_api_${alnum(40)}"`],
  'atlassian-token': [`x = "${'ATA'}TT3${alnum(100)}"`],
  'vault-token': [`x = "${'hv'}s.${alnum(90)}"`],
  'azure-storage-key': [`x = "AccountName=a;${'Account'}Key=${alnum(86)}=="`],
  'age-key': [`x = "${'AGE-SEC'}RET-KEY-1${pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 58)}"`],
  'password-in-url': [
    `db = "postgres://admin:${'hun'}ter2x@db.internal/app"`,
    `db = 'redis://:${alnum(20)}@cache:6379'`,
    `db = "mongodb+srv://u:${alnum(12)}@[::1]/x"`,
  ],
  'token-in-url': [`git clone https://${`q7${alnum(30)}`}@github.com/a/b`],
  'password-in-connection': [
    `c = "Server=db;User Id=sa;Password=${'Str'}0ng!Pass99;Encrypt=true"`,
    `dsn = "dbname=x user=y password=${'kT9'}vLq2Zx!7"`,
  ],
  'authorization-header': [
    `curl -H "Authorization: Bearer ${alnum(40)}"`,
    `h = "Basic ${Buffer.from('admin:tr0ub4dor&3').toString('base64')}"`,
  ],
};

test('every known format is found in a fake of its own kind, on its line', () => {
  for (const { kind } of SECRET_FORMATS) {
    for (const fake of FAKES[kind]) {
      const found = findSecrets(`first = 1\r\n${fake}\r\nlast = 2\r\n`, 'python');
      assert.deepEqual(found, [{ line: 2, kind }], `${kind} in ${fake}`);
    }
  }
});

test('random values given to telling names are found in many notations', () => {
  const value = `q7${alnum(22)}`;
  const lines: [string, string][] = [
    [`API_TOKEN = "${value}"`, 'python'],
    [`api_token: str = '${value}'`, 'python'],
    [`const clientSecret = \`${value}\`;`, 'typescript'],
    [`{ "access_key": "${value}" }`, 'javascript'],
    [`config['secret'] = '${value}'`, 'ruby'],
    [`$config['auth_key'] => "${value}",`, 'php'],
    [`token := "${value}"`, 'go'],
    [`os.environ.get("MY_TOKEN", "${value}")`, 'python'],
    [`if (token == "${value}")`, 'java'],
    [`<add key="ApiToken" value="${value}" />`, 'html'],
    [`export SECRET_KEY_PROD=${value}`, 'shell'],
    [`ENV API_KEY=${value}`, 'dockerfile'],
    [`token = "${hex(32)}"`, 'python'],
    [`password = "${'Tr0ub4'}dor&3"`, 'python'],
    [`db_password: "${'kX9'}-vela-77q"`, 'ruby'],
    [`SECRET_KEY = "django-insecure-^4n&7pw*b${'$'}kz0h(9r!u2yx#c8v)m3q1"`, 'python'],
    [`const TOKEN: &'static str = "${value}";`, 'rust'],
    [`#define API_KEY "${value}"`, 'c'],
    [`const char apiKey[] = "${value}";`, 'cpp'],
    [`api_key: Optional[str] = "${value}"`, 'python'],
    [`apiKey: string | undefined = "${value}"`, 'typescript'],
    [`API_KEY = ("${value}")`, 'python'],
    [`client.setApiKey("${value}");`, 'java'],
    [`ENV API_KEY ${value}`, 'dockerfile'],
    [`set -x API_KEY ${value}`, 'shell'],
    [`CREATE USER 'x' IDENTIFIED BY '${'kT9'}vLq2Zx!7';`, 'sql'],
  ];
  for (const [line, language] of lines) {
    assert.deepEqual(findSecrets(line, language), [{ line: 1, kind: 'assigned-secret' }], line);
  }
});

test('a value on the line after its name is reported where the value is', () => {
  const found = findSecrets(`api_key =\n    "${`z9${alnum(30)}`}"\n`, 'python');
  assert.deepEqual(found, [{ line: 2, kind: 'assigned-secret' }]);
});

test('a private key is found as block, as one escaped line and as joined strings; its header alone is code', () => {
  const header = `-----BEGIN ${'RSA PRIV'}ATE KEY-----`;
  const body = alnum(64);
  for (const text of [
    `${header}\n${body}\n${body}\n-----END`,
    `key = "${header}\\n${body}\\n"`,
    `key = "${header}" +\n  "${body}" +`,
    `# ${header}\n# ${body}`,
    `${header}\nProc-Type: 4,ENCRYPTED\n\n${body}`,
  ]) {
    assert.deepEqual(findSecrets(text, 'python')[0], { line: 1, kind: 'private-key' }, text);
  }
  for (const text of [
    `if (pem.startsWith("${header}")) { throw new InvalidKeyException(message); }`,
    `HEADER = "${header}"\nFOOTER = "-----END RSA"`,
    `const header = '${header}';\nreturnTheFirstSixteenCharacters(header)`,
  ]) {
    assert.deepEqual(findSecrets(text, 'python'), [], text);
  }
});

test('harmless look-alikes are left alone', () => {
  const sha1 = hex(40);
  const lines = [
    'password = getpass.getpass("Password: ")',
    'password = "password"',
    'password: "Passw0rd!"',
    'PASSWORD = "changeme123"',
    'const password = process.env.PASSWORD;',
    'password: "auth.form.password.label1"',
    'password: "required|min:8|max:255"',
    'label = { password: "Enter-your-password" }',
    'password = "/run/secrets/db_password_1"',
    'password = "projects/123/secrets/my-secret/versions/1"',
    'passwordPattern = "^(?=.*\\d)(?=.*[a-z]).{8,}$"',
    'password_hash = "pbkdf2_sha256$260000$abc"',
    'token = "YOUR_TOKEN_GOES_HERE_1234"',
    'token = "xxxxxxxxxxxxxxxxxxxxxxxx1"',
    'token = "accessTokenFromServerResponse2"',
    'token = "ACCESS_TOKEN_SECRET_NAME_V2"',
    'token_type = "urn:ietf:params:oauth:token-type:jwt"',
    'tokenUrl = "https://login.microsoftonline.com/common/oauth2/v2.0/token"',
    'tokenizer = "HuggingFaceTB/SmolLM2-135M-Instruct"',
    'secret = `$\u007bprefix}-$\u007bid}-0a1b2c3d4e5f6a7b`',
    'secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:name-AbCdEf"',
    `token = "\${{ secrets.GITHUB_TOKEN_123456 }}"`,
    'api_key = "00000000-0000-0000-0000-000000000000"',
    'connect(host="db", user="x", password=Str0ngPass99Variable)',
    'connect(user=name, password=Str0ngPass99Variable)',
    'url = "https://github.com/a-long-name-of-a-user-1/b@v2"',
    'credential.getToken("550e8400-e29b-41d4-a716-446655440000/.default")',
    'throw new Error(`unexpected token "x" in password "Enter-your-1st-password"`)',
    'secret_pattern = "^(?=.*[a-z])(?=.*[0-9])(?=.*[!@#$%^&*()])[a-z0-9!@#$]{12,64}$"',
    'token_query = "grant=%(grant)s&client_id=%(client_1)s&client_secret=%(secret_2)s&v=3"',
    'token = "550e8400-e29b-41d4-a716-446655440000"',
    'api_key = "<your api key 12345678>"',
    'secret_key = "abcdefghijklmnop0123456789"',
    'publicKeyToken="b77a5c561934e089"',
    `commit = "${sha1}"`,
    `integrity = "sha512-${alnum(86)}=="`,
    'url = "https://user:password@example.com/"',
    'url = "https://user:pass@host"',
    'url = "postgres://postgres:postgres@localhost/test"',
    'url = f"postgres://{user}:{password}@{host}/{name}"',
    'url = "postgres://%s:%s@%s" % parts',
    'url = "https://$USER:$PASSWORD@host"',
    'url = "http://localhost:8080/path@2x.png"',
    'Authorization: Bearer {token}',
    'Authorization: Bearer <access-token-value>',
    'header = "Bearer token_for_the_current_user"',
    `header = "Basic ${Buffer.from('user:password').toString('base64')}"`,
    'x = "npm_config_registry"',
    'x = "hf_transfer_enabled"',
    'x = "sk_test_"',
    'class = "xoxo-hugs-and-kisses"',
    'alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"',
    'for token in tokens: emit(token, "STRING_LITERAL_123456")',
    'key-00000000000000000000000000000000',
    `x = "eyJhbGciOi" + ".part." + "signature"`,
    'assert_eq!(lexer.next(), Some(Token::Ident("foo_bar_baz_1234567")));',
  ];
  for (const line of lines) {
    for (const language of ['python', 'shell'])
      assert.deepEqual(findSecrets(line, language), [], `${language}: ${line}`);
  }
});

test('bare values count in shell-like languages only', () => {
  const line = `token = ${`k3${alnum(28)}`}`;
  assert.deepEqual(findSecrets(line, 'shell'), [{ line: 1, kind: 'assigned-secret' }]);
  assert.deepEqual(findSecrets(line, 'python'), []);
});

test('findings carry line and kind and nothing of the secret', () => {
  const secret = `${'gh'}p_${alnum(36)}`;
  assert.ok(!JSON.stringify(findSecrets(`a\nb\ntoken = "${secret}"`, 'python')).includes(secret.slice(4, 12)));
});

test('a line with several secrets is one finding of the first kind; lines ascend', () => {
  const github = `${'gh'}p_${alnum(36)}`;
  const npm = `${'np'}m_${alnum(36)}`;
  assert.deepEqual(findSecrets(`"${npm}" "${github}"\n\nx\n"${npm}"`, 'python'), [
    { line: 1, kind: 'github-token' },
    { line: 4, kind: 'npm-token' },
  ]);
});

test('removing lines keeps every other byte, CRLF and a missing last line end included', () => {
  assert.equal(withoutLines('a\r\nb\r\nc', new Set([2])), 'a\r\nc');
  assert.equal(withoutLines('a\r\nb\r\nc', new Set([3])), 'a\r\nb\r\n');
  assert.equal(withoutLines('a\n\nb\n', new Set([1, 2])), 'b\n');
  assert.equal(withoutLines('a\n', new Set()), 'a\n');
});

test('hostile lines cost linear time: a megabyte of each is searched within two seconds', () => {
  const parts = [
    'token',
    'token=',
    'password:"',
    'a:b@',
    '://a:',
    'eyJ',
    'eyJa.',
    'AKIA',
    '-----BEGIN ',
    ' ',
    '"',
    'x',
    'secret_key_',
    'token ',
    'token:a ',
    'token(',
    'token[0]',
    'identified by ',
    'a=b;password=',
    'a= password=',
    '"token": &',
    '://a0',
  ];
  for (const part of parts) {
    const text = part.repeat(Math.ceil(2 ** 20 / part.length));
    const start = process.cpuUsage();
    findSecrets(text, 'shell');
    const { user } = process.cpuUsage(start);
    assert.ok(user < 2e6, `${part}: ${user} microseconds`);
  }
});
