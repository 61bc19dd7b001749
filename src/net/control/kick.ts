/**
 * `kick`: ends a client's connection, and its session if that is asked for.
 *
 * Owns what is done in which order, and the words for it. A client that is dismissed has not left by
 * itself: its Will is published.
 */

import type { Session } from "../../broker/session.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import type { ControlReply } from "../../control/protocol.ts";
import { getLogger } from "../../log/logger.ts";
import { shorten } from "../../log/shorten.ts";
import { ReasonCode } from "../../protocol/reason_code.ts";
import type { Server } from "../server.ts";
import { findSession } from "./find_session.ts";
import type { RequestArguments } from "./request_arguments.ts";

const REASON = "Disconnected by the administrator";

/** The connection, and with `session` what waits for the client too. */
export async function kick(
  server: Server,
  given: RequestArguments,
  stream: AnswerStream,
): Promise<ControlReply> {
  const client = given.text("client") ?? "";
  const endsSession = given.flag("session");
  given.end();
  const isMeant = ({ isOnline }: Session) => endsSession || isOnline;
  const { session, hint } = await findSession(server, client, stream, isMeant);
  if (session === undefined) {
    const what = endsSession ? "There is no session of" : "There is no client";
    return { ok: false, lines: [`${what} '${client}'${hint}`] };
  }
  if (!endsSession && session.link === undefined) {
    const line = `'${client}' is not connected, only its session is there: --session ends that`;
    return { ok: false, lines: [line] };
  }
  if (endsSession && session.isDurable && !server.broker.journal.isWritable) {
    const why = "the broker's disk takes nothing now ('broker status' says why)";
    return { ok: false, lines: [`Cannot end the session of '${client}': ${why}`] };
  }
  return await dismiss(server, session, endsSession, stream);
}

async function dismiss(
  server: Server,
  session: Session,
  endsSession: boolean,
  stream: AnswerStream,
): Promise<ControlReply> {
  const { broker } = server;
  const { clientIdentifier, link, subscriptionCount, queuedCount, inflightCount } = session;
  const address = link?.remoteAddress;
  link?.close(ReasonCode.AdministrativeAction, REASON);
  if (endsSession && session.link === undefined) broker.endSession(session, REASON);
  broker.settle();
  server.flushSoon();
  getLogger("server").info("{what} '{client}' ('broker kick')", {
    what: endsSession ? "Ended the session of" : "Disconnected",
    client: shorten(clientIdentifier),
  });
  await stream.put({
    clientIdentifier,
    address: address ?? null,
    disconnected: address !== undefined,
    sessionEnded: session.ended,
  });
  const lines: string[] = [];
  if (address !== undefined) lines.push(`Disconnected '${clientIdentifier}' at ${address}`);
  if (endsSession) {
    const waiting = queuedCount + inflightCount;
    lines.push(
      `Ended the session of '${clientIdentifier}': subscriptions ${subscriptionCount}, waiting ` +
        `messages ${waiting}`,
    );
  }
  // What is left of a connection that ended need not be on the disk.
  if (!endsSession || await server.commits.durable()) return { ok: true, lines };
  return { ok: false, lines: [...lines, "It is not on the disk: that takes nothing now"] };
}
