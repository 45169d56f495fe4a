import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port where nobody listens. It is none of those that a system gives out by itself, to another server or to the near end of
 * a connection: that could even connect to itself. Nor does fetch refuse it.
 */
export async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
