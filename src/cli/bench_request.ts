/**
 * What `bench` is asked for: from the options and the preset to the loads, one after the other.
 *
 * Owns the defaults, and what excludes what. Reads no files and asks no broker.
 */

import type { LoadShape } from "../load/load_shape.ts";
import { shapeProblem } from "../load/load_shape.ts";
import { MARK_BYTES } from "../load/payload_mark.ts";
import type { QoS } from "../protocol/packet.ts";
import {
  type BenchCase,
  type ConnectCase,
  findPreset,
  type MessageCase,
  SERIES,
} from "./bench_presets.ts";

/** What commander collects; undefined: not given. */
export interface BenchFlags {
  readonly host?: string;
  readonly port?: number;
  readonly unix?: string;
  readonly username?: string;
  readonly pw?: string;
  readonly protocolVersion?: string;
  readonly cafile?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly tlsUseOsCerts?: boolean;
  readonly ws?: boolean;
  readonly wsPath?: string;
  readonly pubs?: number;
  readonly subs?: number;
  readonly shape?: "all" | "pairs";
  readonly topics?: number;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly size?: number;
  readonly rate?: number;
  readonly durationMs?: number;
  readonly count?: number;
  readonly warmupMs?: number;
  readonly window?: number;
  readonly connections?: number;
  readonly atOnce?: number;
  readonly threads?: number;
  readonly pid?: number;
  readonly json?: boolean;
}

/** One load of messages, complete. */
export interface MessageRequest {
  readonly kind: "messages";
  readonly name: string;
  readonly shape: LoadShape;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly size: number;
  readonly rate: number;
  readonly window: number | undefined;
  /** Undefined: as long as `messages` takes. */
  readonly durationMs: number | undefined;
  readonly messages: number;
  readonly warmupMs: number;
  readonly threads: number;
}

export interface ConnectRequest extends ConnectCase {
  readonly atOnce: number;
  readonly holdMs: number;
}

export type LoadRequest = MessageRequest | ConnectRequest;

/** The options do not go together; the message is for people. */
export class BenchUsageError extends Error {
  override readonly name = "BenchUsageError";
}

const SIZE = 64;
const DURATION_MS = 5000;
/** Of each load of a series. */
const SERIES_DURATION_MS = 3000;
const WARMUP_MS = 1000;
const HOLD_MS = 2000;
const AT_ONCE = 100;

/** Options that say which load it is, so that there is no series. */
const SHAPE_FLAGS = ["pubs", "subs", "shape", "topics"] as const;
/** Options that mean nothing to clients that only connect. */
const MESSAGE_FLAGS = [
  ...SHAPE_FLAGS,
  "qos",
  "retain",
  "size",
  "rate",
  "count",
  "warmupMs",
  "window",
  "threads",
] as const;

/** Throws `BenchUsageError`. */
export function requestsOf(preset: string | undefined, flags: BenchFlags): readonly LoadRequest[] {
  const cases = casesOf(preset, flags);
  const durationMs = cases.length > 1 ? SERIES_DURATION_MS : DURATION_MS;
  return cases.map((each) =>
    each.kind === "messages" ? messageRequest(each, flags, durationMs) : connectRequest(each, flags)
  );
}

function casesOf(preset: string | undefined, flags: BenchFlags): readonly BenchCase[] {
  if (preset !== undefined) {
    const found = findPreset(preset);
    if (found === undefined) throw new BenchUsageError(`there is no load '${preset}'`);
    return [found];
  }
  if (flags.connections !== undefined) {
    const clients = flags.connections;
    return [{ kind: "connections", name: "connections", clients, isStorm: false }];
  }
  if (SHAPE_FLAGS.every((flag) => flags[flag] === undefined)) return SERIES;
  const shape = flags.shape ?? "all";
  const { pubs: publishers = 1, subs: subscribers = 1 } = flags;
  const name = shape === "pairs" ? "pairs" : nameOf(publishers, subscribers);
  return [{ kind: "messages", name, shape, publishers, subscribers, qos: 0, rate: 0 }];
}

function nameOf(publishers: number, subscribers: number): string {
  return `${publishers} to ${subscribers}`;
}

function messageRequest(load: MessageCase, flags: BenchFlags, durationMs: number): MessageRequest {
  if (flags.connections !== undefined) {
    throw new BenchUsageError(`'--connections' does not go with '${load.name}'`);
  }
  const shape = shapeOf(load, flags);
  const problem = shapeProblem(shape);
  if (problem !== undefined) throw new BenchUsageError(problem);
  const size = flags.size ?? SIZE;
  if (size < MARK_BYTES) {
    throw new BenchUsageError(
      `'--size' must be ${MARK_BYTES} bytes at least: they tell the messages apart`,
    );
  }
  const threads = flags.threads ?? 1;
  if (threads > shape.publishers + shape.subscribers) {
    throw new BenchUsageError("'--threads' must not be more than publishers and subscribers");
  }
  return {
    kind: "messages",
    name: load.name,
    shape,
    qos: flags.qos ?? load.qos,
    retain: flags.retain ?? false,
    size,
    rate: flags.rate ?? load.rate,
    window: flags.window,
    durationMs: flags.durationMs ?? (flags.count === undefined ? durationMs : undefined),
    messages: flags.count ?? Infinity,
    warmupMs: flags.warmupMs ?? WARMUP_MS,
    threads,
  };
}

function shapeOf(load: MessageCase, flags: BenchFlags): LoadShape {
  const kind = flags.shape ?? load.shape;
  const publishers = flags.pubs ?? load.publishers;
  const subscribers = flags.subs ?? load.subscribers;
  const usual = kind === "pairs" ? Math.max(publishers, subscribers) : publishers;
  return { kind, publishers, subscribers, topics: flags.topics ?? usual };
}

function connectRequest(load: ConnectCase, flags: BenchFlags): ConnectRequest {
  const useless = MESSAGE_FLAGS.find((flag) => flags[flag] !== undefined);
  if (useless !== undefined) {
    const option = useless.replace(/Ms$/, "");
    throw new BenchUsageError(
      `'--${option}' does not go with '${load.name}': no messages are sent`,
    );
  }
  return {
    ...load,
    clients: flags.connections ?? load.clients,
    atOnce: flags.atOnce ?? AT_ONCE,
    holdMs: flags.durationMs ?? HOLD_MS,
  };
}
