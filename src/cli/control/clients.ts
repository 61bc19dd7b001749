/**
 * `broker clients`: who is connected to the running broker.
 */

import type { ClientItem } from "../../control/items.ts";
import { roughSize } from "../quantity_text.ts";
import { ExitCode, type Terminal } from "../terminal.ts";
import { ask } from "./ask.ts";
import { connectionText, keepAliveText, userText } from "./client_text.ts";
import type { ControlFlags } from "./control_options.ts";
import { ItemList, type ListForm } from "./item_list.ts";

export interface ClientsRequest extends ControlFlags {
  readonly json: boolean;
  readonly all: boolean;
  readonly user: string | undefined;
  readonly pattern: string | undefined;
}

const FORM: ListForm<ClientItem> = {
  key: "clients",
  none: "There are no such clients",
  columns: [
    { title: "CLIENT IDENTIFIER" },
    { title: "USER NAME" },
    { title: "ADDRESS" },
    { title: "LISTENER" },
    { title: "MQTT" },
    { title: "CONNECTED" },
    { title: "KEEP ALIVE", isNumber: true },
    { title: "SUBSCRIPTIONS", isNumber: true },
    { title: "QUEUED", isNumber: true },
    { title: "QUEUE", isNumber: true },
    { title: "IN FLIGHT", isNumber: true },
    { title: "RECEIVED", isNumber: true },
    { title: "SENT", isNumber: true },
  ],
  orderOf: ({ clientIdentifier }) => clientIdentifier,
  rows: (client) => [[
    client.clientIdentifier,
    userText(client),
    client.address ?? "-",
    client.listener ?? "-",
    client.protocolVersion,
    connectionText(client),
    keepAliveText(client),
    String(client.subscriptionCount),
    String(client.queued),
    roughSize(client.queuedBytes),
    String(client.inFlight),
    sizeText(client.bytesReceived),
    sizeText(client.bytesSent),
  ]],
};

export async function clients(
  { json, all, user, pattern, ...flags }: ClientsRequest,
  terminal: Terminal,
): Promise<number> {
  const list = new ItemList(FORM, { json, terminal });
  const { exitCode } = await ask(
    flags,
    { command: "clients", arguments: { all, user, pattern } },
    terminal,
    (item) => list.add(item as ClientItem),
  );
  if (exitCode === ExitCode.Ok) list.end();
  return exitCode;
}

function sizeText(bytes: number | null): string {
  return bytes === null ? "-" : roughSize(bytes);
}
