/** What is wrong with a recording, or with its use. */
export type RecordingErrorReason = 'format' | 'version' | 'mismatch' | 'exhausted';

/**
 * A recording cannot be read (`format`, `version`), or a request is not the one that was recorded (`mismatch`, or
 * `exhausted` where there are no more). It is no `APIError`, so that nothing retries it.
 */
export class RecordingError extends Error {
  override get name(): string {
    return 'RecordingError';
  }
  /** What is wrong. */
  readonly reason: RecordingErrorReason;

  constructor(message: string, reason: RecordingErrorReason, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
