import { RefusalError } from '../RefusalError.ts';
import type { IncomingRequest } from './IncomingRequest.ts';
import { invalid } from './parseBody.ts';
import { tooLarge } from './readBody.ts';
import type { BoundedRelayOptions } from './RelayOptions.ts';

const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/**
 * Checks the head of a request, before its body is read.
 *
 * @throws RefusalError when it is no POST of plain JSON of an allowed size, to an allowed host
 */
export function checkHead(
  { method, headers, isAmbiguous }: IncomingRequest,
  { hosts, maxBodyBytes }: BoundedRelayOptions,
): void {
  const refuse = (status: number, message: string, code: string) => {
    throw new RefusalError({ status, message, code });
  };
  if (method !== 'POST') refuse(405, 'Only POST is allowed', 'method_not_allowed');
  if (isAmbiguous) throw invalid('A header came twice', 'ambiguous_headers');
  const {
    host = '',
    'content-type': type = '',
    'content-encoding': coding = 'identity',
    'content-length': length = '0',
  } = headers;
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (hosts && !hosts.includes(name)) refuse(403, 'That host is not allowed', 'host_not_allowed');
  // A page of another origin can send any other type without asking beforehand.
  if (!JSON_TYPE.test(type)) refuse(415, 'The body is not application/json', 'unsupported_type');
  if (coding.toLowerCase() !== 'identity') refuse(415, 'The body is compressed', 'unsupported_encoding');
  if (!(Number(length) <= maxBodyBytes)) throw tooLarge();
}
