import { connect, type Socket } from 'node:net';
import { ChildProgram } from '../support/ChildProgram';
import { EndlessWriter } from '../support/EndlessWriter';
import { closeOf } from '../support/sockets';
import { answer, delta, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../support/wire';
import { WireServer, type WireExchange } from '../support/WireServer';

const MEBI = 1024 * 1024;
const COUNT = 100;
/** How many deltas the answer of each has that is read to its end. */
const DELTAS = 300;
/** The buffers of four sockets, and what Node reads ahead at two places: whoever takes no more has stalled. */
const BUFFERED_BYTES = 24 * MEBI;
/** What the relay may keep of all slow readers together. */
const KEPT_BYTES = 24 * MEBI;

type Fate = 'reads' | 'leaves' | 'stops';

/** Every tenth stops reading; of all, a third leaves. */
function fateOf(number: number): Fate {
  if (number % 10 === 9) return 'stops';
  return number % 3 === 0 ? 'leaves' : 'reads';
}

/** The words of one answer, which no other has. */
function textOf(number: number): string {
  return Array.from({ length: DELTAS }, (_, index) => `${number}.${index} `).join('');
}

/** A browser, as far as bytes show it. */
class Browser {
  readonly socket: Socket;
  received = '';

  constructor(port: number, number: number) {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: String(number) }] });
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('error', () => undefined);
    this.socket.on('data', (text: string) => {
      this.received += text;
      // One that stops takes the head and what came with it.
      if (fateOf(number) === 'stops') this.socket.pause();
    });
    this.socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n' +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
  }

  get isWhole(): boolean {
    return this.received.endsWith(`data: [DONE]\n\n\r\n${LAST_CHUNK}`);
  }

  /** The text of the deltas. */
  get text(): string {
    const events = [...this.received.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data));
    return events.map(({ choices }) => choices[0].delta.content ?? '').join('');
  }
}

/** Answers as the fate of the one who asks wants it. */
class Answers {
  readonly sockets = new Map<number, Socket>();
  readonly writers: EndlessWriter[] = [];

  async give({ request, socket }: WireExchange): Promise<void> {
    const number = Number(JSON.parse(request.body).messages[0].content);
    this.sockets.set(number, socket);
    if (fateOf(number) === 'stops') {
      this.writers.push(new EndlessWriter(socket, 1024));
      return;
    }
    socket.write(STREAM_HEAD);
    for (let index = 0; index < DELTAS && !socket.destroyed; index++) {
      socket.write(httpChunk(delta(`${number}.${index} `)));
      if (index % 10 === 0) await new Promise(setImmediate);
      // Who leaves is not given more than half of it.
      if (fateOf(number) === 'leaves' && index === DELTAS / 2) return;
    }
    socket.write(httpChunk(answer()) + LAST_CHUNK);
  }
}

describe('a relay with a hundred browsers, of whom a third leave and ten stop reading', () => {
  it('gives each of the others its own text, keeps little, and leaves no connection open', async () => {
    const answers = new Answers();
    const upstream = await WireServer.start((exchange) => answers.give(exchange));
    const program = new ChildProgram('relayProgram.ts', [upstream.url, '2'], {}, 40_000);
    const numbers = Array.from({ length: COUNT }, (_, number) => number);
    const of = (fate: Fate) => numbers.filter((number) => fateOf(number) === fate);
    let browsers: Browser[] = [];
    try {
      const { port, first } = await program
        .printed('port ')
        .then(() => {
          program.signal();
          return program.printed('look 1');
        })
        .then(() => ({ port: Number(/port (\d+)/.exec(program.stdout)?.[1]), first: keptAt(program, 1) }));
      browsers = numbers.map((number) => new Browser(port, number));

      await upstream.until(() => of('leaves').every((number) => browsers[number]!.received.includes(`${number}.20 `)));
      for (const number of of('leaves')) browsers[number]!.socket.destroy();
      await upstream.until(() => of('reads').every((number) => browsers[number]!.isWhole));
      await Promise.all(of('leaves').map((number) => closeOf(answers.sockets.get(number)!)));

      expect(answers.sockets.size).toBe(COUNT);
      for (const number of of('reads')) expect(browsers[number]!.text).toBe(textOf(number));

      expect(answers.writers).toHaveLength(10);
      await Promise.all(answers.writers.map((writer) => writer.stalled()));
      for (const number of of('stops')) {
        expect(answers.sockets.get(number)!.bytesWritten).toBeLessThan(BUFFERED_BYTES);
        expect(answers.sockets.get(number)!.closed).toBe(false);
      }
      program.signal();
      await program.printed('look 2');
      expect(keptAt(program, 2) - first).toBeLessThan(KEPT_BYTES);

      for (const number of of('stops')) browsers[number]!.socket.destroy();
      await Promise.all(of('stops').map((number) => closeOf(answers.sockets.get(number)!)));
      for (const { socket } of browsers) socket.destroy();
      const { code, stderr } = await program.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      await upstream.until(() => upstream.sockets.size === 0);
    } finally {
      program.kill();
      for (const { socket } of browsers) socket.destroy();
      await upstream.close();
    }
  }, 60_000);
});

function keptAt(program: ChildProgram, look: number): number {
  return Number(new RegExp(`look ${look}: (\\d+)`).exec(program.stdout)?.[1]);
}
