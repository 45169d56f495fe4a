/** Options of `decodeEvents`. */
export interface DecodeEventsOptions {
  /** The largest event that is read, in bytes of its data as UTF-8. Default 16 MiB. */
  maxEventBytes?: number | undefined;
  /** Called for each valid `retry:` field at once, also where no event follows it; in milliseconds. */
  onRetry?: ((retryMs: number) => void) | undefined;
}
