import type { Socket } from 'node:net';

/** A request as it came over the socket. */
export interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * The time that a promise takes, in milliseconds. Those do not count in which this process had no turn, since others
 * kept the machine busy: what is measured is what our own code waits for.
 */
export async function ownTime(promise: Promise<unknown>): Promise<number> {
  let time = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    time += Math.min(now - last, 3);
    last = now;
  };
  const timer = setInterval(tick, 1);
  try {
    await promise;
  } finally {
    clearInterval(timer);
  }
  tick();
  return time;
}

/** Resolves when a socket is closed, also by a reset, which `once` would reject; rejects after 20 seconds. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.closed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => {
      reject(new Error('The connection stays open'));
    }, 20_000);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The first request among the bytes, once it is whole; and how long it is. */
export function parseRequest(bytes: Buffer): (WireRequest & { length: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [requestLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  const [method = '', path = ''] = requestLine.split(' ');
  return { method, path, headers, body: bytes.subarray(headEnd + 4, length).toString(), length };
}
