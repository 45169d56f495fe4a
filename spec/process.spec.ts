import { ChildProgram, type Ending } from './support/ChildProgram';
import { answer, delta, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from './support/wire';
import { WireServer, type WireScript } from './support/WireServer';

const silent: WireScript = () => undefined;
const whole: WireScript = ({ socket }) => {
  sendAnswer(socket, 'one ', 'two');
};
const quiet: WireScript = ({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one ')));
const endless: WireScript = ({ socket }) => {
  const timer = setInterval(() => socket.write(httpChunk(delta('more '))), 5);
  socket.on('close', () => {
    clearInterval(timer);
  });
  socket.write(STREAM_HEAD);
};
const busy: WireScript = ({ socket }) => socket.write(response(503, 'text/plain', 'busy'));

interface Row {
  what: string;
  /** One of `ways` in streamProgram.ts. */
  way: string;
  script: WireScript;
  /** What the program says at last. */
  last: string;
  /** When the program is given its sign. */
  until?: (server: WireServer) => boolean;
  url?: (server: WireServer) => string;
  /** Why it cannot hold through Node's own fetch. */
  notThroughFetch?: string;
}

const requested = ({ requests }: WireServer) => requests.length === 1;

const ROWS: Row[] = [
  { what: 'completion', way: 'subscribe', script: whole, last: 'complete' },
  {
    ...{ what: 'completion, while the server keeps the body open', way: 'subscribe', last: 'complete' },
    script: ({ socket }) => socket.write(STREAM_HEAD + httpChunk(answer('one '))),
  },
  { what: 'an unsubscription in the same tick', way: 'sameTick', script: silent, last: 'unsubscribed' },
  { what: 'an unsubscription while the socket opens', way: 'nextTick', script: silent, last: 'unsubscribed' },
  {
    ...{ what: 'an unsubscription during a handshake that is never answered', way: 'atSignal', script: silent },
    ...{ last: 'unsubscribed', until: ({ sockets }) => [...sockets].some(({ bytesRead }) => bytesRead > 0) },
    url: ({ port }) => `https://127.0.0.1:${port}`,
    notThroughFetch: 'it lets the handshake run into its own limit of 10 seconds, whatever the signal says',
  },
  {
    ...{ what: 'an unsubscription before the head', way: 'atSignal', script: silent },
    ...{ last: 'unsubscribed', until: requested },
  },
  { what: 'an unsubscription between chunks', way: 'betweenChunks', script: endless, last: 'unsubscribed' },
  {
    ...{ what: 'an unsubscription in silence', way: 'atSignal', script: quiet, last: 'unsubscribed' },
    until: requested,
  },
  { what: 'break in for await', way: 'break', script: endless, last: 'broken off' },
  { what: 'a throw in for await', way: 'throw', script: quiet, last: 'in the loop' },
  { what: 'a head whose chunks nobody wants', way: 'headOnly', script: endless, last: 'status 200' },
  { what: 'a status error', way: 'subscribe', script: busy, last: 'APIStatusError' },
  {
    ...{ what: 'a cut answer', way: 'subscribe', last: 'StreamTruncatedError' },
    script: ({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one ')) + LAST_CHUNK),
  },
  {
    ...{ what: 'a reset', way: 'subscribe', last: 'APIConnectionError' },
    script: ({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one ')), () => socket.resetAndDestroy()),
  },
  {
    ...{ what: 'a refused connection', way: 'subscribe', script: silent, last: 'APIConnectionError' },
    url: () => 'http://127.0.0.1:1',
  },
  { what: 'a limit', way: 'limit', script: quiet, last: 'APIConnectionTimeoutError' },
  { what: 'an unsubscription during a retry wait', way: 'retryWait', script: busy, last: 'unsubscribed' },
  { what: 'a signal during a retry wait', way: 'retryWaitSignal', script: busy, last: 'APIUserAbortError' },
  { what: 'a signal in the body', way: 'signalInBody', script: quiet, last: 'APIUserAbortError' },
  {
    ...{ what: 'a signal before the head', way: 'signalBeforeHead', script: silent, last: 'APIUserAbortError' },
    until: requested,
  },
];

/** As many programs run at a time as a small machine has cores. */
let freeCount = 2;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (freeCount > 0) freeCount--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else freeCount++;
  }
}

/** Runs a program to its end. */
async function run({ way, script, until, url }: Row, transport: string): Promise<Ending & { openCount: number }> {
  const server = await WireServer.start(script);
  const program = new ChildProgram('streamProgram.ts', [way, transport, url?.(server) ?? server.url]);
  try {
    if (until) {
      await Promise.all([program.printed('waiting'), server.until(() => until(server))]);
      program.signal();
    }
    const ending = await program.ended;
    await server.allClosed();
    return { ...ending, openCount: server.sockets.size };
  } finally {
    program.kill();
    await server.close();
  }
}

describe('a process ends by itself', () => {
  for (const transport of ['undici', 'fetch']) {
    for (const row of ROWS) {
      if (transport === 'fetch' && row.notThroughFetch) continue;
      test.concurrent(`after ${row.what}, through ${transport}`, async () => {
        const { code, stdout, stderr, afterglowMs, openCount } = await inTurn(() => run(row, transport));
        const said = stdout.replace('waiting\n', '');
        expect({ said, stderr, code, openCount }).toEqual({
          said: `${row.last}, over\n`,
          stderr: '',
          code: 0,
          openCount: 0,
        });
        expect(afterglowMs).toBeLessThan(2_000);
      });
    }
  }
});

describe('a process', () => {
  test.concurrent('keeps its globals as they are, and does not have those of fetch read', async () => {
    const server = await WireServer.start(whole);
    const { code, stdout, stderr } = await inTurn(() => new ChildProgram('globalsProgram.ts', [server.url]).ended);
    await server.close();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout.replace('over\n', ''))).toEqual({
      ...{ afterImport: [], afterRequest: [], reads: [], chunkCount: 3, hasDispatcher: false },
    });
  });
});
