/** What undici gives a handler to steer its request. */
export interface DispatchController {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
  /** The head as it came, a part of the read that it came in: as long as it is kept, so is all of that. */
  rawHeaders?: unknown;
}
