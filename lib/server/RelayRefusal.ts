/** What an application says of a request that it does not allow. */
export interface RelayRefusal {
  /** The HTTP status, 400–599. */
  status: number;
  /** Words for the reader. Default: neutral ones. */
  message?: string | undefined;
  /** A word for programs. */
  code?: string | undefined;
}
