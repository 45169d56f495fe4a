import type { Recording } from './Recording.ts';
import { bytesOfPiece } from './recordedPiece.ts';
import { RecordingError } from './RecordingError.ts';

type Fields = Record<string, unknown>;

/**
 * Gives a value as the recording that it is.
 *
 * @throws RecordingError (`format`) when it lacks something, and says where; (`version`) when it is of another format
 */
export function checkRecording(value: unknown): Recording {
  const { version, exchanges } = Object(value) as Fields;
  if (version === undefined) throw new RecordingError('This is no recording: it has no version', 'format');
  if (version !== 1) throw new RecordingError(`The recording has version ${JSON.stringify(version)}, not 1`, 'version');
  need(Array.isArray(exchanges), 'exchanges');
  (exchanges as unknown[]).forEach((exchange, index) => {
    checkExchange(Object(exchange) as Fields, `exchanges[${index}]`);
  });
  return value as Recording;
}

function checkExchange({ request, response, end }: Fields, at: string): void {
  const { method, url, headers } = Object(request) as Fields;
  need(typeof method === 'string', `${at}.request.method`);
  need(typeof url === 'string', `${at}.request.url`);
  need(areHeaders(headers), `${at}.request.headers`);
  if (response !== undefined) checkResponse(Object(response) as Fields, `${at}.response`);
  const { how, afterMs, error } = Object(end) as Fields;
  need(['complete', 'closed', 'open', 'error'].includes(how as string), `${at}.end.how`);
  need(typeof afterMs === 'number', `${at}.end.afterMs`);
  const { kind, message } = Object(error) as Fields;
  need(how !== 'error' || (typeof kind === 'string' && typeof message === 'string'), `${at}.end.error`);
}

function checkResponse({ afterMs, status, headers, url, body }: Fields, at: string): void {
  need(typeof afterMs === 'number', `${at}.afterMs`);
  need(typeof status === 'number', `${at}.status`);
  need(areHeaders(headers), `${at}.headers`);
  need(typeof url === 'string', `${at}.url`);
  need(Array.isArray(body), `${at}.body`);
  (body as unknown[]).forEach((piece, index) => {
    need(isPiece(Object(piece) as Fields), `${at}.body[${index}]`);
  });
}

function isPiece({ afterMs, text, base64 }: Fields): boolean {
  if (typeof afterMs !== 'number') return false;
  if (text !== undefined) return Array.isArray(text) && text.every((line) => typeof line === 'string');
  try {
    return typeof base64 === 'string' && bytesOfPiece({ afterMs, base64 }) instanceof Uint8Array;
  } catch {
    return false;
  }
}

function areHeaders(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

function need(isThere: boolean, path: string): void {
  if (!isThere) throw new RecordingError(`The recording is broken at ${path}`, 'format');
}
