import { Buffer } from 'node:buffer';
import { Observable, type Subscriber, type Subscription } from 'rxjs';
import type { TransportPhase } from './connectionFailure.ts';
import { decodeContent } from './decodeContent.ts';
import type { DispatchController } from './DispatchController.ts';
import { SocketOpening, type OpeningSocket } from './SocketOpening.ts';
import type { TransportRequest, TransportResponse } from './Transport.ts';
import { undiciFailure } from './undiciFailure.ts';

/**
 * One request and its response: undici's handler on one side, Observables on the other.
 *
 * @see https://github.com/nodejs/undici/blob/v7.x/docs/docs/api/Dispatcher.md#dispatcherdispatchoptions-handler
 */
export class UndiciExchange {
  readonly #request: TransportRequest;
  readonly #head: Subscriber<TransportResponse>;
  /** Only of a connection of our own pool, where nobody else looks at what undici gives. */
  #release: (() => void) | undefined;
  #opening: SocketOpening | undefined;
  #phase: TransportPhase = 'connect';
  #controller: DispatchController | undefined;
  #body: Subscriber<Uint8Array> | undefined;
  #gate: Subscription | undefined;
  /** What has come and was not given out; the end of the body may be behind it. */
  #pieces: Uint8Array[] = [];
  #isEnded = false;
  #isAdvancing = false;
  #failure: Error | undefined;
  #isOver = false;

  constructor(request: TransportRequest, head: Subscriber<TransportResponse>) {
    this.#request = request;
    this.#head = head;
  }

  /** Closes the connection, whatever it is doing; for good and silently. */
  close(): void {
    if (this.#isOver) return;
    const reason = new Error('unsubscribed');
    this.#opening?.destroy(reason);
    this.#end();
    if (!this.#isEnded) this.#controller?.abort(reason);
  }

  // ── the connection, where it is one of our own pool

  /** @param release - has the connection read on, where it was held */
  onDispatch(release: () => void): void {
    this.#release = release;
  }

  /** Whether the connection is to read no more at the moment. */
  get isHeld(): boolean {
    return this.#phase === 'body' && !this.#isOver && !this.#isEnded && this.#isUnwanted;
  }

  onConnecting(socket: OpeningSocket): void {
    if (this.#isOver) {
      socket.destroy(new Error('unsubscribed'));
      return;
    }
    this.#opening = new SocketOpening(socket, this.#request.connectMs, (error) => {
      this.#fail(error);
    });
  }

  onConnected(): void {
    this.#opening?.stop();
    this.#opening = undefined;
  }

  /** The socket broke. undici takes a reset for the end of a body that ends with its connection; before the end it is none. */
  onSocketError(error: Error): void {
    if (this.#phase === 'body' && !this.#isEnded) this.#failure = undiciFailure(error, 'body');
  }

  // ── undici's handler

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller;
    this.#phase = 'head';
    if (this.#isOver) controller.abort(new Error('unsubscribed'));
  }

  onResponseStart(controller: DispatchController, status: number, headers: Record<string, string | string[]>): void {
    if (status < 200) return;
    this.#phase = 'body';
    if (this.#release) controller.rawHeaders = null;
    const flat: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) flat[name] = Array.isArray(value) ? value.join(', ') : value;
    const body = new Observable<Uint8Array>((subscriber) => this.#open(subscriber));
    const decoded = body.pipe(decodeContent(flat['content-encoding']));
    this.#head.next({ status, headers: flat, url: this.#request.url, body: decoded });
    if (this.#isUnwanted) this.#advanceSoon();
  }

  onResponseData(_controller: DispatchController, bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#advanceSoon();
  }

  onResponseEnd(): void {
    this.#isEnded = !this.#failure;
    if (this.#failure) this.#fail(this.#failure);
    else this.#advanceSoon();
  }

  onResponseError(_controller: DispatchController | undefined, error: Error): void {
    if (!this.#isOver) this.#fail(undiciFailure(error, this.#phase));
  }

  // ── the body

  #open(body: Subscriber<Uint8Array>): () => void {
    if (this.#body || (this.#isOver && !this.#failure)) {
      body.error(new TypeError('A body can be read once, while its connection is open'));
      return () => undefined;
    }
    this.#body = body;
    if (this.#failure) {
      this.#breakOff(body, this.#failure);
      return () => undefined;
    }
    this.#gate = this.#request.gate?.open$.subscribe(() => {
      this.#advanceSoon();
    });
    this.#advanceSoon();
    return () => {
      this.close();
    };
  }

  /** Whether nobody wants more at the moment. */
  get #isUnwanted(): boolean {
    return !this.#body || this.#request.gate?.isOpen === false;
  }

  /**
   * Not at once: what comes of one read is given out together. And another dispatcher must be neither paused nor resumed within
   * a read: of that it would put the rest back, and read on behind it, so that more came in at each pause than went out.
   */
  #advanceSoon(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    queueMicrotask(this.#advance);
  }

  readonly #advance = (): void => {
    this.#isAdvancing = false;
    if (this.#isOver) return;
    this.#flush();
    // The flush may have made somebody hold the gate, or unsubscribe.
    if (this.#isOver) return;
    if (this.#isEnded && !this.#isUnwanted) this.#complete();
    else if (this.#release) this.#release();
    else if (this.#isUnwanted) this.#controller?.pause();
    else this.#controller?.resume();
  };

  #flush(): void {
    while (this.#pieces.length > 0 && (this.#isOver || !this.#isUnwanted)) {
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#body?.next(pieces.length > 1 ? Buffer.concat(pieces) : (pieces[0] as Uint8Array));
    }
  }

  // ── the end

  #complete(): void {
    this.#end();
    this.#body?.complete();
    this.#head.complete();
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#end();
    if (this.#phase !== 'body') {
      this.#head.error(error);
      return;
    }
    this.#failure = error;
    if (this.#body) this.#breakOff(this.#body, error);
  }

  /** Gives out what had come, then the failure. */
  #breakOff(body: Subscriber<Uint8Array>, failure: Error): void {
    this.#flush();
    body.error(failure);
    this.#head.complete();
  }

  #end(): void {
    this.#isOver = true;
    this.#opening?.stop();
    this.#gate?.unsubscribe();
  }
}
