import { once } from 'node:events';
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type Http2Server,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createClient } from 'rxdelta';
import { relay } from 'rxdelta/server';
import { contentChunks, fakeTransport } from 'rxdelta/testing';
import { CHAT, MODEL } from '../support/RelayServer';
import { event } from '../support/wire';

const CHUNKS = contentChunks('Hello world').map((chunk) => ({ ...chunk, model: MODEL }));
const BODY = JSON.stringify(CHAT);

describe('a relay over HTTP/2', () => {
  let server: Http2Server;
  let session: ClientHttp2Session;
  let openCount = 0;
  beforeAll(async () => {
    const client = createClient({ apiKey: 'k', transport: fakeTransport(() => CHUNKS) });
    const handler = relay(client, { models: [MODEL], maxBodyBytes: 1000, bodyTimeoutMs: 100 });
    server = createServer((request, response) => {
      openCount++;
      response.on('close', () => openCount--);
      handler(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => {
    session.close();
    server.close();
  });

  /** The whole answer to what is sent, and what its stream was closed with. */
  const ask = async (body: string, isWhole: boolean, headers: object = {}) => {
    const stream = session.request(
      { ':method': 'POST', ':path': '/v1/chat/completions', 'content-type': 'application/json', ...headers },
      { endStream: false },
    );
    let text = '';
    let status: unknown;
    const closed = once(stream, 'close');
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    stream.on('response', (head: IncomingHttpHeaders) => (status = head[':status']));
    if (isWhole) stream.end(body);
    else stream.write(body);
    await closed;
    return { status, text, code: stream.rstCode };
  };

  it('answers, and ends with the last event', async () => {
    const text = [...CHUNKS, '[DONE]'].map(event).join('');
    expect(await ask(BODY, true)).toMatchObject({ status: 200, text });
  });

  it.each<[string, number, string, object]>([
    ['a body that becomes too large', 413, ' '.repeat(1001), {}],
    ['a body that is said to be too large', 413, '{', { 'content-length': 1001 }],
    ['a body that does not come', 408, '{', {}],
    ['a body of another type', 415, '{', { 'content-type': 'text/plain' }],
    ['another path', 404, '{', { ':path': '/v1/models' }],
    ['another origin', 403, '{', { origin: 'https://evil.example' }],
  ])('closes the stream, without an error, after the whole refusal of %s', async (_, status, body, headers) => {
    expect(await ask(body, false, headers)).toEqual({
      status,
      text: expect.stringMatching(/^\{"error":.*\}$/),
      code: constants.NGHTTP2_NO_ERROR,
    });
    expect(openCount).toBe(0);
  });

  it('answers who asks beforehand, and others on the same connection after refusals', async () => {
    expect(await ask('', true, { ':method': 'OPTIONS' })).toMatchObject({ status: 204, text: '' });
    expect(await ask('{}', true)).toMatchObject({ status: 400, code: constants.NGHTTP2_NO_ERROR });
    expect((await ask(BODY, true)).status).toBe(200);
  });
});
