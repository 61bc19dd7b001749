/**
 * `broker retained list` and `broker retained clear`.
 *
 * Owns what is shown, and the question before something is removed.
 */

import type { RetainedItem, RetainedSummary } from "../../control/items.ts";
import { counted, roughSize } from "../quantity_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { ask } from "./ask.ts";
import type { ControlFlags } from "./control_options.ts";
import { roughDuration, timeText } from "./control_text.ts";
import { ItemList, type ListForm } from "./item_list.ts";
import type { Screen } from "./screen.ts";

export interface RetainedRequest extends ControlFlags {
  /** Undefined: all but $SYS. */
  readonly filter: string | undefined;
  readonly olderThanSeconds: number | undefined;
  readonly json: boolean;
}

export interface ClearRequest extends RetainedRequest {
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** Messages that are shown before it is asked whether they shall go. */
const SHOWN_BEFORE_ASKING = 20;

const NOTHING: RetainedSummary = { count: 0, payloadBytes: 0, unknownAge: 0 };

const FORM: ListForm<RetainedItem> = {
  key: "retained",
  none: "There are no such messages",
  columns: [
    { title: "TOPIC NAME" },
    { title: "BYTES", isNumber: true },
    { title: "QOS", isNumber: true },
    { title: "AGE" },
    { title: "PUBLISHER" },
    { title: "EXPIRES" },
  ],
  orderOf: ({ topicName }) => topicName,
  rows: (message) => [[
    message.topicName,
    String(message.payloadBytes),
    String(message.qos),
    message.ageSeconds === null ? "not known" : roughDuration(message.ageSeconds),
    message.publisher ?? "-",
    timeText(message.expiresAt, "never"),
  ]],
};

export async function listRetained(request: RetainedRequest, terminal: Terminal): Promise<number> {
  return (await list(request, "retained", terminal, {})).exitCode;
}

export async function clearRetained(
  request: ClearRequest,
  terminal: Terminal,
  screen: Screen,
): Promise<number> {
  const { dryRun, yes, json } = request;
  if (dryRun) {
    const { exitCode, summary } = await list(request, "retained", terminal, { dryRun });
    if (exitCode === ExitCode.Ok && !json) {
      writeLines(["", `Would clear ${summaryText(summary)}`], terminal.out);
    }
    return exitCode;
  }
  if (!yes) {
    if (!screen.canAsk) {
      terminal.err("Nobody can be asked here: say --yes to clear them, --dry-run to see them\n");
      return ExitCode.Usage;
    }
    const answer = await confirm(request, terminal, screen);
    if (answer !== undefined) return answer;
  }
  return await clear(request, terminal);
}

/** Undefined: it shall be done; else the exit code. */
async function confirm(
  request: ClearRequest,
  terminal: Terminal,
  screen: Screen,
): Promise<number | undefined> {
  // What is asked is not what was asked for: standard output is for that.
  const asking = { out: terminal.err, err: terminal.err };
  const shown = { ...request, json: false };
  const { exitCode, summary } = await list(shown, "retained", asking, {}, SHOWN_BEFORE_ASKING);
  if (exitCode !== ExitCode.Ok) return exitCode;
  if (summary.count === 0) {
    if (request.json) new ItemList(FORM, { json: true, terminal }).end({ ...summary });
    return exitCode;
  }
  terminal.err(`Clear ${summaryText(summary)}? [y/N] `);
  const answer = await screen.readLine();
  if (answer !== undefined && /^y(es)?$/i.test(answer)) return undefined;
  terminal.err("Nothing was cleared\n");
  return ExitCode.Failure;
}

async function clear(request: ClearRequest, terminal: Terminal): Promise<number> {
  if (request.json) {
    const { exitCode } = await list(request, "clear-retained", terminal, { dryRun: false });
    return exitCode;
  }
  const { exitCode, summary } = await collect(request, "clear-retained", terminal, () => {});
  if (exitCode === ExitCode.Ok) writeLines([`Cleared ${summaryText(summary)}`], terminal.out);
  noteUnknown(summary, terminal);
  return exitCode;
}

interface Outcome {
  readonly exitCode: number;
  readonly summary: RetainedSummary;
}

/** Shows the messages of an answer. `tail`: what the JSON document says besides. */
async function list(
  request: RetainedRequest,
  command: "retained" | "clear-retained",
  terminal: Terminal,
  tail: Readonly<Record<string, unknown>>,
  mostShown = Infinity,
): Promise<Outcome> {
  const { json } = request;
  const items = new ItemList(FORM, { json, terminal, mostShown });
  const outcome = await collect(request, command, terminal, (item) => items.add(item));
  if (outcome.exitCode !== ExitCode.Ok) return outcome;
  items.end({ ...outcome.summary, ...tail });
  noteUnknown(outcome.summary, terminal);
  return outcome;
}

async function collect(
  { filter, olderThanSeconds, ...flags }: RetainedRequest,
  command: "retained" | "clear-retained",
  terminal: Terminal,
  take: (item: RetainedItem) => void,
): Promise<Outcome> {
  let summary = NOTHING;
  const { exitCode } = await ask(
    { config: flags.config, socket: flags.socket },
    { command, arguments: { filter, olderThanSeconds } },
    terminal,
    (item) => {
      if ("topicName" in item) take(item as RetainedItem);
      else summary = item as RetainedSummary;
    },
  );
  return { exitCode, summary };
}

function noteUnknown({ unknownAge }: RetainedSummary, terminal: Terminal): void {
  if (unknownAge === 0) return;
  const line = `Left out: ${counted(unknownAge, "message")} whose age is not known (see 'broker ` +
    "retained list --help')";
  writeLines([line], terminal.err);
}

function summaryText({ count, payloadBytes }: RetainedSummary): string {
  return `${counted(count, "retained message")} (${roughSize(payloadBytes)} of payload)`;
}
