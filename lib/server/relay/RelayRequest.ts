/** An endpoint that is relayed. */
export type RelayEndpoint = 'chat' | 'responses';

/** The members of a body, which have been checked. */
export interface RelayParams {
  /** The model, which is one of those that are allowed. */
  model: string;
  [field: string]: unknown;
}

/** A request to a relay, as its hooks see it. */
export interface RelayRequest {
  /** What is asked for. */
  endpoint: RelayEndpoint;
  /** The headers, by lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** What the server has: Node's `IncomingMessage` with what Express or a session has put there, or a `Request` of the web. */
  raw: unknown;
}
