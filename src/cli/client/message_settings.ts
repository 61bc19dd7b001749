/**
 * What the options about messages say, as values, and how they go together.
 *
 * Owns the defaults and what each tool needs. Invariant: what `checkMessages()` has let through can
 * be done.
 */

import { type QoS, RetainHandling } from "../../protocol/packet.ts";
import { topicFilterFault, topicNameFault } from "../../protocol/topic.ts";
import type { Apply } from "./connection_settings.ts";
import type { MessageOptionName } from "./options.ts";
import type { PayloadSource, ToolSettings } from "./settings.ts";
import type { ClientTool } from "./tools.ts";
import { decimalNumber, UsageError, wholeNumber } from "./usage_error.ts";

/** Seconds that a timer can wait: 24 days. */
const LONGEST_WAIT_SECONDS = 2_147_483;
const MOST = 2_147_483_647;

const RETAIN_HANDLING: Readonly<Record<string, RetainHandling>> = {
  always: RetainHandling.Send,
  new: RetainHandling.SendIfNew,
  never: RetainHandling.DoNotSend,
};

function text(set: (settings: ToolSettings, value: string, flag: string) => void): Apply {
  return (settings, [value = ""], flag) => set(settings, value, flag);
}

export const APPLY_MESSAGES: Readonly<Record<MessageOptionName, Apply>> = {
  topic: text((settings, value, flag) => settings.addTopic(value, flag)),
  responseTopic: text(({ messages }, value, flag) => {
    checkName(value, flag);
    messages.responseTopic = value;
  }),
  message: text((settings, value) => setPayload(settings, { kind: "text", text: value })),
  file: text((settings, value) => setPayload(settings, { kind: "file", path: value })),
  lines: (settings) => setPayload(settings, { kind: "lines" }),
  input: (settings) => setPayload(settings, { kind: "input" }),
  nullMessage: (settings) => setPayload(settings, { kind: "null" }),
  qos: text(({ messages }, value) => void (messages.qos = Number(value) as QoS)),
  retain: ({ messages }) => void (messages.retain = true),
  repeat: text(({ messages }, value, flag) => {
    messages.repeatCount = wholeNumber(flag, value, 1, MOST);
  }),
  repeatDelay: text(({ messages }, value, flag) => {
    messages.repeatDelayMs = decimalNumber(flag, value, 0, LONGEST_WAIT_SECONDS) * 1000;
  }),
  filterOut: text(({ messages }, value, flag) => {
    checkFilter(value, flag);
    messages.filterOuts.push(value);
  }),
  unsubscribe: text(({ messages }, value, flag) => {
    checkFilter(value, flag);
    messages.unsubscribes.push(value);
  }),
  noRetained: ({ messages }) => {
    messages.noRetained = true;
    messages.retainHandling = RetainHandling.DoNotSend;
  },
  retainedOnly: ({ messages }) => void (messages.retainedOnly = true),
  removeRetained: ({ messages }) => void (messages.removeRetained = true),
  retainAsPublished: ({ messages }) => void (messages.retainAsPublished = true),
  retainHandling: text(({ messages }, value) => {
    messages.retainHandling = RETAIN_HANDLING[value] ?? RetainHandling.Send;
  }),
  count: text(({ messages }, value, flag) => {
    messages.count = wholeNumber(flag, value, 1, MOST);
  }),
  timeout: text(({ messages }, value, flag) => {
    messages.timeoutMs = wholeNumber(flag, value, 1, LONGEST_WAIT_SECONDS) * 1000;
  }),
  exitAfterSubscribe: ({ messages }) => void (messages.exitAfterSubscribe = true),
  verbose: ({ output }) => void (output.verbose = true),
  format: text(({ output }, value) => void (output.format = value)),
  noNewline: ({ output }) => void (output.noNewline = true),
  pretty: ({ output }) => void (output.pretty = true),
  randomFilter: text(({ output }, value, flag) => {
    output.randomPercent = decimalNumber(flag, value, 0.1, 100);
  }),
  messageRate: ({ output }) => void (output.messageRate = true),
  watch: ({ output }) => void (output.watch = true),
  latency: (settings) => {
    settings.output.latency = true;
    // Small packets that wait for others would be measured as well.
    settings.connection.isNoDelay = true;
  },
  debug: ({ output }) => void (output.debug = true),
  quiet: ({ output }) => void (output.quiet = true),
  // These are seen to before the others.
  optionsFile: () => {},
  help: () => {},
  version: () => {},
};

/** Throws `UsageError` when something is missing, or options do not go together. */
export function checkMessages(settings: ToolSettings): void {
  const { tool, messages, output, connection } = settings;
  if (tool === "sub") {
    if (messages.topics.length === 0 && messages.unsubscribes.length === 0) {
      throw new UsageError("no topic is given: -t or -L names one");
    }
    if (messages.noRetained && messages.retainedOnly) {
      throw new UsageError("'-R' and '--retained-only' leave nothing to print");
    }
    if (output.messageRate && (output.watch || output.format !== undefined)) {
      throw new UsageError("'--message-rate' prints no messages, so no '-F' and no '-w'");
    }
    return;
  }
  if (messages.topics.length === 0) {
    throw new UsageError("no topic is given: -t or -L names one");
  }
  if (messages.payload === undefined) {
    const flags = tool === "pub" ? "-m, -f, -l, -s or -n" : "-m, -f, -s or -n";
    throw new UsageError(`no payload is given: one of ${flags} says what it is`);
  }
  if (tool !== "rr") return;
  if (messages.responseTopic === undefined) {
    throw new UsageError("no response topic is given: -e names it");
  }
  if (connection.properties.publish.responseTopic !== undefined) {
    throw new UsageError("'-e' and '-D publish response-topic' say the same");
  }
}

/** The topic of `-t` or `-L`: of each tool its own. */
export function checkTopic(tool: ClientTool, topic: string, flag: string): void {
  if (tool === "sub") checkFilter(topic, flag);
  else checkName(topic, flag);
}

function checkName(topic: string, flag: string): void {
  const fault = topicNameFault(topic);
  if (fault !== undefined) {
    throw new UsageError(`'${flag}' does not take the topic '${topic}': ${fault}`);
  }
}

function checkFilter(topic: string, flag: string): void {
  const fault = topicFilterFault(topic);
  if (fault !== undefined) {
    throw new UsageError(`'${flag}' does not take the Topic Filter '${topic}': ${fault}`);
  }
}

function setPayload({ messages, isFromFile }: ToolSettings, payload: PayloadSource): void {
  if (messages.payload !== undefined && !isFromFile.payload) {
    throw new UsageError("only one of -m, -f, -l, -s and -n can be used at once");
  }
  isFromFile.payload = false;
  messages.payload = payload;
}
