import { Observable, type Subscriber, type Subscription } from 'rxjs';
import type { TransportPhase } from './connectionFailure.ts';
import { decodeContent } from './decodeContent.ts';
import { SocketOpening, type OpeningSocket } from './SocketOpening.ts';
import type { TransportRequest, TransportResponse } from './Transport.ts';
import { undiciFailure } from './undiciFailure.ts';

/** What undici gives a handler to steer its request. */
export interface DispatchController {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
  /** The head as it came, a part of the read that it came in: as long as it is kept, so is all of that. */
  rawHeaders?: unknown;
}

/**
 * One request and its response: undici's handler on one side, Observables on the other.
 *
 * @see https://github.com/nodejs/undici/blob/v7.x/docs/docs/api/Dispatcher.md#dispatcherdispatchoptions-handler
 */
export class UndiciExchange {
  readonly #request: TransportRequest;
  readonly #head: Subscriber<TransportResponse>;
  readonly #isOurPool: boolean;
  readonly #opening: SocketOpening;
  #phase: TransportPhase = 'connect';
  #controller: DispatchController | undefined;
  #body: Subscriber<Uint8Array> | undefined;
  #gate: Subscription | undefined;
  #isAtHead = false;
  #isHeld = true;
  /** What was read already when the gate closed; the end of the body may be behind it. */
  #stash: Uint8Array[] = [];
  #isEnded = false;
  #failure: Error | undefined;
  #isOver = false;

  /** @param isOurPool - whether nobody else looks at what undici gives */
  constructor(request: TransportRequest, head: Subscriber<TransportResponse>, isOurPool: boolean) {
    this.#request = request;
    this.#head = head;
    this.#isOurPool = isOurPool;
    this.#opening = new SocketOpening(request.connectMs, (error) => {
      this.#fail(error);
    });
  }

  /** Closes the connection, whatever it is doing; for good and silently. */
  close(): void {
    if (this.#isOver) return;
    const reason = new Error('unsubscribed');
    this.#opening.destroy(reason);
    this.#end();
    if (!this.#isEnded) this.#controller?.abort(reason);
  }

  // ── the socket, as our own connector sees it

  onConnecting(socket: OpeningSocket): void {
    if (this.#isOver) socket.destroy(new Error('unsubscribed'));
    else this.#opening.start(socket);
  }

  onConnected(): void {
    this.#opening.stop();
  }

  /** The socket broke. undici takes a reset for the end of a body that ends with its connection; it is not one. */
  onSocketError(error: Error): void {
    if (this.#phase === 'body') this.#failure = error;
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
    if (this.#isOurPool) controller.rawHeaders = null;
    const flat: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) flat[name] = Array.isArray(value) ? value.join(', ') : value;
    const body = new Observable<Uint8Array>((subscriber) => this.#open(subscriber));
    const decoded = body.pipe(decodeContent(flat['content-encoding']));
    this.#isAtHead = true;
    this.#head.next({ status, headers: flat, url: this.#request.url, body: decoded });
    this.#isAtHead = false;
    if (this.#isHeld && !this.#isOver) controller.pause();
  }

  onResponseData(_controller: DispatchController, bytes: Uint8Array): void {
    if (this.#isHeld) this.#stash.push(bytes);
    else this.#body?.next(bytes);
  }

  onResponseEnd(): void {
    if (this.#failure) {
      this.#fail(undiciFailure(this.#failure, 'body'));
      return;
    }
    if (this.#isOver) return;
    this.#isEnded = true;
    if (this.#stash.length === 0) this.#complete();
  }

  onResponseError(_controller: DispatchController | undefined, error: Error): void {
    if (!this.#isOver) this.#fail(undiciFailure(error, this.#phase));
  }

  // ── the body

  #open(body: Subscriber<Uint8Array>): () => void {
    if (this.#failure || this.#body || this.#isOver) {
      body.error(this.#failure ?? new TypeError('A body can be read once, while its connection is open'));
      if (this.#failure) this.#head.complete();
      return () => undefined;
    }
    this.#body = body;
    const { gate } = this.#request;
    if (gate) {
      this.#gate = gate.open$.subscribe((isOpen) => {
        if (isOpen) this.#resumeSoon();
        else this.#hold();
      });
    } else if (this.#isAtHead) {
      this.#isHeld = false;
    } else {
      this.#resumeSoon();
    }
    return () => {
      this.close();
    };
  }

  /**
   * Not within a read: of that undici would put the rest back, and read on behind it, so that more came in at each pause
   * than went out. The rest of the read is kept here instead.
   */
  #hold(): void {
    this.#isHeld = true;
    queueMicrotask(() => {
      if (this.#isHeld && !this.#isOver) this.#controller?.pause();
    });
  }

  /** Not at once: the call may come from within undici's parser, which must not be entered for another socket. */
  #resumeSoon(): void {
    queueMicrotask(() => {
      if (!this.#isHeld || this.#isOver || this.#request.gate?.isOpen === false) return;
      this.#isHeld = false;
      this.#flush();
      // The flush may have made somebody hold the gate again, or unsubscribe.
      if (this.#isHeld) return;
      if (this.#isEnded) this.#complete();
      else this.#controller?.resume();
    });
  }

  #flush(): void {
    while (!this.#isHeld || this.#isOver) {
      const bytes = this.#stash.shift();
      if (!bytes) return;
      this.#body?.next(bytes);
    }
  }

  // ── the end

  #complete(): void {
    if (this.#isOver) return;
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
    this.#flush();
    this.#body?.error(error);
    if (this.#body) this.#head.complete();
  }

  #end(): void {
    this.#isOver = true;
    this.#opening.stop();
    this.#gate?.unsubscribe();
  }
}
