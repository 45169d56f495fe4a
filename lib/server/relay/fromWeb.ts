import { Observable } from 'rxjs';
import type { IncomingRequest } from './IncomingRequest.ts';

/** A request of the web. */
export function fromWeb(request: Request): IncomingRequest {
  const { host, pathname } = new URL(request.url);
  return {
    method: request.method,
    paths: [pathname],
    // Some servers give the host in the URL only.
    headers: { host, ...Object.fromEntries(request.headers) },
    // Two of one name are joined, and then not what is expected.
    isAmbiguous: false,
    body: bytesOf(request),
    raw: request,
  };
}

function bytesOf(request: Request): Observable<Uint8Array> {
  return new Observable((destination) => {
    const reader = request.body?.getReader();
    const pump = async () => {
      try {
        for (let read = await reader?.read(); read && !read.done && !destination.closed; read = await reader?.read()) {
          destination.next(read.value);
        }
        destination.complete();
      } catch (error) {
        destination.error(error);
      }
    };
    void pump();
    return () => {
      reader?.cancel().catch(() => undefined);
    };
  });
}
