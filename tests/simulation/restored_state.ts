/**
 * What a broker has to be when it has started on what a disk holds: as stored, less what has come to
 * its end meanwhile, with the Wills that were due published. Owns nothing.
 */

import assert from "node:assert/strict";
import { asText } from "../support/packet_text.ts";
import {
  describeMessage,
  describeOutgoing,
  describeSession,
  describeState,
  type DurableSession,
  type DurableState,
  topicOf,
} from "./durable_state.ts";

/** What else is known of the start. */
export interface Start {
  readonly unixMs: number;
  /** Payloads of what the broker published by itself. */
  readonly published: readonly string[];
  /** What was reported, in lines. */
  readonly events: readonly string[];
}

/** Throws where `actual` is not what follows from `found`. */
export function checkRestored(found: DurableState, actual: DurableState, start: Start): void {
  const nowMs = start.unixMs - found.offsetMs;
  // Whoever was connected has been away from now on.
  const sessions = found.sessions.map((session) => ({
    ...session,
    disconnectedAtMs: session.disconnectedAtMs ?? nowMs,
  }));
  const withWill = sessions.filter((session) => isWillDue(session, nowMs));
  const wills = withWill.map(({ will }) => asText(will?.payload ?? new Uint8Array(0)));
  assert.deepEqual(start.published.toSorted(), wills.sort(), "Wills that were due");
  const rest = sessions
    .filter(({ disconnectedAtMs, expiryIntervalMs }) => disconnectedAtMs + expiryIntervalMs > nowMs)
    .map((session) => isWillDue(session, nowMs) ? { ...session, will: undefined } : session);
  const expected = { ...found, sessions: rest };
  if (withWill.length === 0 && rest.length === sessions.length) {
    const lines = describeState(actual, start.unixMs);
    assert.deepEqual(lines, describeState(expected, start.unixMs), "what was restored");
    return;
  }
  checkSessions(expected, actual, start);
  const topics = new Set(withWill.map(({ will }) => will?.topicName));
  assert.deepEqual(
    describeRetained(actual, start, topics),
    describeRetained(expected, start, topics),
    "retained messages",
  );
}

function isWillDue(session: DurableSession & { disconnectedAtMs: number }, nowMs: number): boolean {
  const { will, disconnectedAtMs, expiryIntervalMs } = session;
  return will !== undefined &&
    disconnectedAtMs + Math.min(will.delayMs, expiryIntervalMs) <= nowMs;
}

/** Wills, and messages of shared subscriptions whose member is gone, come behind what there was. */
function checkSessions(expected: DurableState, actual: DurableState, start: Start): void {
  const names = ({ sessions }: DurableState) =>
    sessions.map(({ clientIdentifier }) => clientIdentifier).sort();
  assert.deepEqual(names(actual), names(expected), "sessions");
  for (const session of expected.sessions) {
    const { clientIdentifier } = session;
    const now = actual.sessions.find((each) => each.clientIdentifier === clientIdentifier);
    assert.ok(now);
    assert.deepEqual(
      describeSession(now, actual.offsetMs),
      describeSession(session, expected.offsetMs),
    );
    // A full queue gives way to a Will.
    if (start.events.some((line) => line.startsWith(`${clientIdentifier} dropped`))) continue;
    const lines = describeOutgoing(session, expected.offsetMs, start.unixMs - expected.offsetMs);
    assert.deepEqual(
      describeOutgoing(now, actual.offsetMs, start.unixMs - actual.offsetMs).slice(0, lines.length),
      lines,
      `messages of ${clientIdentifier}`,
    );
  }
}

function describeRetained(
  { retained, offsetMs }: DurableState,
  { unixMs }: Start,
  without: ReadonlySet<string | undefined>,
): string[] {
  return retained.filter(({ expiresAtMs }) => expiresAtMs + offsetMs > unixMs)
    .filter((message) => !without.has(topicOf(message)))
    .map((message) => describeMessage(message, offsetMs)).sort();
}
