// A relay on a server of its own: tsx spec/support/relayProgram.ts <url of the API>
// It prints its port, and at each SIGUSR2 what it keeps; at the last it closes its server, and ends when nothing is left.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient } from 'rxdelta';
import { relay } from 'rxdelta/server';

const [baseURL = '', looks = '1'] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const server = createServer(
  relay(createClient({ baseURL, apiKey: 'key' }), { models: ['m'], writeTimeoutMs: 120_000, maxBodyBytes: 1_000 }),
);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});
let lookCount = 0;
const look = () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`look ${++lookCount}: ${heapUsed + external}\n`);
  if (lookCount < Number(looks)) return;
  process.off('SIGUSR2', look);
  server.close();
};
process.on('SIGUSR2', look);
