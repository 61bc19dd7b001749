/**
 * The loads that `bench` knows by name, and the short series that it puts on a broker when none is
 * named.
 *
 * Owns their numbers. What the command line says comes before what stands here.
 */

import type { QoS } from "../protocol/packet.ts";

/** Messages from publishers to subscribers. */
export interface MessageCase {
  readonly kind: "messages";
  readonly name: string;
  readonly shape: "all" | "pairs";
  readonly publishers: number;
  readonly subscribers: number;
  readonly qos: QoS;
  /** Messages a second; 0: as fast as it goes. */
  readonly rate: number;
}

/** Clients that connect, and perhaps are cut off and come back. */
export interface ConnectCase {
  readonly kind: "connections";
  readonly name: string;
  readonly clients: number;
  readonly isStorm: boolean;
}

export type BenchCase = MessageCase | ConnectCase;

function messages(
  name: string,
  shape: "all" | "pairs",
  publishers: number,
  subscribers: number,
  more: Partial<MessageCase> = {},
): MessageCase {
  return { kind: "messages", name, shape, publishers, subscribers, qos: 0, rate: 0, ...more };
}

const ONE_TO_ONE = messages("one-to-one", "all", 1, 1);
const FAN_OUT = messages("fan-out", "all", 1, 100);
const FAN_IN = messages("fan-in", "all", 100, 1);
const PAIRS = messages("pairs", "pairs", 50, 50);
const LATENCY = messages("latency", "all", 1, 1, { rate: 1000 });
const CLIENTS = 1000;

export interface Preset {
  /** One line for the help. */
  readonly summary: string;
  readonly load: BenchCase;
}

/** In the order of the help. */
export const PRESETS: readonly Preset[] = [
  { summary: "1 publisher, 1 subscriber", load: ONE_TO_ONE },
  { summary: "1 publisher, 100 subscribers that all receive everything", load: FAN_OUT },
  { summary: "100 publishers, 1 subscriber", load: FAN_IN },
  { summary: "50 publishers, each with its own subscriber", load: PAIRS },
  {
    summary: "10 publishers, 10 subscribers that all receive everything",
    load: messages("every-to-every", "all", 10, 10),
  },
  { summary: "1 publisher, 1 subscriber, 1000 messages a second", load: LATENCY },
  {
    summary: "1000 clients that only connect",
    load: { kind: "connections", name: "connections", clients: CLIENTS, isStorm: false },
  },
  {
    summary: "1000 clients that are cut off and come back at once",
    load: { kind: "connections", name: "reconnect", clients: CLIENTS, isStorm: true },
  },
];

/** What `bench` does without the name of a preset. */
export const SERIES: readonly BenchCase[] = [
  ONE_TO_ONE,
  FAN_OUT,
  FAN_IN,
  PAIRS,
  { ...ONE_TO_ONE, name: "one-to-one, QoS 1", qos: 1 },
  LATENCY,
];

export function findPreset(name: string): BenchCase | undefined {
  return PRESETS.find(({ load }) => load.name === name)?.load;
}
