/**
 * What goes to a worker that verifies passwords and what comes back: one answer to each question,
 * and one question at a time.
 */

/** What a verification can end with. "busy": too many wait already, and this one was not computed. */
export type Verdict = "right" | "wrong" | "busy";

/** A password to verify against the text of a hash. */
export interface Question {
  readonly password: Uint8Array;
  readonly hash: string;
}

/** `failure`: why it could not be computed. */
export type Answer = { readonly isRight: boolean } | { readonly failure: string };
