/** A request as it left, without what is secret. */
export interface FakeRequest {
  /** The HTTP method. */
  method: 'GET' | 'POST';
  /** The whole URL; a credential in its query is `[redacted]`. */
  url: string;
  /** The headers, by lower-case name; the value of a credential is `[redacted]`. */
  headers: Record<string, string>;
  /** The body: parsed if it is JSON, as text otherwise, undefined if there is none. */
  body: unknown;
}
