/**
 * What a load is, as values that go to other threads as they are.
 */

import type { QoS } from "../protocol/packet.ts";
import type { HistogramData } from "./histogram.ts";
import type { ConnectSettings } from "./load_connection.ts";
import type { LoadShape } from "./load_shape.ts";

export interface LoadSettings {
  readonly connect: ConnectSettings;
  readonly shape: LoadShape;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Bytes of a payload, at least `MARK_BYTES`. */
  readonly size: number;
  /** Messages a second of all publishers; 0: as fast as it goes. */
  readonly rate: number;
  /** Messages under way for each publisher; undefined: what suits the QoS and the size. */
  readonly window: number | undefined;
  /** Tells this run from others: in Client Identifiers and topics. */
  readonly run: string;
}

/** A part of a run in which messages are sent: the warm-up, or what is measured. */
export interface LoadPhase {
  /** 32 bits; no other phase has it. */
  readonly tag: number;
  /** The time that stamps count from, of `nowUs`. */
  readonly originUs: number;
  readonly durationMs: number;
  /** Messages of all publishers; Infinity: as many as there is time for. */
  readonly messages: number;
}

/** What one thread has seen in a phase, beside what it has counted. */
export interface PhaseFigures {
  /** Microseconds from when a message was to be sent to its arrival. */
  readonly latency: HistogramData;
  /** Microseconds by which messages of a schedule were sent too late. */
  readonly lateness: HistogramData;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** Messages that were due and have not been sent in time. */
  readonly unsent: number;
  /** Why connections have ended, of all the load; a few of them. */
  readonly endings: readonly string[];
}

/** One thread of a load, here or elsewhere. */
export interface LoadThread {
  /** Connects its clients and subscribes. Rejects with `LoadError`. Returns what is to be noted. */
  connect(): Promise<readonly string[]>;
  /** Gets ready for a phase; nothing is sent before all threads are. */
  begin(phase: LoadPhase): Promise<void>;
  /** Sends what the phase says; resolves when that is over. */
  publish(): Promise<void>;
  figures(): Promise<PhaseFigures>;
  /** Removes what it has retained, and disconnects. Never rejects. */
  close(): Promise<void>;
  /** Ends the phase, or what `connect` does, as soon as possible. */
  stop(): void;
}
