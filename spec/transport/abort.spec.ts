import { once } from 'node:events';
import { createServer as createTCPServer, type AddressInfo, type Socket } from 'node:net';
import { contentDeltas, createClient, fetchTransport, undiciTransport, type Client } from 'rxdelta';
import { realProcess } from '../support/realProcess';
import { ownTime } from '../support/sockets';
import { delta, httpChunk, STREAM_HEAD } from '../support/wire';
import { WireServer, type WireScript } from '../support/WireServer';

const TRANSPORTS = { undici: undiciTransport(), fetch: fetchTransport() };
const params = { model: 'm', messages: [] };

/** What the observer of a stream must not hear after it has unsubscribed. */
function silentObserver(heard: unknown[]) {
  return { error: (error: unknown) => heard.push(error), complete: () => heard.push('complete') };
}

describe.each(Object.entries(TRANSPORTS))('unsubscribing a stream through %s', (name, transport) => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  let server: WireServer;
  let heard: unknown[];

  beforeEach(() => {
    heard = [];
    unhandled.length = 0;
    realProcess.on('unhandledRejection', onUnhandled);
  });

  afterEach(async () => {
    await server.close();
    await new Promise((resolve) => setImmediate(resolve));
    realProcess.off('unhandledRejection', onUnhandled);
    expect(heard).toEqual([]);
    expect(unhandled).toEqual([]);
  });

  async function start(script: WireScript): Promise<Client> {
    server = await WireServer.start(script);
    return createClient({ baseURL: server.url, transport });
  }

  it('in the same tick sends nothing, or closes at once', async () => {
    const client = await start(() => undefined);
    client.chat.completions.stream(params).subscribe(silentObserver(heard)).unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.sockets.size).toBe(0);
  });

  it('before the head closes the socket within 50 ms', async () => {
    const client = await start(() => undefined);
    const subscription = client.chat.completions.stream(params).subscribe(silentObserver(heard));
    await server.until(() => server.requests.length === 1);
    subscription.unsubscribe();
    expect(await server.closed()).toBeLessThan(50);
  });

  it('in the middle of the head closes the socket within 50 ms', async () => {
    const client = await start(({ socket }) => socket.write(STREAM_HEAD.slice(0, 40)));
    const subscription = client.chat.completions.stream(params).subscribe(silentObserver(heard));
    await server.until(() => server.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    subscription.unsubscribe();
    expect(await server.closed()).toBeLessThan(50);
  });

  it('between two chunks closes the socket within 50 ms', async () => {
    const client = await start(({ socket }) => {
      const timer = setInterval(() => socket.write(httpChunk(delta('more '))), 5);
      socket.on('close', () => {
        clearInterval(timer);
      });
      socket.write(STREAM_HEAD + httpChunk(delta('one ')));
    });
    const texts: string[] = [];
    const closed = new Promise<number>((resolve) => {
      const subscription = client.chat.completions
        .stream(params)
        .pipe(contentDeltas())
        .subscribe({
          ...silentObserver(heard),
          next: (text) => {
            texts.push(text);
            if (texts.length < 3) return;
            subscription.unsubscribe();
            resolve(server.closed());
          },
        });
    });
    expect(await closed).toBeLessThan(50);
    expect(texts).toEqual(['one ', 'more ', 'more ']);
  });

  it('during silence closes the socket within 50 ms', async () => {
    const client = await start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const silence = new Promise<() => void>((resolve) => {
      const subscription = client.chat.completions.stream(params).subscribe({
        ...silentObserver(heard),
        next: () => {
          setTimeout(() => {
            resolve(() => {
              subscription.unsubscribe();
            });
          }, 20);
        },
      });
    });
    (await silence)();
    expect(await server.closed()).toBeLessThan(50);
  });

  it('while a large request is being sent closes the socket within 50 ms', async () => {
    let accepted: Socket | undefined;
    const stuck = createTCPServer((socket) => {
      accepted = socket.pause().on('error', () => undefined);
    });
    stuck.listen(0, '127.0.0.1');
    await once(stuck, 'listening');
    server = await WireServer.start(() => undefined);
    const client = createClient({ baseURL: `http://127.0.0.1:${(stuck.address() as AddressInfo).port}`, transport });
    const content = 'x'.repeat(20_000_000);
    const subscription = client.chat.completions
      .stream({ model: 'm', messages: [{ role: 'user', content }] })
      .subscribe(silentObserver(heard));
    await server.until(() => accepted !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    subscription.unsubscribe();
    const closed = ownTime(once(accepted as Socket, 'close'));
    (accepted as Socket).resume();
    expect(await closed).toBeLessThan(50);
    stuck.close();
  });

  // Node's own fetch lets a handshake run into its connect timeout; only our own connector can end it.
  const withOwnConnector = name === 'undici' ? it : () => undefined;
  withOwnConnector('during a handshake that is never answered closes the socket within 50 ms', async () => {
    const sockets = new Set<Socket>();
    const silent = createTCPServer((socket) => {
      sockets.add(socket.resume().on('error', () => undefined));
      socket.on('close', () => sockets.delete(socket));
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    server = await WireServer.start(() => undefined);
    const client = createClient({ baseURL: `https://127.0.0.1:${(silent.address() as AddressInfo).port}`, transport });
    const subscription = client.chat.completions.stream(params).subscribe(silentObserver(heard));
    await server.until(() => sockets.size === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const start = performance.now();
    const closed = once([...sockets][0] as Socket, 'close');
    subscription.unsubscribe();
    await closed;
    expect(performance.now() - start).toBeLessThan(50);
    silent.close();
  });
});
