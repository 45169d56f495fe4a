/**
 * The server of the benchmarks: it gives the answer that a request names as its model, with as little work as it can.
 * Forked by main.ts; it ends with its parent.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { parseRequest } from '../../support/sockets.ts';
import { clockMs } from '../clockMs.ts';
import type { Listening } from '../messages.ts';
import { ANSWERS, type Answer } from './answers.ts';

const answers = new Map<string, Answer>();
/** When the connections of the requests with a number were closed. */
let closes: Record<string, number> = {};

const server = createServer({ noDelay: true }, (socket) => {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (part) => {
    bytes = Buffer.concat([bytes, part]);
    for (let request = parseRequest(bytes); request; request = parseRequest(bytes)) {
      bytes = bytes.subarray(request.length);
      if (request.method === 'GET') sendCloses(socket);
      else respond(socket, (JSON.parse(request.body) as { model: string }).model);
    }
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  const listening: Listening = { port: (server.address() as AddressInfo).port };
  process.send?.(listening);
});
process.once('disconnect', () => process.exit());

/** @param model - the name of an answer; a number may follow, after a `#` */
function respond(socket: Socket, model: string): void {
  const [name = '', number] = model.split('#');
  if (number !== undefined) {
    const note = () => (closes[number] ??= clockMs());
    // Whichever comes first: the other side has ended, or reset the connection.
    socket.once('end', note).once('close', note);
  }
  const answer = answers.get(name) ?? ANSWERS[name]?.();
  if (!answer) throw new Error(`There is no answer ${name}`);
  answers.set(name, answer);
  if ('whole' in answer) socket.write(answer.whole);
  else if ('begin' in answer) socket.write(answer.begin);
  else pace(socket, answer);
}

/** The streams begin at any time within the interval, and no two waits are equal, so that they do not go in step. */
function pace(socket: Socket, { head, events, end, intervalMs }: Extract<Answer, { events: Buffer[] }>): void {
  let index = 0;
  const next = () => {
    const event = events[index++];
    socket.write(event ?? end);
    if (event) timer = setTimeout(next, intervalMs * (0.8 + 0.4 * Math.random()));
  };
  socket.write(head);
  let timer = setTimeout(next, intervalMs * Math.random());
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

function sendCloses(socket: Socket): void {
  const body = JSON.stringify(closes);
  closes = {};
  socket.end(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
