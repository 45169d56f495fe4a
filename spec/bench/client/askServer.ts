import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Notes } from '../messages.ts';

/** What the server has noted since it was last asked. The connection is none of those that are measured. */
export function askServer(origin: string): Promise<Notes> {
  return new Promise((resolve, reject) => {
    get(origin, { agent: false }, (response) => {
      resolve(json(response) as Promise<Notes>);
    }).on('error', reject);
  });
}
