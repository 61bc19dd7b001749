/**
 * The forms a text of broker.yaml may have: their names.
 *
 * Owns the list only; `text_forms.ts` says what each of them allows.
 */

/** What a text is; also its name in errors, "is not a socket path". */
export type TextForm =
  | "account"
  | "address"
  | "claim"
  | "client identifier"
  | "file path"
  | "header"
  | "mode"
  | "name"
  | "network"
  | "origin"
  | "password hash"
  | "request path"
  | "rule"
  | "SCRAM verifier"
  | "secret"
  | "socket path"
  | "text"
  | "topic prefix"
  | "URL"
  | "user name";
