/**
 * The session that somebody has typed the Client Identifier of, and the nearest one where there is
 * none.
 *
 * Owns the search among all of them, in pieces.
 */

import type { Session } from "../../broker/session.ts";
import { escapeControls } from "../../config/escape.ts";
import { nearest } from "../../config/nearest.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import type { Server } from "../server.ts";

/** Identifiers that are compared at once. */
const PIECE = 100;

export interface SessionSearch {
  /** Undefined: there is none. */
  readonly session: Session | undefined;
  /** Of one that is like it; " (did you mean 'kitchen'?)" or empty. */
  readonly hint: string;
}

/** What was shown on a terminal can be typed in again. `isMeant`: which ones may be suggested. */
export async function findSession(
  { broker }: Server,
  typed: string,
  stream: Pick<AnswerStream, "rest">,
  isMeant: (session: Session) => boolean = () => true,
): Promise<SessionSearch> {
  const exact = broker.sessions.get(typed);
  if (exact !== undefined) return { session: exact, hint: "" };
  let names: string[] = [];
  let near: string | undefined;
  const compare = () => {
    near = nearest(typed, near === undefined ? names : [near, ...names]);
    names = [];
  };
  let left = broker.sessions.size;
  for (const session of broker.sessions.values()) {
    const shown = escapeControls(session.clientIdentifier);
    if (shown === typed) return { session, hint: "" };
    if (isMeant(session)) names.push(shown);
    if (names.length === PIECE) compare();
    const others = stream.rest();
    if (others !== undefined) await others;
    if (--left <= 0) break;
  }
  compare();
  return { session: undefined, hint: near === undefined ? "" : ` (did you mean '${near}'?)` };
}
