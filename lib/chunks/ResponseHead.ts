/** The head of a successful response. */
export interface ResponseHead {
  /** The HTTP status code, 200–299. */
  status: number;
  /** The headers, by lower-case name. A browser shows those that the server exposes (CORS). */
  headers: Record<string, string>;
  /** The server's `x-request-id`, when it sent one and the browser may see it. */
  requestId?: string;
  /** The URL that answered. */
  url: string;
}
