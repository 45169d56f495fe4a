import type { NodeResponse } from '../NodeResponse.ts';
import { nodeReader } from '../nodeReader.ts';
import type { Reader } from '../Reader.ts';
import type { NodeRequest } from './NodeRequest.ts';

/**
 * The reader behind a response of Node, whose connection is closed after a refusal where the rest of the body is too slow, too
 * long, or of unknown length. Of a short one Node throws the rest away. Over HTTP/2 the stream is closed, without an error,
 * wherever the body is not whole: the connection has others.
 */
export function closingReader(response: NodeResponse, request: NodeRequest, maxBodyBytes: number): Reader {
  const reader = nodeReader(response);
  return {
    ...reader,
    refuse: (status, headers, body) => {
      const { 'content-length': length = 0, 'transfer-encoding': coding } = request.headers;
      const isShort = coding === undefined && Number(length) <= maxBodyBytes && status !== 408;
      const closes = !request.complete && !isShort && request.httpVersionMajor === 1;
      reader.refuse(status, closes ? { ...headers, connection: 'close' } : headers, body);
      // What was written is sent before.
      if (!request.complete) response.stream?.close();
    },
  };
}
