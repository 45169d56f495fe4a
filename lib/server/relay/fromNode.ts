import { Observable, of, throwError } from 'rxjs';
import type { IncomingRequest } from './IncomingRequest.ts';
import type { NodeRequest } from './NodeRequest.ts';

/** Of these a request has one: who reads the first of two sees something else than who reads the last. */
const SINGLE = /^(host|origin|content-(type|encoding|length)|transfer-encoding)$/i;

/** A request to a server of Node. */
export function fromNode(request: NodeRequest): IncomingRequest {
  const { method = '', url = '', originalUrl = url, rawHeaders } = request;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  // HTTP/2 has it by this name.
  const host = headers.host ?? headers[':authority'];
  if (host !== undefined) headers.host = host;
  const names = rawHeaders
    .filter((name, index) => index % 2 === 0 && SINGLE.test(name))
    .map((name) => name.toLowerCase());
  return {
    method,
    paths: [url, originalUrl].map((each) => each.split('?')[0] ?? ''),
    headers,
    isAmbiguous: new Set(names).size < names.length,
    body: bodyOf(request),
    raw: request,
  };
}

function bodyOf(request: NodeRequest): Observable<Uint8Array> {
  const { body, readableEnded } = request;
  if (!readableEnded) return bytesOf(request);
  if (body === undefined) return throwError(() => new Error('The body was read before, and is not in request.body'));
  if (body instanceof Uint8Array) return of(body);
  return of(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)));
}

function bytesOf(request: NodeRequest): Observable<Uint8Array> {
  return new Observable((destination) => {
    const listeners: Record<string, (bytes: Uint8Array) => void> = {
      data: (bytes) => {
        destination.next(bytes);
      },
      end: () => {
        destination.complete();
      },
    };
    // A request that breaks off closes its response, which ends all of this.
    request.on('error', () => undefined);
    for (const [name, listener] of Object.entries(listeners)) request.on(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) request.removeListener(name, listener);
    };
  });
}
