import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const TYPES = { '.js': 'text/javascript', '.css': 'text/css' };

/** Serves what the build has put into a folder: index.html as the page, and the files that it names. */
export function serveFiles(folder) {
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  const files = new Map(
    readdirSync(folder)
      .filter((name) => extname(name) in TYPES)
      .map((name) => [`/${name}`, { type: TYPES[extname(name)], body: readFileSync(join(folder, name)) }]),
  );
  return ({ url }, response) => {
    const path = url.split('?')[0];
    const file = files.get(path);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (path === '/') sendPage(response, index);
    else if (file) sendFile(response, file);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
  };
}

/** The build puts a hash into the names: what was loaded once stays right. */
function sendFile(response, { type, body }) {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=31536000, immutable' }).end(body);
}

function sendPage(response, index) {
  const nonce = randomBytes(16).toString('base64');
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy(nonce),
    })
    .end(index.replaceAll('{{nonce}}', nonce));
}

/** Scripts and requests of our own origin only, no inline script, and no HTML into the page but what Angular sanitized. */
function policy(nonce) {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types angular',
  ].join('; ');
}
