/**
 * `clients` and `sessions`: who is connected, and who is away with a session that waits.
 *
 * Owns the way through all of them, in pieces, while they come and go: one that comes or leaves
 * meanwhile may be missing or be there twice. Order is up to who asked.
 */

import type { Session } from "../../broker/session.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import type { SubscriptionItem } from "../../control/items.ts";
import type { ControlReply } from "../../control/protocol.ts";
import type { Connection } from "../connection.ts";
import type { Server } from "../server.ts";
import { findSession } from "./find_session.ts";
import { globMatches } from "./glob.ts";
import type { RequestArguments } from "./request_arguments.ts";
import { clientItem, sessionDetail, subscriptionItem } from "./session_items.ts";
import { WallClock } from "./wall_clock.ts";

/** Subscriptions in one line of the answer. */
const SUBSCRIPTIONS_IN_A_LINE = 500;

const DONE: ControlReply = { ok: true, lines: [] };

interface Wanted {
  /** Of Client Identifiers. */
  readonly pattern: string | undefined;
  readonly user: string | undefined;
  readonly withAway: boolean;
  readonly withSubscriptions: boolean;
}

/** Those who are connected; with `all` the others too. */
export async function listClients(
  server: Server,
  given: RequestArguments,
  stream: AnswerStream,
): Promise<ControlReply> {
  const wanted = {
    pattern: given.text("pattern"),
    user: given.text("user"),
    withAway: given.flag("all"),
    withSubscriptions: false,
  };
  given.end();
  await new SessionList(server, stream, wanted).putAll();
  return DONE;
}

/** All sessions, or everything of one. */
export async function listSessions(
  server: Server,
  given: RequestArguments,
  stream: AnswerStream,
): Promise<ControlReply> {
  const client = given.text("client");
  const withSubscriptions = given.flag("subscriptions");
  given.end();
  const wanted = { pattern: undefined, user: undefined, withAway: true, withSubscriptions };
  const list = new SessionList(server, stream, wanted);
  if (client === undefined) {
    await list.putAll();
    return DONE;
  }
  const { session, hint } = await findSession(server, client, stream);
  if (session === undefined) {
    return { ok: false, lines: [`There is no session of '${client}'${hint}`] };
  }
  await list.putOne(session);
  return DONE;
}

class SessionList {
  readonly #server: Server;
  readonly #stream: AnswerStream;
  readonly #wanted: Wanted;
  readonly #clock: WallClock;

  constructor(server: Server, stream: AnswerStream, wanted: Wanted) {
    this.#server = server;
    this.#stream = stream;
    this.#wanted = wanted;
    this.#clock = new WallClock(server.nowMs(), Date.now());
  }

  async putAll(): Promise<void> {
    const { connections, broker } = this.#server;
    // Whoever comes meanwhile comes last: it ends, however fast they come and go.
    let left = connections.size;
    for (const connection of connections.keys()) {
      if (--left < 0) break;
      const session = connection.isClosing ? undefined : connection.session;
      if (session?.link !== undefined) await this.#put(session, connection);
      else await this.#stream.rest();
    }
    if (!this.#wanted.withAway) return;
    left = broker.sessions.size;
    for (const session of broker.sessions.values()) {
      if (--left < 0) break;
      if (session.link === undefined) await this.#put(session, undefined);
      else await this.#stream.rest();
    }
  }

  async #put(session: Session, connection: Connection | undefined): Promise<void> {
    const { pattern, user, withSubscriptions } = this.#wanted;
    const item = clientItem(session, connection, this.#clock);
    const isWanted = (pattern === undefined || globMatches(pattern, item.clientIdentifier)) &&
      (user === undefined || user === (item.username ?? item.unprovenUsername));
    if (!isWanted) return this.#stream.rest();
    if (!withSubscriptions) return this.#stream.put(item);
    await this.#putWithSubscriptions(session, item);
  }

  async putOne(session: Session): Promise<void> {
    const connection = [...this.#server.connections.keys()].find((each) =>
      each.session === session && !each.isClosing
    );
    const item = clientItem(session, connection, this.#clock);
    await this.#putWithSubscriptions(session, { ...item, ...sessionDetail(session) });
  }

  /** The first ones with the session, the others in lines of their own. */
  async #putWithSubscriptions(
    session: Session,
    item: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    let found: SubscriptionItem[] = [];
    let isFirst = true;
    const put = () => {
      const subscriptions = found;
      found = [];
      const line = isFirst ? { ...item, subscriptions } : { moreSubscriptions: subscriptions };
      isFirst = false;
      return this.#stream.put(line);
    };
    let left = session.subscriptionCount;
    // Asking a session without any for them would make it a map.
    for (const subscription of left === 0 ? [] : session.subscriptions.values()) {
      if (--left < 0) break;
      found.push(subscriptionItem(subscription));
      if (found.length === SUBSCRIPTIONS_IN_A_LINE) await put();
    }
    if (isFirst || found.length > 0) await put();
  }
}
