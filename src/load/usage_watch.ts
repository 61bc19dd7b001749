/**
 * CPU time and memory over a stretch of time: of the broker, of this program, of the machine.
 *
 * Owns what they were at the start. The broker's own figures are known where its process may be looked
 * at. Otherwise, on the same machine, it used at most what all other programs used together.
 */

import { type MachineUsage, machineUsage } from "./machine_usage.ts";
import type { ProcessMeter, ProcessUsage } from "./process_meter.ts";

export interface BrokerUsage {
  /** Undefined where the process is not known; the figures are then those of all other programs. */
  readonly pid: number | undefined;
  readonly program: string | undefined;
  readonly cpuSeconds: number;
  /** Processors that were in use while messages were sent. */
  readonly processors: number;
  readonly rssBytes: number | undefined;
  readonly peakRssBytes: number | undefined;
}

export interface Usage {
  /** Undefined: nothing is known about it. */
  readonly broker: BrokerUsage | undefined;
  /** Why the broker's process is not known. */
  readonly brokerUnknown: string | undefined;
  /** Processors that this program used while messages were sent. */
  readonly generatorProcessors: number;
  readonly generatorCpuSeconds: number;
  /** Processors that other programs used, beside the broker; undefined where that is not known. */
  readonly otherProcessors: number | undefined;
  readonly processors: number;
}

/** The broker's process, or why it cannot be measured. */
export interface BrokerProcess {
  readonly meter: ProcessMeter | undefined;
  readonly unknown: string | undefined;
  /** Whether the broker runs on this machine, as far as its address tells. */
  readonly isLocal: boolean;
}

interface Sample {
  readonly us: number;
  readonly machine: MachineUsage;
  readonly broker: ProcessUsage | undefined;
}

export class UsageWatch {
  readonly #process: BrokerProcess;
  readonly #now: () => number;
  readonly #machine: () => MachineUsage;
  readonly #start: Sample;
  #sent: Sample;

  /** Begins to watch. `now` in microseconds. */
  constructor(process: BrokerProcess, now: () => number, machine = machineUsage) {
    this.#process = process;
    this.#now = now;
    this.#machine = machine;
    this.#start = this.#sample();
    this.#sent = this.#start;
  }

  /** Everything is sent: shares of processors are those until now. */
  allSent(): void {
    this.#sent = this.#sample();
  }

  /** Everything has arrived: CPU time and memory are those until now. */
  end(): Usage {
    const end = this.#sample();
    const seconds = (this.#sent.us - this.#start.us) / 1e6;
    const share = (of: (sample: Sample) => number | undefined): number | undefined => {
      const from = of(this.#start);
      const to = of(this.#sent);
      if (from === undefined || to === undefined || seconds <= 0) return undefined;
      return Math.max(0, to - from) / seconds;
    };
    const generatorProcessors = share(({ machine }) => machine.ownSeconds) ?? 0;
    const busy = share(({ machine }) => machine.busySeconds);
    const broker = share((sample) => sample.broker?.cpuSeconds);
    const rest = busy === undefined ? undefined : Math.max(0, busy - generatorProcessors);
    return {
      broker: this.#brokerUsage(end, broker, rest),
      brokerUnknown: this.#process.unknown,
      generatorProcessors,
      generatorCpuSeconds: end.machine.ownSeconds - this.#start.machine.ownSeconds,
      otherProcessors: broker === undefined || rest === undefined
        ? undefined
        : Math.max(0, rest - broker),
      processors: end.machine.processors,
    };
  }

  #brokerUsage(
    end: Sample,
    processors: number | undefined,
    rest: number | undefined,
  ): BrokerUsage | undefined {
    const { meter, isLocal } = this.#process;
    const { broker } = this.#start;
    if (broker !== undefined && end.broker !== undefined && processors !== undefined) {
      return {
        pid: meter?.pid,
        program: meter?.program,
        cpuSeconds: end.broker.cpuSeconds - broker.cpuSeconds,
        processors,
        rssBytes: end.broker.rssBytes,
        peakRssBytes: end.broker.peakRssBytes,
      };
    }
    if (!isLocal || rest === undefined) return undefined;
    return {
      pid: undefined,
      program: undefined,
      cpuSeconds: rest * (this.#sent.us - this.#start.us) / 1e6,
      processors: rest,
      rssBytes: undefined,
      peakRssBytes: undefined,
    };
  }

  #sample(): Sample {
    return { us: this.#now(), machine: this.#machine(), broker: this.#process.meter?.read() };
  }
}
