/**
 * Where a stream is: there is no source; nothing has come yet; items come; it is complete; it was stopped; it has failed.
 */
export type StreamStatus = 'idle' | 'loading' | 'streaming' | 'done' | 'stopped' | 'error';
