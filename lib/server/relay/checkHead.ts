import { RefusalError } from '../RefusalError.ts';
import type { IncomingRequest } from './IncomingRequest.ts';
import { invalid } from './parseBody.ts';
import { tooLarge } from './readBody.ts';

const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/**
 * Checks the head of a request, before its body is read.
 *
 * @throws RefusalError when it is no POST of plain JSON of an allowed size
 */
export function checkHead({ method, headers, isAmbiguous }: IncomingRequest, maxBodyBytes: number): void {
  const refuse = (status: number, message: string, code: string) => {
    throw new RefusalError({ status, message, code });
  };
  if (method !== 'POST') refuse(405, 'Only POST is allowed', 'method_not_allowed');
  if (isAmbiguous) throw invalid('A header came twice', 'ambiguous_headers');
  const {
    'content-type': type = '',
    'content-encoding': coding = 'identity',
    'content-length': length = '0',
  } = headers;
  // A page of another origin can send any other type without asking beforehand.
  if (!JSON_TYPE.test(type)) refuse(415, 'The body is not application/json', 'unsupported_type');
  if (coding.toLowerCase() !== 'identity') refuse(415, 'The body is compressed', 'unsupported_encoding');
  if (!(Number(length) <= maxBodyBytes)) throw tooLarge();
}
