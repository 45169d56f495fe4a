/**
 * The server of the benchmarks: it gives the answer that a request names as its model, with as little work as it can.
 * Forked by main.ts; it ends with its parent.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { parseRequest } from '../../support/sockets.ts';
import { response } from '../../support/wire.ts';
import { clockMs } from '../clockMs.ts';
import type { Listening, Notes } from '../messages.ts';
import { ANSWERS, type Answer, type PacedAnswer } from './answers.ts';

const answers = new Map<string, Answer>();
let closes: Notes['closes'] = {};
let connections = new Set<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (part) => {
    bytes = Buffer.concat([bytes, part]);
    for (let request = parseRequest(bytes); request; request = parseRequest(bytes)) {
      bytes = bytes.subarray(request.length);
      if (request.method === 'GET') sendNotes(socket);
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
  connections.add(socket);
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
  else gather(socket, answer);
}

/** The paced streams that wait for the others. */
const waiting = new Map<Socket, () => void>();

/** Begins with a stream once all are open: how long that takes does not count. */
function gather(socket: Socket, answer: PacedAnswer): void {
  socket.write(answer.head);
  waiting.set(socket, () => {
    pace(socket, answer);
  });
  socket.once('close', () => waiting.delete(socket));
  if (waiting.size < answer.streams) return;
  for (const begin of waiting.values()) begin();
  waiting.clear();
}

/** A stream begins at any time within the interval, and no two waits are equal, so that the streams do not go in step. */
function pace(socket: Socket, { events, end, intervalMs }: PacedAnswer): void {
  let index = 0;
  const next = () => {
    const event = events[index++];
    socket.write(event ?? end);
    if (event) timer = setTimeout(next, intervalMs * (0.8 + 0.4 * Math.random()));
  };
  let timer = setTimeout(next, intervalMs * Math.random());
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

/** Sends what was noted, and begins anew. */
function sendNotes(socket: Socket): void {
  const notes: Notes = { connections: connections.size, closes };
  connections = new Set();
  closes = {};
  socket.end(response(200, 'application/json', JSON.stringify(notes)));
}
