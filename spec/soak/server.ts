// The server of the endurance test: answers with texts, pacing and faults of chance, and says what it sent.
// Forked by main.ts: server.ts <seed>
import type { Socket } from 'node:net';
import { delta, event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from '../support/wire';
import { WireServer, type WireExchange } from '../support/WireServer';
import { Chance } from './Chance';
import type { FromServer, Sent } from './messages';

/** What happens to an answer, and how often. */
const FAULTS = { none: 55, cut: 6, closed: 6, reset: 6, stall: 5, 500: 5, 429: 5, page: 3, 'no head': 3 };
const MAX_PIECES = 24;
const MAX_GAP_MS = 300;
const MAX_HEAD_MS = 1_200;
const REPORT_MS = 200;

const chance = new Chance(Number(process.argv[2]));
const sent: Sent[] = [];
/** How many requests there were of each stream. */
const attempts = new Map<number, number>();
const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (message: FromServer) => process.send?.(message);

async function answer({ request, socket }: WireExchange): Promise<void> {
  const stream = Number(request.headers['x-stream']);
  const attempt = attempts.get(stream) ?? 0;
  attempts.set(stream, attempt + 1);
  const report: Sent = {
    stream,
    attempt,
    fault: chance.pick(FAULTS),
    text: '',
    isWhole: false,
  };
  if (chance.happens(0.1)) await turn(chance.whole(0, MAX_HEAD_MS));
  await play(report, socket);
  sent.push(report);
}

async function play(report: Sent, socket: Socket): Promise<void> {
  const { fault } = report;
  const silence = async () => {
    while (!socket.destroyed) await turn(100);
  };
  if (fault === 'no head') {
    await silence();
    return;
  }
  if (fault === '500' || fault === '429' || fault === 'page') {
    const wait = chance.happens(0.5) ? `retry-after-ms: ${chance.whole(1, 300)}\r\n` : 'retry-after: 1\r\n';
    if (fault === 'page') socket.write(response(200, 'text/html', '<html>'));
    else socket.write(response(Number(fault), 'application/json', '{}', fault === '429' ? wait : ''));
    return;
  }
  socket.write(STREAM_HEAD);
  const pieces = Array.from({ length: chance.whole(1, MAX_PIECES) }, () => chance.text());
  const last = fault === 'none' ? pieces.length : chance.whole(0, pieces.length - 1);
  for (const piece of pieces.slice(0, last)) {
    if (socket.destroyed) return;
    report.text += piece;
    await writeInParts(socket, delta(piece));
    if (chance.happens(0.1)) socket.write(httpChunk(': beat\n\n'));
    if (chance.happens(0.8)) await turn(chance.whole(0, MAX_GAP_MS));
  }
  if (socket.destroyed) return;
  if (fault === 'none') {
    socket.write(httpChunk(delta(null, 'stop') + event('[DONE]')));
    report.isWhole = true;
    // Some servers do not end the body in time.
    if (chance.happens(0.9)) socket.write(LAST_CHUNK);
    else await silence();
  } else if (fault === 'cut') socket.write(LAST_CHUNK);
  else if (fault === 'closed') socket.end();
  else if (fault === 'reset') socket.resetAndDestroy();
  else await silence();
}

/** Cuts the bytes somewhere, maybe in a character, and lets some time pass there. */
async function writeInParts(socket: Socket, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const at = chance.happens(0.4) ? chance.whole(1, bytes.length - 1) : 0;
  for (const part of [bytes.subarray(0, at), bytes.subarray(at)]) {
    if (part.length === 0) continue;
    if (part.length < bytes.length) await turn(chance.whole(0, 5));
    if (!socket.destroyed) {
      socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
    }
  }
}

function report(): void {
  if (sent.length > 0) say({ sent: sent.splice(0) });
}

async function main(): Promise<void> {
  const server = await WireServer.start((exchange) => {
    // It would remember all requests, and their sockets.
    server.requests.length = server.requestSockets.length = 0;
    return answer(exchange);
  });
  setInterval(report, REPORT_MS);
  process.on('message', () => {
    report();
    say({ openCount: [...server.sockets].filter(({ bytesRead }) => bytesRead > 0).length });
  });
  process.on('disconnect', () => process.exit());
  say({ listening: server.url });
}

void main();
