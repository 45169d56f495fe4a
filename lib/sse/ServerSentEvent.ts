/** One event of a stream of server-sent events, with the fields that the server sent. */
export interface ServerSentEvent {
  /** The `event:` field. */
  event?: string;
  /** The `data:` lines, joined by line feeds. */
  data: string;
  /** The `id:` field of this very event. */
  id?: string;
  /** The last `retry:` field since the event before, in milliseconds. */
  retry?: number;
}
