/** What the name of a header, or of a field of a query, has in it where the value is a credential. */
export const CREDENTIAL_NAME = /auth|key|token|secret|cookie|cred|pass|session|sign|^sig$/i;
