/**
 * What one call of a client tool is asked to do, as values.
 *
 * Owns the whole of the settings and their defaults. `connection_settings.ts` and
 * `message_settings.ts` own what the options do to them.
 */

import { type QoS, RetainHandling } from "../../protocol/packet.ts";
import { type ConnectionSettings, defaultConnection } from "./connection_settings.ts";
import { checkTopic } from "./message_settings.ts";
import type { ClientTool } from "./tools.ts";

/** Where payloads come from. */
export type PayloadSource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  /** Each line of standard input is one. */
  | { readonly kind: "lines" }
  /** All of standard input is one. */
  | { readonly kind: "input" }
  | { readonly kind: "null" };

export interface MessageSettings {
  /** Topic Filters of `sub`; of the others one Topic Name, the last that is given. */
  topics: string[];
  responseTopic: string | undefined;
  payload: PayloadSource | undefined;
  qos: QoS;
  retain: boolean;
  repeatCount: number;
  repeatDelayMs: number;
  readonly filterOuts: string[];
  readonly unsubscribes: string[];
  noRetained: boolean;
  retainedOnly: boolean;
  removeRetained: boolean;
  retainAsPublished: boolean;
  retainHandling: RetainHandling;
  count: number | undefined;
  timeoutMs: number | undefined;
  exitAfterSubscribe: boolean;
}

export interface OutputSettings {
  verbose: boolean;
  format: string | undefined;
  noNewline: boolean;
  pretty: boolean;
  /** 0.1 to 100. */
  randomPercent: number;
  messageRate: boolean;
  watch: boolean;
  latency: boolean;
  debug: boolean;
  quiet: boolean;
}

/** Filled in by the options, one after the other. */
export class ToolSettings {
  readonly tool: ClientTool;
  readonly connection: ConnectionSettings = defaultConnection();
  readonly messages: MessageSettings = defaultMessages();
  readonly output: OutputSettings = defaultOutput();
  /** What an options file has said may be said otherwise on the command line, without a conflict. */
  readonly isFromFile = { payload: false, identifier: false };

  constructor(tool: ClientTool) {
    this.tool = tool;
  }

  /** Throws `UsageError`. */
  addTopic(topic: string, flag: string): void {
    checkTopic(this.tool, topic, flag);
    if (this.tool === "sub") this.messages.topics.push(topic);
    else this.messages.topics = [topic];
  }
}

function defaultMessages(): MessageSettings {
  return {
    topics: [],
    responseTopic: undefined,
    payload: undefined,
    qos: 0,
    retain: false,
    repeatCount: 1,
    repeatDelayMs: 0,
    filterOuts: [],
    unsubscribes: [],
    noRetained: false,
    retainedOnly: false,
    removeRetained: false,
    retainAsPublished: false,
    retainHandling: RetainHandling.Send,
    count: undefined,
    timeoutMs: undefined,
    exitAfterSubscribe: false,
  };
}

function defaultOutput(): OutputSettings {
  return {
    verbose: false,
    format: undefined,
    noNewline: false,
    pretty: false,
    randomPercent: 100,
    messageRate: false,
    watch: false,
    latency: false,
    debug: false,
    quiet: false,
  };
}
