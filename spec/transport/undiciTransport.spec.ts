import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  contentDeltas,
  createClient,
  fetchTransport,
  undiciTransport,
} from 'rxdelta';
import { Agent, MockAgent } from 'undici';
import { ChildProgram } from '../support/ChildProgram';
import { params } from '../support/describeWire';
import { record } from '../support/record';
import { selfSigned, type SelfSigned } from '../support/selfSigned';
import { ownTime } from '../support/sockets';
import { answer, delta, httpChunk, sendAnswer, STREAM_HEAD } from '../support/wire';
import { WireServer, type WireScript } from '../support/WireServer';

const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

const whole: WireScript = ({ socket }) => {
  sendAnswer(socket, 'one ', 'two');
};

describe('undiciTransport', () => {
  let certificate: SelfSigned;
  let folder: string;
  let caFile: string;
  let server: WireServer;
  let agents: Agent[];

  beforeAll(async () => {
    certificate = await selfSigned();
    folder = await mkdtemp(join(tmpdir(), 'rxdelta-'));
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, certificate.cert);
  });

  afterAll(() => rm(folder, { recursive: true }));

  beforeEach(() => {
    agents = [];
  });

  afterEach(async () => {
    await server.close();
    await Promise.all(agents.map((agent) => agent.destroy()));
  });

  const start = async (script: WireScript, tls?: SelfSigned) => (server = await WireServer.start(script, tls));
  const own = (options: Agent.Options) => {
    const agent = new Agent(options);
    agents.push(agent);
    return undiciTransport({ dispatcher: agent });
  };
  const read = (transport = undiciTransport(), baseURL = server.url) =>
    record(createClient({ baseURL, transport }).chat.completions.stream(params).pipe(contentDeltas()));

  describe('over HTTPS', () => {
    it('reads a stream by the pool that all clients share', async () => {
      await start(whole, certificate);
      const program = new ChildProgram('streamProgram.ts', ['subscribe', 'undici', server.url], {
        NODE_EXTRA_CA_CERTS: caFile,
      });
      const { code, stdout, stderr, afterglowMs } = await program.ended;
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'complete, over\n', stderr: '' });
      expect(afterglowMs).toBeLessThan(2_000);
      expect(server.requests).toHaveLength(1);
    });

    it('reads a stream by a dispatcher of the caller', async () => {
      await start(whole, certificate);
      const transport = own({ connect: { ca: certificate.cert } });
      for (let count = 0; count < 3; count++) {
        expect(await read(transport)).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
        await turn(10);
      }
      expect(server.connectionCount).toBe(1);
    });

    it('closes the connection by a dispatcher of the caller', async () => {
      await start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))), certificate);
      const client = createClient({ baseURL: server.url, transport: own({ connect: { ca: certificate.cert } }) });
      for await (const chunk of client.chat.completions.stream(params)) if (chunk) break;
      expect(await server.closed()).toBeLessThan(50);
    });

    it.each([
      ['the pool', undiciTransport()],
      ['a dispatcher', undiciTransport({ dispatcher: new Agent() })],
      ['fetch', fetchTransport()],
    ])('refuses a certificate that nobody vouches for, before anything is sent, through %s', async (_, transport) => {
      await start(whole, certificate);
      const { values, error, endCount } = await read(transport);
      expect(error).toBeInstanceOf(APIConnectionError);
      expect(error).toMatchObject({
        kind: 'connection',
        phase: 'connect',
        cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      });
      expect({ values, endCount }).toEqual({ values: [], endCount: 1 });
      await server.allClosed();
      expect(server.requests).toEqual([]);
    });

    it('refuses the certificate of another host, before anything is sent', async () => {
      const other = await selfSigned('example.org');
      await start(whole, other);
      const { error, endCount } = await read(own({ connect: { ca: other.cert } }));
      expect(error).toMatchObject({
        ...{ name: 'APIConnectionError', phase: 'connect', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
      });
      expect(endCount).toBe(1);
      await server.allClosed();
      expect(server.requests).toEqual([]);
    });

    it('says that it cannot connect to a server that speaks no TLS', async () => {
      await start(whole);
      const reading = read(undefined, server.url.replace('http:', 'https:'));
      await server.until(() => [...server.sockets].some(({ bytesRead }) => bytesRead > 0));
      for (const socket of server.sockets) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      expect(await reading).toMatchObject({ error: { name: 'APIConnectionError', phase: 'connect' }, endCount: 1 });
    });
  });

  describe('with connectMs', () => {
    it('gives up a handshake that is never answered, and closes the socket', async () => {
      await start(() => undefined);
      const client = createClient({ baseURL: `https://127.0.0.1:${server.port}`, timeouts: { connectMs: 100 } });
      const startedAt = performance.now();
      const reading = record(client.chat.completions.stream(params));
      expect(await ownTime(reading)).toBeLessThan(250);
      expect(performance.now() - startedAt).toBeGreaterThan(95);
      expect(await server.allClosed()).toBeLessThan(50);
      const { error, endCount } = await reading;
      expect(server.connectionCount).toBe(1);
      expect(error).toBeInstanceOf(APIConnectionTimeoutError);
      expect(error).toMatchObject({ kind: 'timeout', phase: 'connect', retryable: true });
      expect(endCount).toBe(1);
    });

    it('does not count the wait for the head', async () => {
      await start(({ socket, request }) => setTimeout(whole, 100, { socket, request }));
      const client = createClient({ baseURL: server.url, timeouts: { connectMs: 50 } });
      expect(await record(client.chat.completions.stream(params))).toMatchObject({ isComplete: true, endCount: 1 });
    });

    it('keeps to the limits that the dispatcher of the caller has', async () => {
      await start(() => undefined);
      const { error } = await read(own({ connect: { timeout: 100 } }), `https://127.0.0.1:${server.port}`);
      expect(error).toMatchObject({ name: 'APIConnectionTimeoutError', phase: 'connect' });
    });
  });

  describe('with a connection of the pool that the server has closed', () => {
    /** Lets through what comes on the first two connections, and nothing on those that follow. */
    async function startFront(): Promise<{ front: Server; connections: Socket[] }> {
      const connections: Socket[] = [];
      const front = createServer((socket) => {
        connections.push(socket.on('error', () => undefined));
        if (connections.length > 2) return;
        const behind = connect(server.port, '127.0.0.1').on('error', () => undefined);
        socket.pipe(behind).pipe(socket);
      });
      front.listen(0, '127.0.0.1');
      await once(front, 'listening');
      return { front, connections };
    }

    it('is unsubscribed while it opens its socket anew', async () => {
      const answered: Socket[] = [];
      await start((exchange) => {
        if (exchange.index === 0) exchange.socket.write(STREAM_HEAD);
        else answered.push(exchange.socket);
        if (exchange.index === 1) whole(exchange);
      }, certificate);
      const { front, connections } = await startFront();
      const url = `https://localhost:${(front.address() as AddressInfo).port}/v1`;
      const program = new ChildProgram('streamProgram.ts', ['reopen', 'undici', url], { NODE_EXTRA_CA_CERTS: caFile });
      await server.until(() => answered.length === 1);
      await turn(30);
      answered[0]?.destroy();
      await program.printed('waiting');
      await server.until(() => (connections[2]?.bytesRead ?? 0) > 0);
      const closed = once(connections[2]!.resume(), 'close');
      program.signal();
      expect(await ownTime(closed)).toBeLessThan(1_000);
      const { code, stdout, stderr, afterglowMs } = await program.ended;
      front.close();
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'waiting\nunsubscribed, over\n', stderr: '' });
      expect(afterglowMs).toBeLessThan(2_000);
      expect(connections).toHaveLength(3);
      expect(server.requests).toHaveLength(2);
    });
  });

  describe('with a dispatcher of the caller', () => {
    it('sends nothing when it is unsubscribed before the socket is open', async () => {
      await start(whole, certificate);
      let open!: () => void;
      const front = createServer((socket) => {
        const behind = connect(server.port, '127.0.0.1').on('error', () => undefined);
        open = () =>
          socket
            .on('error', () => undefined)
            .pipe(behind)
            .pipe(socket);
      });
      front.listen(0, '127.0.0.1');
      await once(front, 'listening');
      const heard: unknown[] = [];
      const transport = own({ connect: { ca: certificate.cert } });
      const baseURL = `https://localhost:${(front.address() as AddressInfo).port}`;
      createClient({ baseURL, transport })
        .chat.completions.stream(params)
        .subscribe({ error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') })
        .unsubscribe();
      await server.until(() => open !== undefined);
      open();
      await turn(50);
      expect(server.requests).toEqual([]);
      expect(heard).toEqual([]);
      front.close();
    });

    it('leaves the redirect alone also where the dispatcher would follow it', async () => {
      const other = await WireServer.start(whole);
      await start(({ socket }) =>
        socket.write(`HTTP/1.1 307 X\r\nlocation: ${other.url}\r\ncontent-length: 0\r\n\r\n`),
      );
      const { error } = await read(own({}));
      expect(error).toMatchObject({ kind: 'status', status: 307 });
      expect(other.connectionCount).toBe(0);
      await other.close();
    });

    it('takes one that mocks', async () => {
      await start(whole);
      const mock = new MockAgent();
      mock.disableNetConnect();
      mock
        .get('http://mocked.test')
        .intercept({ path: '/v1/chat/completions', method: 'POST' })
        .reply(200, answer('one ', 'two'), { headers: { 'content-type': 'text/event-stream' } });
      const recording = await read(undiciTransport({ dispatcher: mock }), 'http://mocked.test/v1');
      expect(recording).toMatchObject({ values: ['one ', 'two'], isComplete: true, endCount: 1 });
      expect(server.connectionCount).toBe(0);
      await mock.close();
    });
  });
});
