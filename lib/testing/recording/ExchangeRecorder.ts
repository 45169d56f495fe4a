import type { SchedulerLike } from 'rxjs';
import type { TransportRequest, TransportResponse } from '../../transport/Transport.ts';
import { parsedBody } from '../wire/parsedBody.ts';
import { REDACTED, withoutSecrets } from '../wire/withoutSecrets.ts';
import { isSecretHeader } from './isSecretHeader.ts';
import { maskBytes } from './maskBytes.ts';
import type { RecordedEnd, RecordedError, RecordedExchange } from './Recording.ts';
import { recordedPiece } from './recordedPiece.ts';
import { secretsOf } from './secretsOf.ts';

/** Takes down one exchange, and gives it without what is secret. */
export class ExchangeRecorder {
  readonly #request: TransportRequest;
  readonly #elapsedMs: () => number;
  readonly #pieces: { afterMs: number; bytes: Uint8Array }[] = [];
  #head: (Omit<TransportResponse, 'body'> & { afterMs: number }) | undefined;
  #end: RecordedEnd | undefined;
  /** The exchange once it has ended, after which nothing comes. */
  #ended: RecordedExchange | undefined;

  constructor(request: TransportRequest, scheduler: SchedulerLike) {
    const start = scheduler.now();
    this.#request = request;
    this.#elapsedMs = () => scheduler.now() - start;
  }

  /** Notes the head. */
  head({ status, headers, url }: TransportResponse): void {
    this.#head = { afterMs: this.#elapsedMs(), status, headers, url };
  }

  /** Notes a read of the body. */
  piece(bytes: Uint8Array): void {
    this.#pieces.push({ afterMs: this.#elapsedMs(), bytes: bytes.slice() });
  }

  /** Notes the end. Only the first counts. */
  end(how: 'complete' | 'closed'): void {
    this.#end ??= { afterMs: this.#elapsedMs(), how };
  }

  /** Notes an error. */
  fail(error: unknown): void {
    const { kind = 'unknown', message = '', phase, reason, retryable } = Object(error) as Partial<RecordedError>;
    const fields = {
      kind,
      message,
      ...(phase && { phase }),
      ...(reason && { reason }),
      ...(retryable !== undefined && { retryable }),
    };
    this.#end ??= { afterMs: this.#elapsedMs(), how: 'error', error: fields };
  }

  /** The exchange so far. */
  recorded(): RecordedExchange {
    if (!this.#end) return this.#taken({ afterMs: this.#elapsedMs(), how: 'open' });
    return (this.#ended ??= this.#taken(this.#end));
  }

  #taken(end: RecordedEnd): RecordedExchange {
    const { method, url, headers, body } = this.#request;
    const secrets = secretsOf(this.#request, this.#head?.headers);
    const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
    const cleanURL = (text: string) => clean(withoutSecrets(text));
    const cleanHeaders = (all: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(all).flatMap(([name, value]) => (isSecretHeader(name) ? [] : [[name, clean(value)]])),
      ) as Record<string, string>;
    const masked = maskBytes(
      this.#pieces.map(({ bytes }) => bytes),
      secrets,
    );
    return {
      request: {
        method,
        url: cleanURL(url),
        headers: cleanHeaders(headers),
        body: parsedBody(body === undefined ? undefined : clean(body)),
      },
      ...(this.#head && {
        response: {
          ...this.#head,
          headers: cleanHeaders(this.#head.headers),
          url: cleanURL(this.#head.url),
          body: this.#pieces.map(({ afterMs }, index) => recordedPiece(masked[index] ?? new Uint8Array(), afterMs)),
        },
      }),
      end: end.how === 'error' ? { ...end, error: { ...end.error, message: clean(end.error.message) } } : end,
    };
  }
}
