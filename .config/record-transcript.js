/**
 * Records what a server answers, byte for byte as it comes over the socket, as a transcript in spec/transcripts:
 *
 *     npm run transcript -- --name vllm-chat --server 'vLLM 0.11' --url http://127.0.0.1:8000/v1/chat/completions \
 *       --body '{"model":"m","messages":[{"role":"user","content":"Hello"}]}'
 *
 * `stream: true` is added to the body. A key is read from the environment, from the variable that `--key-variable`
 * names. What an answer tells about an account (cookies, organization) is replaced by as many `x`. The entry in
 * index.json comes without `expect`: read the bytes, and write there what a reader must get.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { fileURLToPath, URL } from 'node:url';
import { parseArgs } from 'node:util';

const PRIVATE_HEADERS = ['set-cookie', 'openai-organization', 'openai-project'];
/** The longest silence, in milliseconds, before an answer is taken for one that stalls. */
const SILENCE_MS = 60_000;

const folder = join(dirname(fileURLToPath(import.meta.url)), '../spec/transcripts');
const string = { type: 'string' };
const { values: options } = parseArgs({
  options: { name: string, server: string, url: string, body: string, 'key-variable': string, notes: string },
});
for (const name of ['name', 'server', 'url', 'body']) {
  if (!options[name]) fail(`--${name} is missing`);
}
const file = `${options.name}.txt`;
const path = join(folder, file);
if (!/^[a-z0-9-]+$/.test(options.name)) fail('--name is made of small letters, digits and hyphens');
if (existsSync(path)) fail(`there is a transcript of the name ${options.name}`);

const url = new URL(options.url);
const body = { ...JSON.parse(options.body), stream: true };
const started = Date.now();
const { answer, end } = await ask(requestOf(url, JSON.stringify(body)));
const ms = Date.now() - started;
const bytes = masked(answer);
const head = bytes.toString('latin1', 0, Math.max(0, bytes.indexOf('\r\n\r\n')));
if (!head.startsWith('HTTP/1.1 ')) fail('that is no HTTP/1.1 answer');

const entry = {
  file,
  server: options.server,
  request: { method: 'POST', path: url.pathname + url.search, body },
  status: Number(head.slice(9, 12)),
  contentType: /^content-type: *(.*)$/im.exec(head)?.[1] ?? '',
  end,
  ms,
  bodyComplete: !/^transfer-encoding: *chunked/im.test(head) || bytes.subarray(-5).equals(Buffer.from('0\r\n\r\n')),
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  notes: options.notes ?? '',
  expect: {},
};
const index = join(folder, 'index.json');
const entries = [...JSON.parse(readFileSync(index, 'utf8')), entry];
writeFileSync(path, bytes);
writeFileSync(index, `${JSON.stringify(entries, null, 1)}\n`);
console.log(
  `${file}: ${bytes.length} bytes, status ${entry.status}. Now write \`expect\` in spec/transcripts/index.json.`,
);

/** The bytes of a request that asks the server to close the connection at the end. */
function requestOf({ host, pathname, search }, text) {
  const key = options['key-variable'] && process.env[options['key-variable']];
  const lines = [
    `POST ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    'accept: text/event-stream',
    'accept-encoding: identity',
    'connection: close',
    `content-length: ${Buffer.byteLength(text)}`,
    ...(key ? [`authorization: Bearer ${key}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

/** Sends a request; gives all bytes of the answer and how the connection ended. */
function ask(request) {
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port || (isSecure ? 443 : 80));
  return new Promise((done) => {
    const parts = [];
    let end = 'fin';
    const address = { host: url.hostname, port };
    const socket = isSecure ? connectSecurely({ ...address, servername: url.hostname }) : connect(address);
    socket.setTimeout(SILENCE_MS, () => {
      end = 'silence';
      socket.destroy();
    });
    socket.on('data', (part) => parts.push(part));
    socket.on('error', ({ code }) => {
      if (parts.length === 0) fail(`the connection failed: ${code}`);
      end = 'reset';
    });
    socket.on('close', () => done({ answer: Buffer.concat(parts), end }));
    socket.write(request);
  });
}

/** The bytes, without what the head tells about an account. */
function masked(answer) {
  const headEnd = Math.max(0, answer.indexOf('\r\n\r\n'));
  const lines = answer.toString('latin1', 0, headEnd).split('\r\n');
  const maskedLines = lines.map((line) => {
    const valueStart = line.indexOf(':') + 1;
    const isPrivate = PRIVATE_HEADERS.includes(line.slice(0, valueStart - 1).toLowerCase());
    return isPrivate ? line.slice(0, valueStart) + line.slice(valueStart).replace(/\S/g, 'x') : line;
  });
  return Buffer.concat([Buffer.from(maskedLines.join('\r\n'), 'latin1'), answer.subarray(headEnd)]);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
