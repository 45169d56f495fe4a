/** What a chat chunk says of itself besides its news. */
export interface ChunkOptions {
  /** The id of the completion. Default `chatcmpl-1`. */
  id?: string | undefined;
  /** When it was made, in seconds since 1970. Default 1763600000. */
  created?: number | undefined;
  /** The model. Default `gpt-4o-mini`. */
  model?: string | undefined;
  /** The choice that it adds to. Default 0. */
  choice?: number | undefined;
}
