/**
 * `broker explain`: whether a client may publish or subscribe, and what decides.
 *
 * Owns the order of the questions, which is the broker's own: is the client let in, with which Client
 * Identifier, does the listener allow it, do the rules. Reads the files that the configuration names;
 * asks no broker, no webhook, and checks no password. Invariant: each answer comes from the code that
 * the broker itself asks.
 */

import { isIP } from "node:net";
import { readConfiguredRules } from "../config/configured_rules.ts";
import { RuleAccess } from "../access/rule_access.ts";
import { RuleEngine } from "../access/rules.ts";
import { loadSettings } from "../config/load.ts";
import { nearest } from "../config/nearest.ts";
import type { ListenerSettings, Settings } from "../config/settings.ts";
import { clientIdentifierFor } from "../net/login_terms.ts";
import { parseSharedFilter, topicFilterFault, topicNameFault } from "../protocol/topic.ts";
import { admit } from "./explain_login.ts";
import { type Answer, decideAccess } from "./explain_rules.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

/** The question. */
export interface Question {
  readonly config: string;
  readonly action: "publish" | "subscribe";
  readonly topic: string;
  readonly clientIdentifier: string;
  readonly username: string | undefined;
  /** Groups that come with the proof of the name. */
  readonly groups: readonly string[];
  /** Undefined: this host, or nothing where clients come by a Unix socket. */
  readonly address: string | undefined;
  /** Undefined: the first one. */
  readonly listener: string | undefined;
  readonly qos: number;
}

const LOOPBACK = "127.0.0.1";

/** What is wrong with the question itself; undefined when nothing is. */
function faultOf({ action, topic, address }: Question): string | undefined {
  const fault = action === "publish" ? topicNameFault(topic) : topicFilterFault(topic);
  if (fault !== undefined) return `Cannot ${action} '${topic}': ${fault}`;
  if (address === undefined || isIP(address) !== 0) return undefined;
  return `Cannot use '${address}' as an address: it is no IP address`;
}

/** Prints the answer and returns the exit code: 0 yes or in part, 1 no, 2 the question is wrong. */
export async function explain(question: Question, terminal: Terminal): Promise<number> {
  const fault = faultOf(question);
  if (fault !== undefined) return refuse(terminal, fault);
  const loaded = await loadSettings(question.config);
  if (!loaded.ok) {
    terminal.err(loaded.report);
    return ExitCode.Usage;
  }
  const { settings } = loaded;
  const listener = findListener(settings, question.listener);
  if (typeof listener === "string") return refuse(terminal, listener);
  try {
    const rules = await readConfiguredRules(settings, loaded);
    const access = new RuleAccess({
      engine: new RuleEngine(rules.layers),
      groups: rules.groups,
      partialSubscriptions: settings.authentication.partialSubscriptions,
    });
    const answer = await answerTo(question, settings, listener, access);
    writeLines(textOf(question, settings, listener, answer), terminal.out);
    return answer.verdict === "no" ? ExitCode.Failure : ExitCode.Ok;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("Cannot ")) throw error;
    return refuse(terminal, error.message);
  }
}

async function answerTo(
  question: Question,
  settings: Settings,
  listener: ListenerSettings,
  access: RuleAccess,
): Promise<Answer> {
  const address = addressOf(question, listener);
  const admitted = await admit({ ...question, address }, listener, settings);
  if (admitted.kind === "rejected") return { verdict: "no", lines: [admitted.cause] };
  const { username, notes } = admitted;
  const named = username ?? question.username;
  const identifier = clientIdentifierFor(listener, question.clientIdentifier, named);
  if (typeof identifier !== "string") {
    return { verdict: "no", lines: [`it may not connect: ${identifier.rule}`, ...notes] };
  }
  const groups = username === undefined ? [] : question.groups;
  const identity = { username, groups, listener: listener.name, address };
  const answer = decideAccess(
    { ...question, topic: mountedTopic(question, listener) },
    access.rulesOf(identifier, identity),
    { settings, listener },
  );
  const renamed = identifier === question.clientIdentifier
    ? []
    : [`its Client Identifier is '${identifier}': use_username_as_clientid`];
  return { ...answer, lines: [...answer.lines, ...notes, ...renamed] };
}

/** As the broker and its rules know it: with the mount point of the listener before it. */
function mountedTopic({ action, topic }: Question, { mountPoint }: ListenerSettings): string {
  const shared = action === "subscribe" ? parseSharedFilter(topic) : undefined;
  return shared === undefined
    ? mountPoint + topic
    : `$share/${shared.shareName}/${mountPoint}${shared.topicFilter}`;
}

function textOf(
  question: Question,
  settings: Settings,
  listener: ListenerSettings,
  { verdict, lines }: Answer,
): string[] {
  const { action, topic, clientIdentifier, username } = question;
  const who = username === undefined ? "anonymous" : `user '${username}'`;
  const address = addressOf(question, listener);
  const from = address === "" ? "a Unix socket" : address;
  const word = { yes: "Yes", part: "In part", no: "No" }[verdict];
  const may = verdict === "no" ? "may not" : "may";
  const mounted = mountedTopic(question, listener);
  const first = `${word}: client '${clientIdentifier}' (${who}, from ${from}, listener ` +
    `'${listener.name}') ${may} ${action}${action === "publish" ? "" : " to"} '${topic}'`;
  const isAssumed = question.listener === undefined && settings.listeners.length > 1;
  return [
    first,
    ...lines.map((line) => `  ${line}`),
    ...(mounted === topic ? [] : [`  with the mount point of its listener, it is '${mounted}'`]),
    ...(isAssumed ? ["  the first listener is assumed; --listener names another one"] : []),
  ];
}

/** By a Unix socket, there is no address. */
function addressOf({ address }: Question, { path }: ListenerSettings): string {
  return path !== undefined ? "" : address ?? LOOPBACK;
}

/** The listener, or what is wrong with its name. */
function findListener(
  { listeners }: Settings,
  name: string | undefined,
): ListenerSettings | string {
  const found = name === undefined ? listeners[0] : listeners.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = listeners.map((each) => each.name);
  const near = name === undefined ? undefined : nearest(name, names);
  const hint = near === undefined ? `they are ${names.join(", ")}` : `did you mean '${near}'?`;
  return `Cannot find the listener '${name}': ${hint}`;
}

function refuse(terminal: Terminal, message: string): number {
  writeLines([message], terminal.err);
  return ExitCode.Usage;
}
