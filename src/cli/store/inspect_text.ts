/**
 * What `broker inspect` shows to people: the summary, sessions, retained messages.
 *
 * Owns the layout. One whole session is in `inspect_session_text.ts`. Lines may hold what clients
 * have sent: who writes them makes control characters visible (`writeLines`).
 */

import { VERSION_NAMES } from "../../protocol/describe.ts";
import type { InspectedRetained, InspectedSession } from "../../storage/offline.ts";
import type { Inspection } from "./inspect.ts";
import { connectionText, expiryText, messageExpiryText } from "./inspect_times.ts";
import { sessionLines } from "./inspect_session_text.ts";
import { previewPayload } from "./payload_text.ts";
import { counted, isoSeconds, roughSize } from "../quantity_text.ts";
import { describeInbound } from "./store_text.ts";
import { type Column, textTable } from "../text_table.ts";

const SESSION_COLUMNS: readonly Column[] = [
  { title: "CLIENT IDENTIFIER" },
  { title: "USER NAME" },
  { title: "MQTT" },
  { title: "CONNECTION" },
  { title: "EXPIRES" },
  { title: "SUBSCRIPTIONS", isNumber: true },
  { title: "QUEUED", isNumber: true },
  { title: "IN FLIGHT", isNumber: true },
];

const RETAINED_COLUMNS: readonly Column[] = [
  { title: "TOPIC NAME" },
  { title: "QOS", isNumber: true },
  { title: "BYTES", isNumber: true },
  { title: "SINCE" },
  { title: "PUBLISHER" },
  { title: "EXPIRES" },
];

/** The lines of everything that is shown. */
export function* inspectText(inspection: Inspection): Generator<string> {
  const { sessions, showsSummary, showsRetained, showsWholeSession } = inspection;
  if (showsSummary) {
    yield* summaryLines(inspection);
    yield "";
  }
  if (sessions !== undefined) {
    if (showsWholeSession) {
      for (const session of sessions) yield* sessionLines(session, inspection);
    } else {
      yield* sessionTable(sessions, inspection);
    }
  }
  if (!showsRetained) return;
  if (sessions !== undefined) yield "";
  yield* retainedTable(inspection.store.retained, inspection);
}

function* summaryLines({ store, isInUse }: Inspection): Generator<string> {
  const { path, fileBytes, version, changedAtMs, counts } = store;
  const { sessions, connected, subscriptions, outgoing, inFlight, inbound, retained } = counts;
  const use = isInUse ? ", in use by a broker" : "";
  yield `'${path}': ${roughSize(fileBytes)}, format ${version}, last written ` +
    `${isoSeconds(changedAtMs)}${use}`;
  const connection = isInUse ? "connected" : "connected at the end";
  yield `${counted(sessions, "session")}: ${connected} ${connection}, ${sessions - connected} away`;
  yield counted(subscriptions, "subscription");
  yield `${counted(outgoing, "waiting message")}: ${
    outgoing - inFlight
  } queued, ${inFlight} in flight`;
  if (inbound > 0) yield describeInbound(inbound);
  yield counted(retained, "retained message");
}

function* sessionTable(
  sessions: Iterable<InspectedSession>,
  inspection: Inspection,
): Generator<string> {
  if (inspection.store.counts.sessions === 0) return yield "There are no sessions";
  yield* textTable(SESSION_COLUMNS, sessionRows(sessions, inspection));
}

function* sessionRows(
  sessions: Iterable<InspectedSession>,
  inspection: Inspection,
): Generator<string[]> {
  for (const session of sessions) {
    yield [
      session.clientIdentifier,
      session.username ?? "-",
      VERSION_NAMES[session.protocolVersion],
      connectionText(session, inspection),
      expiryText(session, inspection),
      String(session.subscriptions.length),
      String(session.queued),
      String(session.inFlight),
    ];
  }
}

function* retainedTable(
  retained: Iterable<InspectedRetained>,
  inspection: Inspection,
): Generator<string> {
  const columns = inspection.showsPayloads
    ? [...RETAINED_COLUMNS, { title: "PAYLOAD" }]
    : RETAINED_COLUMNS;
  yield* textTable(columns, retainedRows(retained, inspection));
}

function* retainedRows(
  retained: Iterable<InspectedRetained>,
  { showsPayloads, nowMs }: Inspection,
): Generator<string[]> {
  for (const message of retained) {
    const { retainedAtMs } = message;
    const row = [
      message.topicName,
      String(message.qos),
      String(message.payload.length),
      retainedAtMs === undefined ? "-" : isoSeconds(retainedAtMs),
      message.publisher ?? "-",
      messageExpiryText(message, nowMs),
    ];
    yield showsPayloads ? [...row, previewPayload(message.payload)] : row;
  }
}
