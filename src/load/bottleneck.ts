/**
 * What limited a load: the broker, this generator, or something else; and what that means.
 *
 * Owns the judgement and its words. A program that uses most of a processor for each of its threads
 * can do no more; of the broker, one busy processor is taken for its limit, as it is for brokers that
 * do their work in one thread.
 */

import type { MessageFigures } from "./load_result.ts";
import type { BrokerUsage, Usage } from "./usage_watch.ts";

export type Limit =
  | "broker"
  | "generator"
  | "both"
  | "machine"
  | "neither"
  | "rate"
  | "unknown";

export interface Judgement {
  readonly limit: Limit;
  /** Whole sentences, the most important first. */
  readonly remarks: readonly string[];
}

export interface Evidence {
  readonly figures: MessageFigures;
  readonly usage: Usage;
  readonly threads: number;
  readonly qos: number;
  /** Messages a second that were asked for; 0: as fast as it goes. */
  readonly rate: number;
}

/** Processors for each thread from which on it counts as busy. */
const BUSY = 0.85;
/** Processors that other programs may use before it is worth a remark. */
const DISTURBING = 0.25;
/** The share of all processors in use from which on there is little more to be had. */
const FULL = 0.8;
/** The share of the messages due that may be unsent, and lateness in microseconds, without a remark. */
const UNSENT_SHARE = 0.001;
const LATE_US = 1000;

export function judge(evidence: Evidence): Judgement {
  const { limit, remark } = evidence.rate > 0 ? judgeRate(evidence) : judgeSpeed(evidence);
  const around = limit === "machine" ? [] : surroundings(evidence.usage);
  const remarks = [remark, ...delivery(evidence), ...around];
  return { limit, remarks: remarks.filter((text) => text !== "") };
}

interface Finding {
  readonly limit: Limit;
  readonly remark: string;
}

/** As fast as it goes: somebody must have been at the limit. */
function judgeSpeed({ usage, threads, qos }: Evidence): Finding {
  const { generatorProcessors, broker, processors } = usage;
  const isGeneratorBusy = generatorProcessors >= BUSY * threads;
  const own = `the generator used ${share(generatorProcessors)} of a processor`;
  if (broker === undefined) return judgeAlone(isGeneratorBusy, own);
  const isBrokerBusy = broker.processors >= BUSY;
  const used = `${own}, ${rest(broker)}`;
  // Whether it is the broker that is busy, or another program, cannot be told.
  if (isBrokerBusy && broker.pid === undefined) return judgeAlone(isGeneratorBusy, used);
  if (isBrokerBusy && isGeneratorBusy) {
    const advice = processors <= threads + 1
      ? `They share ${count(processors, "processor")}: compare the CPU time for each message ` +
        "rather than the rates"
      : "With more --threads the broker may show more";
    return { limit: "both", remark: `Broker and generator were both busy: ${used}. ${advice}.` };
  }
  if (isBrokerBusy) return { limit: "broker", remark: `The broker was the limit: ${used}.` };
  if (isGeneratorBusy) {
    return {
      limit: "generator",
      remark: `The generator was the limit, not the broker: ${used}. The broker can do more than ` +
        `these figures say${more(processors, threads)}.`,
    };
  }
  if (isMachineFull(usage, broker)) {
    return {
      limit: "machine",
      remark:
        `The machine was the limit: of its ${count(processors, "processor")} other programs ` +
        `used ${share(usage.otherProcessors ?? 0)} (${used}).`,
    };
  }
  const waiting = qos === 0 ? "the network" : "acknowledgements, and the disk behind them";
  return {
    limit: "neither",
    remark:
      `Neither was busy: ${used}. What limits is waiting, for ${waiting}; --window lets more ` +
      "messages be under way.",
  };
}

/** Other programs take so much that broker and generator cannot have what they would. */
function isMachineFull(usage: Usage, broker: BrokerUsage): boolean {
  const { generatorProcessors, otherProcessors = 0, processors } = usage;
  const used = generatorProcessors + broker.processors + otherProcessors;
  return otherProcessors > DISTURBING && used >= FULL * processors;
}

function judgeAlone(isGeneratorBusy: boolean, used: string): Finding {
  const remark = isGeneratorBusy
    ? `The generator may have been the limit: ${used}.`
    : `The generator was not the limit: ${used}.`;
  return { limit: "unknown", remark };
}

/** At a fixed rate: was it kept, and were the messages sent in time? */
function judgeRate({ figures, usage, threads, rate }: Evidence): Finding {
  const { unsent, sent, latenessUs } = figures;
  const isKept = unsent <= UNSENT_SHARE * (sent + unsent);
  if (isKept && latenessUs.p99 <= LATE_US) return { limit: "rate", remark: "" };
  if (isKept) {
    return {
      limit: "rate",
      remark:
        `The generator sent late, 1 % of the messages by ${latenessUs.p99} us and more: the ` +
        "latency counts from when they were due, so it is the generator's in part.",
    };
  }
  const isBrokerBusy = (usage.broker?.processors ?? 0) >= BUSY;
  const isGeneratorBusy = usage.generatorProcessors >= BUSY * threads;
  const limit = isBrokerBusy ? "broker" : isGeneratorBusy ? "generator" : "unknown";
  const who = isBrokerBusy
    ? "the broker was busy"
    : isGeneratorBusy
    ? "the generator was busy"
    : "neither broker nor generator were busy";
  return {
    limit,
    remark:
      `The rate of ${rate} a second was not reached: ${unsent} of ${sent + unsent} messages ` +
      `were not sent in time; ${who}.`,
  };
}

/** What happened to messages that should not have. */
function delivery({ figures, qos }: Evidence): string[] {
  const { expected, lost, duplicated, outOfOrder, refused, ended, endings } = figures;
  const remarks: string[] = [];
  if (lost > 0) {
    const part = (100 * lost / expected).toPrecision(2);
    remarks.push(`${count(lost, "message")} (${part} %) did not arrive, at QoS ${qos}.`);
  }
  if (refused > 0) remarks.push(`The broker refused ${count(refused, "message")}.`);
  if (duplicated > 0) remarks.push(`${count(duplicated, "message")} came more than once.`);
  if (outOfOrder > 0) remarks.push(`${count(outOfOrder, "message")} came out of order.`);
  if (ended > 0) {
    remarks.push(`${count(ended, "connection")} ended early (${endings.join("; ")}).`);
  }
  return remarks;
}

function surroundings({ otherProcessors, broker, brokerUnknown }: Usage): string[] {
  const remarks: string[] = [];
  if (otherProcessors !== undefined && otherProcessors > DISTURBING) {
    remarks.push(`Other programs used ${share(otherProcessors)} of a processor meanwhile.`);
  }
  if (broker?.pid === undefined && brokerUnknown !== undefined) {
    remarks.push(`The broker's own CPU time and memory are not known: ${brokerUnknown}.`);
  }
  return remarks;
}

function rest({ pid, processors }: BrokerUsage): string {
  const who = pid === undefined ? "all other programs, the broker among them," : "the broker";
  return `${who} ${share(processors)}`;
}

function more(processors: number, threads: number): string {
  return processors > threads + 1
    ? `; try --threads ${threads + 1}`
    : "; load it from another machine to see how much";
}

function share(processors: number): string {
  return processors.toFixed(2);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
