/**
 * `broker sessions`: all sessions of the running broker, or everything of one.
 */

import type { MoreSubscriptions, SessionItem } from "../../control/items.ts";
import { roughSize } from "../quantity_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { ask } from "./ask.ts";
import { connectionText, expiryText, userText } from "./client_text.ts";
import type { ControlFlags } from "./control_options.ts";
import { ItemList, type ListForm } from "./item_list.ts";
import { sessionLines, subscriptionText } from "./session_text.ts";

export interface SessionsRequest extends ControlFlags {
  /** Undefined: all. */
  readonly client: string | undefined;
  readonly subscriptions: boolean;
  readonly json: boolean;
}

const FORM: ListForm<SessionItem> = {
  key: "sessions",
  none: "There are no sessions",
  columns: [
    { title: "CLIENT IDENTIFIER" },
    { title: "USER NAME" },
    { title: "MQTT" },
    { title: "CONNECTED" },
    { title: "EXPIRES" },
    { title: "SUBSCRIPTIONS", isNumber: true },
    { title: "QUEUED", isNumber: true },
    { title: "QUEUE", isNumber: true },
    { title: "IN FLIGHT", isNumber: true },
  ],
  orderOf: ({ clientIdentifier }) => clientIdentifier,
  *rows(session) {
    yield [
      session.clientIdentifier,
      userText(session),
      session.protocolVersion,
      connectionText(session),
      expiryText(session),
      String(session.subscriptionCount),
      String(session.queued),
      roughSize(session.queuedBytes),
      String(session.inFlight),
    ];
    for (const subscription of session.subscriptions ?? []) {
      yield [`  ${subscriptionText(subscription)}`];
    }
  },
};

export async function sessions(
  { client, subscriptions, json, ...flags }: SessionsRequest,
  terminal: Terminal,
): Promise<number> {
  const list = new ItemList(FORM, { json, terminal });
  const found = new SessionJoiner((session) => {
    if (client === undefined || json) list.add(session);
    else writeLines(sessionLines(session), terminal.out);
  });
  const { exitCode } = await ask(
    flags,
    { command: "sessions", arguments: { client, subscriptions } },
    terminal,
    (item) => found.add(item as SessionItem | MoreSubscriptions),
  );
  if (exitCode !== ExitCode.Ok) return exitCode;
  found.end();
  if (client === undefined || json) list.end();
  return exitCode;
}

/** Puts a session together whose subscriptions came in several lines. */
class SessionJoiner {
  readonly #done: (session: SessionItem) => void;
  #session: SessionItem | undefined;

  constructor(done: (session: SessionItem) => void) {
    this.#done = done;
  }

  add(item: SessionItem | MoreSubscriptions): void {
    if (!("moreSubscriptions" in item)) {
      this.end();
      this.#session = item;
    } else if (this.#session !== undefined) {
      const subscriptions = [...this.#session.subscriptions ?? [], ...item.moreSubscriptions];
      this.#session = { ...this.#session, subscriptions };
    }
  }

  end(): void {
    if (this.#session !== undefined) this.#done(this.#session);
    this.#session = undefined;
  }
}
