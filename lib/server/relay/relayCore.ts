import { concatMap, defer, finalize, map, switchMap, tap, type Observable } from 'rxjs';
import type { ChunkStream, StreamResponse } from '../../chunks/ChunkStream.ts';
import type { ResponseHead } from '../../chunks/ResponseHead.ts';
import type { Client } from '../../client/Client.ts';
import type { FlowGate } from '../../transport/FlowGate.ts';
import { encodeValues } from '../encodeValues.ts';
import { RefusalError } from '../RefusalError.ts';
import { word } from '../word.ts';
import { checkHead } from './checkHead.ts';
import { checkParams } from './checkParams.ts';
import { crossOrigin, type OriginHeaders } from './crossOrigin.ts';
import type { IncomingRequest } from './IncomingRequest.ts';
import { later } from './later.ts';
import { isObject } from './parseBody.ts';
import { readBody } from './readBody.ts';
import type { BoundedRelayOptions } from './RelayOptions.ts';
import type { RelayEndpoint, RelayParams, RelayRequest } from './RelayRequest.ts';
import { tell } from './tell.ts';
import { tooManyStreams, waitingRoom } from './waitingRoom.ts';
import { withoutEcho } from './withoutEcho.ts';

/** An answer of a relay: the text of its events, and the headers for its head when that is sent. */
export interface RelayAnswer {
  events: Observable<string>;
  headers: () => Record<string, string>;
}

/** Makes what answers the requests of all servers that a relay is given to. */
export function relayCore(
  client: Client,
  options: BoundedRelayOptions,
): (incoming: IncomingRequest, endpoint: RelayEndpoint, gate: FlowGate) => RelayAnswer {
  const { authorize = () => true, prepare = (params: RelayParams) => params, maxStreams = 256 } = options;
  const encode = encodeValues<object>(options, true);
  const wait = waitingRoom(options);
  let streamCount = 0;

  /** Judges a head; passes on the headers that an answer to that origin has. */
  const admit = (incoming: IncomingRequest, request: RelayRequest, onOrigin: (headers: OriginHeaders) => void) =>
    defer(() => {
      const origin = crossOrigin(incoming.headers, options);
      if (!origin) {
        throw new RefusalError({ status: 403, message: 'That origin is not allowed', code: 'origin_not_allowed' });
      }
      onOrigin(origin);
      checkHead(incoming, options);
      return wait(later(() => authorize(request)));
    }).pipe(
      tap((verdict) => {
        if (!verdict) throw new RefusalError({ status: 401, code: 'not_authorized' });
        if (verdict !== true) throw new RefusalError(verdict);
      }),
    );
  const enter = <T>(source: Observable<T>) =>
    defer(() => {
      if (streamCount >= maxStreams) throw tooManyStreams();
      streamCount++;
      return source.pipe(finalize(() => streamCount--));
    });
  /** The events of the API; of those before them, only the head is kept. */
  const ask = (params: RelayParams, request: RelayRequest, gate: FlowGate, onHead: (head: ResponseHead) => void) =>
    // It may change what it is given: what was asked is still needed.
    later(() => prepare(structuredClone(params), request)).pipe(
      map((sent) => {
        if (!isObject(sent)) throw new TypeError('prepare has given nothing to send');
        // Nothing that the browser is answered is to be found at the API later.
        return request.endpoint === 'responses' ? { store: false, ...sent } : sent;
      }),
      switchMap((sent) =>
        streamOf(client, request.endpoint, sent, gate).pipe(
          switchMap(({ response, chunks }) => {
            onHead(response);
            return chunks;
          }),
          map(withoutEcho(params, sent)),
        ),
      ),
    );
  const log =
    (request: RelayRequest) =>
    <T>(source: Observable<T>) =>
      source.pipe(
        tap({
          error: (error: unknown) => {
            if (!(error instanceof RefusalError)) tell(error, request, options);
          },
        }),
      );

  return (incoming, endpoint, gate) => {
    const { headers, raw } = incoming;
    const request: RelayRequest = { endpoint, headers, raw };
    let id: string | undefined;
    let origin: OriginHeaders | undefined;
    const chunks = readBody(incoming.body, options).pipe(
      map((body) => checkParams(body, request, options)),
      log(request),
      concatMap((params) =>
        ask(params, request, gate, ({ requestId }) => {
          id = word(requestId)?.toString();
        }).pipe(log(request), encode),
      ),
    );
    const events = admit(incoming, request, (found) => (origin = found)).pipe(
      log(request),
      concatMap(() => enter(chunks)),
    );
    return { events, headers: () => ({ ...origin, ...(id && { 'x-request-id': id }) }) };
  };
}

function streamOf(
  { chat, responses }: Client,
  endpoint: RelayEndpoint,
  params: RelayParams,
  gate: FlowGate,
): Observable<StreamResponse<object>> {
  // With its head, a stream is not started again after its first chunk, whatever the client is set to.
  const stream: ChunkStream<object> =
    endpoint === 'chat' ? chat.completions.stream(params as never, { gate }) : responses.stream(params, { gate });
  return stream.withResponse();
}
