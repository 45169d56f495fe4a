import type { NodeResponse } from './NodeResponse.ts';
import type { Reader } from './Reader.ts';

/** The reader behind a response of Node. */
export function nodeReader(response: NodeResponse): Reader {
  const setHead = (status: number, headers: Record<string, string>) => {
    // Somebody else may have begun the answer.
    if (response.headersSent) return;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  };
  return {
    tellsEnd: true,
    begin: (headers) => {
      setHead(200, headers);
    },
    write: (text) => response.write(text),
    end: () => {
      // Not with an empty text: after several texts, Node 20 over HTTP/2 sends what lies in its memory for that.
      response.end();
    },
    refuse: (status, headers, body) => {
      setHead(status, headers);
      response.end(body);
    },
    drop: () => {
      response.destroy();
    },
  };
}
